"""Shelf, loan book and journal as one service; it writes and leaves the commit to its caller."""

from datetime import date, datetime
from typing import Annotated

from fastapi import Depends, HTTPException
from sqlalchemy import exists, select

from app.models import Event, Loan, Member, Tool
from app.session import Session


class Desk:
    """What happens at the counter."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def lend(self, tool: Tool, member: Member, at: datetime, due_on: date) -> Loan:
        """Take a copy from the shelf and write it down."""
        has_it = exists().where(
            Loan.tool_id == tool.id, Loan.member_id == member.id, Loan.returned_at.is_(None)
        )
        if await self._session.scalar(select(has_it)):
            raise HTTPException(409, "You have this tool already.")
        await self._session.refresh(tool, ["available"], with_for_update=True)
        if tool.available < 1:
            raise HTTPException(409, "The last copy has just gone.")
        tool.available -= 1
        loan = Loan(
            tool_id=tool.id, member_id=member.id, taken_at=at, due_on=due_on, returned_at=None, fee_cents=0
        )
        self._session.add_all((loan, Event(kind="tool.taken", tool_id=tool.id, at=at)))
        await self._session.flush()
        return loan

    async def take_back(self, loan: Loan, at: datetime, fee_cents: int) -> None:
        """Put the copy back on the shelf and write it down."""
        loan.tool.available = Tool.available + 1
        loan.returned_at, loan.fee_cents = at, fee_cents
        self._session.add(Event(kind="tool.returned", tool_id=loan.tool_id, at=at))
        await self._session.flush()


TheDesk = Annotated[Desk, Depends()]
