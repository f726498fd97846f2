"""A day at the desk: it begins and ends with a line on the printer's paper."""

from fastapi.concurrency import run_in_threadpool
from sqlalchemy import func, select

from app.database import SessionMaker
from app.models import Loan
from app.printer import Printer


class Day:
    """Needs an open printer and an open database, at its beginning and at its end."""

    def __init__(self, printer: Printer, sessions: SessionMaker) -> None:
        self._printer = printer
        self._sessions = sessions

    async def begin(self) -> None:
        """Print how many loans there are in the morning."""
        await self._print("begins")

    async def end(self) -> None:
        """Print how many loans there are in the evening."""
        await self._print("ends")

    async def _print(self, what: str) -> None:
        async with self._sessions() as session:
            loans = await session.scalar(select(func.count()).select_from(Loan)) or 0
        await run_in_threadpool(self._printer.print_line, f"Day {what}, loans: {loans}")
