"""The three helpers at the counter: shelf, loan book and journal."""

# region 4.1
# TODO(4.1): one session for all three. Each helper opens a session of its own, commits it on its own and never
# closes it; let them share the session of the request (`session.py`), which is committed once, at the end.
from datetime import date, datetime
from typing import Annotated

from fastapi import Depends, HTTPException, status
from sqlalchemy import select, update

from app.dependencies import Sessions
from app.models import Event, Loan, Tool


class Shelf:
    """Where the copies of a tool stand."""

    def __init__(self, sessions: Sessions) -> None:
        self._session = sessions()

    async def take(self, tool_id: int) -> None:
        """Take one copy; 409 where none is left."""
        taken = await self._session.scalar(
            update(Tool)
            .where(Tool.id == tool_id, Tool.available > 0)
            .values(available=Tool.available - 1)
            .returning(Tool.id)
        )
        if taken is None:
            raise HTTPException(status.HTTP_409_CONFLICT, "No copy of this tool is left.")
        await self._session.commit()

    async def put_back(self, tool_id: int) -> None:
        """Put one copy back."""
        await self._session.execute(
            update(Tool).where(Tool.id == tool_id).values(available=Tool.available + 1)
        )
        await self._session.commit()


class LoanBook:
    """Who has what until when."""

    def __init__(self, sessions: Sessions) -> None:
        self._session = sessions()

    async def open(self, tool_id: int, member_id: int, at: datetime, due_on: date) -> Loan:
        """Write a new loan; 409 where the member has this tool already."""
        has_it = select(Loan.id).where(
            Loan.tool_id == tool_id, Loan.member_id == member_id, Loan.returned_at.is_(None)
        )
        if await self._session.scalar(has_it) is not None:
            raise HTTPException(status.HTTP_409_CONFLICT, "You have this tool already.")
        loan = Loan(tool_id=tool_id, member_id=member_id, taken_at=at, due_on=due_on)
        self._session.add(loan)
        await self._session.commit()
        return loan


class Journal:
    """What happened at the counter, line by line."""

    def __init__(self, sessions: Sessions) -> None:
        self._session = sessions()

    async def note(self, kind: str, tool_id: int, at: datetime) -> None:
        """Write one line."""
        self._session.add(Event(kind=kind, tool_id=tool_id, at=at))
        await self._session.commit()


TheShelf = Annotated[Shelf, Depends()]
TheLoanBook = Annotated[LoanBook, Depends()]
TheJournal = Annotated[Journal, Depends()]
# endregion
