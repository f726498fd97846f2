"""What is written when a tool changes hands."""

from datetime import date, datetime

from fastapi import HTTPException
from sqlalchemy import orm, select

from app.models import Event, Loan, Member, Tool


def lend(session: orm.Session, tool: Tool, member: Member, now: datetime, due_on: date) -> Loan:
    """Shelf, loan book, journal."""
    open_loans = session.scalars(
        select(Loan.tool_id).where(Loan.member_id == member.id, Loan.returned_at.is_(None))
    )
    if tool.id in set(open_loans):
        raise HTTPException(409, "One of each is enough.")
    tool.available = Tool.available - 1
    loan = Loan(
        tool_id=tool.id, member_id=member.id, taken_at=now, due_on=due_on, returned_at=None, fee_cents=0
    )
    session.add(loan)
    session.add(Event(kind="tool.taken", tool_id=tool.id, at=now))
    session.flush()
    return loan


def take_back(session: orm.Session, loan: Loan, now: datetime, fee_cents: int) -> None:
    """Shelf, loan book, journal."""
    loan.tool.available = Tool.available + 1
    loan.returned_at = now
    loan.fee_cents = fee_cents
    session.add(Event(kind="tool.returned", tool_id=loan.tool_id, at=now))
    session.flush()
