"""The slip that a member gets at the counter, and its carbon copy."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from sqlalchemy import func, select

from app.auth import CurrentMember
from app.dependencies import Config
from app.models import Loan
from app.numbers import draw_number
from app.schemas import Problem, Slip
from app.session import Session

router = APIRouter(prefix="/slips", tags=["slips"], responses={403: {"model": Problem}})

Number = Annotated[int, Depends(draw_number, use_cache=False)]


class Standing:
    """What the shed thinks of a member."""

    def __init__(self, member: CurrentMember, session: Session, settings: Config) -> None:
        if member.blocked:
            raise HTTPException(403, "Blocked.")
        self.greeting = f"Hello, {member.name}."
        self.balance_cents = member.balance_cents
        self.trainings = sorted(member.trainings)
        self.open_loans = session.scalars(
            select(func.count(Loan.id)).filter_by(member_id=member.id, returned_at=None)
        ).one()
        self.standing = "in debt" if member.balance_cents <= -settings.debt_limit_cents else "good"


@router.post("", status_code=201)
def print_slip(standing: Annotated[Standing, Depends()], slip: Number, copy: Number) -> Slip:
    """Print the slip."""
    return Slip(
        greeting=standing.greeting,
        balance_cents=standing.balance_cents,
        trainings=standing.trainings,
        open_loans=standing.open_loans,
        standing=standing.standing,
        slip_number=slip,
        copy_number=copy,
    )
