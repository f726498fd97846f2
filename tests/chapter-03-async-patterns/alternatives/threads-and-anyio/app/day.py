"""A day at the desk: it begins and ends with a line on the printer's paper."""

from sqlalchemy import func, select

from app.database import Database
from app.models import Loan
from app.printer import Printer


class Day:
    """Needs an open printer and an open database, at its beginning and at its end."""

    def __init__(self, printer: Printer, database: Database) -> None:
        self._printer = printer
        self._database = database

    def begin(self) -> None:
        """Print how many loans there are in the morning."""
        self._print("begins")

    def end(self) -> None:
        """Print how many loans there are in the evening."""
        self._print("ends")

    def _print(self, what: str) -> None:
        with self._database.sessions() as session:
            loans = session.scalar(select(func.count()).select_from(Loan)) or 0
        self._printer.print_line(f"Day {what}, loans: {loans}")
