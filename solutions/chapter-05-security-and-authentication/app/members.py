"""Members: what they see of themselves, and what staff see of them."""

from fastapi import APIRouter, HTTPException, status
from sqlalchemy import delete, select

from app.callers import CurrentCaller
from app.guards import needs
from app.models import Loan, Member
from app.schemas import MemberOut, Problem, RowId, ScopesOrder
from app.session import Session

router = APIRouter(
    responses={
        status.HTTP_401_UNAUTHORIZED: {"model": Problem},
        status.HTTP_403_FORBIDDEN: {"model": Problem},
    }
)
# region 5.6
own = APIRouter(prefix="/me", tags=["me"], dependencies=[needs("me")])
readers = APIRouter(prefix="/members", tags=["members"], dependencies=[needs("members:read")])
admins = APIRouter(prefix="/members", tags=["members"], dependencies=[needs("admin")])
# endregion


@own.get("")
async def read_me(caller: CurrentCaller) -> MemberOut:
    """Your account."""
    return MemberOut.model_validate(caller.member)


@own.delete(
    "", status_code=status.HTTP_204_NO_CONTENT, responses={status.HTTP_409_CONFLICT: {"model": Problem}}
)
async def leave(caller: CurrentCaller, session: Session) -> None:
    """Close your account, when all tools are back."""
    if await session.scalar(select(Loan.id).where(Loan.member_id == caller.member.id).limit(1)) is not None:
        raise HTTPException(status.HTTP_409_CONFLICT, "Bring your tools back first.")
    await session.execute(delete(Member).where(Member.id == caller.member.id))


@readers.get("")
async def list_members(session: Session) -> list[MemberOut]:
    """The first hundred members."""
    members = await session.scalars(select(Member).order_by(Member.id).limit(100))
    return [MemberOut.model_validate(member) for member in members]


@admins.put("/{member_id}/scopes", responses={status.HTTP_404_NOT_FOUND: {"model": Problem}})
async def set_scopes(member_id: RowId, order: ScopesOrder, session: Session) -> MemberOut:
    """Decide what a member may do from now on."""
    member = await session.get(Member, member_id)
    if member is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such member.")
    member.scopes = list(order.scopes)
    return MemberOut.model_validate(member)


for part in (own, readers, admins):
    router.include_router(part)
