"""The slip that a member gets at the counter, and its carbon copy."""

# region 4.3
# TODO(4.3): read the member once. Let the five helpers ask for the member instead of looking it up again;
# and give slip and copy a number each.
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, status
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import CurrentMember
from app.dependencies import Config
from app.models import Loan, Member
from app.numbers import draw_number
from app.schemas import Problem, Slip
from app.session import Session
from app.settings import Settings

router = APIRouter(prefix="/slips", tags=["slips"], responses={status.HTTP_403_FORBIDDEN: {"model": Problem}})

SlipNumber = Annotated[int, Depends(draw_number)]


async def look_up(session: AsyncSession, member_id: int) -> Member:
    """The member's row as it is now."""
    return (await session.scalars(select(Member).where(Member.id == member_id))).one()


async def greeting(session: AsyncSession, member_id: int) -> str:
    """The first line."""
    member = await look_up(session, member_id)
    if member.blocked:
        raise HTTPException(status.HTTP_403_FORBIDDEN, "Your membership is blocked.")
    return f"Hello, {member.name}."


async def balance(session: AsyncSession, member_id: int) -> int:
    """Cents that the shed owes the member; negative when it is the other way round."""
    return (await look_up(session, member_id)).balance_cents


async def trainings(session: AsyncSession, member_id: int) -> list[str]:
    """What the member has learnt, in alphabetical order."""
    return sorted((await look_up(session, member_id)).trainings)


async def open_loans(session: AsyncSession, member_id: int) -> int:
    """How many tools the member has."""
    member = await look_up(session, member_id)
    count = select(func.count()).where(Loan.member_id == member.id, Loan.returned_at.is_(None))
    return (await session.scalars(count)).one()


async def standing(session: AsyncSession, member_id: int, settings: Settings) -> str:
    """Whether the member's debt stops lending."""
    member = await look_up(session, member_id)
    return "in debt" if -member.balance_cents >= settings.debt_limit_cents else "good"


@router.post("", status_code=status.HTTP_201_CREATED)
async def print_slip(
    member: CurrentMember,
    session: Session,
    settings: Config,
    slip_number: SlipNumber,
    copy_number: SlipNumber,
) -> Slip:
    """Print the slip."""
    return Slip(
        greeting=await greeting(session, member.id),
        balance_cents=await balance(session, member.id),
        trainings=await trainings(session, member.id),
        open_loans=await open_loans(session, member.id),
        standing=await standing(session, member.id, settings),
        slip_number=slip_number,
        copy_number=copy_number,
    )


# endregion
