from dataclasses import dataclass
from typing import Protocol


@dataclass
class Paging:
    limit: int = 20
    page: int = 1

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.limit


class Account:
    def __init__(self, id: int = 0) -> None:
        self.id = id


class Pager(Protocol):
    async def __call__(self, statement, paging: Paging): ...


class Paginator:
    def __init__(self, page: int = 1, size: int = 20) -> None:  # expect: offset-from-client
        self.page = page
        self.size = size

    def apply(self, db):
        return db.query(object).limit(self.size).offset(self.page * self.size)
