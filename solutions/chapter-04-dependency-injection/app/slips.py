"""The slip that a member gets at the counter, and its carbon copy."""

# region 4.3
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, status
from sqlalchemy import func, select

from app.auth import CurrentMember
from app.dependencies import Config
from app.models import Loan
from app.numbers import draw_number
from app.schemas import Problem, Slip
from app.session import Session

router = APIRouter(prefix="/slips", tags=["slips"], responses={status.HTTP_403_FORBIDDEN: {"model": Problem}})


async def greeting(member: CurrentMember) -> str:
    """The first line."""
    if member.blocked:
        raise HTTPException(status.HTTP_403_FORBIDDEN, "Your membership is blocked.")
    return f"Hello, {member.name}."


async def balance(member: CurrentMember) -> int:
    """Cents that the shed owes the member; negative when it is the other way round."""
    return member.balance_cents


async def trainings(member: CurrentMember) -> list[str]:
    """What the member has learnt, in alphabetical order."""
    return sorted(member.trainings)


async def open_loans(member: CurrentMember, session: Session) -> int:
    """How many tools the member has."""
    count = select(func.count()).where(Loan.member_id == member.id, Loan.returned_at.is_(None))
    return (await session.scalars(count)).one()


async def standing(member: CurrentMember, settings: Config) -> str:
    """Whether the member's debt stops lending."""
    return "in debt" if -member.balance_cents >= settings.debt_limit_cents else "good"


FreshNumber = Annotated[int, Depends(draw_number, use_cache=False)]


@router.post("", status_code=status.HTTP_201_CREATED)
async def print_slip(
    greeting: Annotated[str, Depends(greeting)],
    balance: Annotated[int, Depends(balance)],
    trainings: Annotated[list[str], Depends(trainings)],
    open_loans: Annotated[int, Depends(open_loans)],
    standing: Annotated[str, Depends(standing)],
    slip_number: FreshNumber,
    copy_number: FreshNumber,
) -> Slip:
    """Print the slip."""
    return Slip(
        greeting=greeting,
        balance_cents=balance,
        trainings=trainings,
        open_loans=open_loans,
        standing=standing,
        slip_number=slip_number,
        copy_number=copy_number,
    )


# endregion
