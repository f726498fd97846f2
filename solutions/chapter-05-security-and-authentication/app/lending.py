"""Lending: at the kiosk with its key, elsewhere with one's own token."""

# region 5.5
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, HTTPException, status
from fastapi.security import APIKeyHeader

from app.callers import Token, find_caller
from app.dependencies import Config, ShedClock
from app.keyring import find_key
from app.loans import hand_out
from app.models import Member
from app.schemas import LoanOrder, LoanOut, Problem
from app.session import Session

router = APIRouter(tags=["lending"])
api_key = APIKeyHeader(name="X-API-Key", auto_error=False)
Key = Annotated[str | None, Depends(api_key)]


class Lender(NamedTuple):
    """Whoever hands out tools, and to whom: `None` is to anybody."""

    to_member: int | None


async def current_lender(key: Key, token: Token, session: Session, settings: Config) -> Lender:
    """A machine with a key or a member with a token; neither scheme refuses before the other was looked at."""
    if key is not None:
        row = await find_key(session, key)
        if row is None:
            raise HTTPException(
                status.HTTP_401_UNAUTHORIZED,
                "This key opens nothing.",
                headers={"WWW-Authenticate": "APIKey"},
            )
        return _lender(frozenset(row.scopes))
    caller = await find_caller(token, session, settings)
    return _lender(caller.granted.intersection(caller.member.scopes), caller.member)


def _lender(held: frozenset[str], member: Member | None = None) -> Lender:
    if "loans:write" in held:
        return Lender(to_member=None)
    if member is not None and "loans:own" in held:
        return Lender(to_member=member.id)
    raise HTTPException(
        status.HTTP_403_FORBIDDEN,
        "This needs the scope `loans:write`.",
        headers={"WWW-Authenticate": 'Bearer error="insufficient_scope", scope="loans:write"'},
    )


@router.post(
    "/loans",
    status_code=status.HTTP_201_CREATED,
    responses={
        status.HTTP_401_UNAUTHORIZED: {"model": Problem},
        status.HTTP_403_FORBIDDEN: {"model": Problem},
        status.HTTP_404_NOT_FOUND: {"model": Problem},
        status.HTTP_409_CONFLICT: {"model": Problem},
    },
)
async def lend(
    order: LoanOrder,
    lender: Annotated[Lender, Depends(current_lender)],
    session: Session,
    clock: ShedClock,
) -> LoanOut:
    """Lend a tool to a member."""
    if lender.to_member not in (None, order.member_id):
        raise HTTPException(status.HTTP_403_FORBIDDEN, "You take tools for yourself only.")
    return await hand_out(order, session, await clock.now())


# endregion
