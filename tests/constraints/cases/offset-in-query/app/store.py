from sqlalchemy import select
from sqlalchemy.orm import Session

from app.rows import Tool


class ToolStore:
    def __init__(self, session: Session) -> None:
        self.session = session

    def page(self, first: int, count: int) -> list[Tool]:
        return self._page(start=first, count=count)

    def _page(self, *, start: int, count: int) -> list[Tool]:
        rows = select(Tool).limit(count).offset(start)  # expect: offset-in-query
        return list(self.session.scalars(rows))

    def in_parts(self) -> None:
        self.part(0)

    def part(self, number: int) -> list[Tool]:
        return list(self.session.scalars(select(Tool).offset(number)))  # silent: no request's number
