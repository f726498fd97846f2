"""The loan book: who has what."""

# region 3.2
from collections.abc import Sequence

from fastapi import HTTPException, status
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.database import SessionMaker
from app.models import Loan
from app.schemas import LoanOrder


async def write_loan(sessions: SessionMaker, order: LoanOrder) -> Loan:
    """Write a new loan, in a session of this task's own; 409 where somebody has the tool already."""
    loan = Loan(tool_id=order.tool_id, member_id=order.member_id)
    try:
        async with sessions.begin() as session:
            session.add(loan)
    except IntegrityError as error:
        raise HTTPException(status.HTTP_409_CONFLICT, "Somebody has this tool already.") from error
    return loan


async def read_loans(sessions: SessionMaker) -> Sequence[Loan]:
    """The first hundred loans."""
    async with sessions() as session:
        return (await session.scalars(select(Loan).order_by(Loan.id).limit(100))).all()


# endregion
