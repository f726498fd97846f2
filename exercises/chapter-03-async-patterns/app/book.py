"""The loan book: who has what."""

# region 3.2
# TODO(3.2): all requests share one session, which works as long as they come one at a time. Give each request a
#            session of its own, commit what it wrote, and answer 409 where the database refuses.
from collections.abc import Sequence
from functools import cache

from fastapi import HTTPException, status
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.database import SessionMaker
from app.models import Loan
from app.schemas import LoanOrder


@cache
def the_session(sessions: SessionMaker) -> AsyncSession:
    """The session of the loan book."""
    return sessions()


async def write_loan(sessions: SessionMaker, order: LoanOrder) -> Loan:
    """Write a new loan."""
    session = the_session(sessions)
    query = select(Loan).where(Loan.tool_id == order.tool_id)
    if await session.scalar(query) is not None:
        raise HTTPException(status.HTTP_409_CONFLICT, "Somebody has this tool already.")
    loan = Loan(tool_id=order.tool_id, member_id=order.member_id)
    session.add(loan)
    await session.commit()
    return loan


async def read_loans(sessions: SessionMaker) -> Sequence[Loan]:
    """The first hundred loans."""
    session = the_session(sessions)
    loans = (await session.scalars(select(Loan).order_by(Loan.id).limit(100))).all()
    await session.commit()
    return loans


# endregion
