"""Routes that a class sets up, with services that are injected into it."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from fastapi import APIRouter, Depends, Query
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

T = TypeVar("T")


class Base: ...


class LoanRow(Base): ...


class Connections:
    async def fetch_rows(self, query: str, values: list[object]) -> list[dict]: ...


class MemberStore:
    def __init__(self, connections: Connections) -> None:
        self.connections = connections

    async def members(self, *, offset: int, limit: int) -> list[dict]:
        values: list[object] = ["member"]
        query = f"""
            SELECT * FROM {self.table("members")}
            WHERE kind = $1
            ORDER BY id
            OFFSET ${len(values) + 1}
        """
        values.append(offset)
        query += f" LIMIT {limit}"
        return await self.connections.fetch_rows(query, values)

    def table(self, name: str) -> str:
        return f"toolshed.{name}"


class Repository(Generic[T]):
    row: type[T]

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def get_multi(self, skip: int = 0, limit: int = 100) -> list[T]:
        return list(await self.session.scalars(select(self.row).offset(skip).limit(limit)))

    async def paginate(self, statement: Select, *, limit: int, page: int) -> list[T]:
        return list(await self.session.scalars(statement.limit(limit).offset((page - 1) * limit)))


class LoanRepository(Repository[LoanRow]):
    row = LoanRow


@dataclass
class Stores:
    members: MemberStore
    loans: LoanRepository


class MemberService:
    def __init__(self, stores: Stores) -> None:
        self.stores = stores

    async def overview(self, offset: int, limit: int) -> list[dict]:
        return await self.stores.members.members(offset=offset, limit=limit)


class BaseRoutes:
    def __init__(self, members: MemberService, stores: Stores) -> None:
        self.members = members
        self.stores = stores
        self.router = APIRouter()
        self.set_up()

    def answer(self, function):
        return function

    def set_up(self) -> None: ...


class MemberRoutes(BaseRoutes):
    def set_up(self) -> None:
        @self.router.get("/members")
        @self.answer
        async def list_members(
            ids: list[str] = Query([]),
            offset: int = Query(0, ge=0),  # expect: offset-from-client
            limit: int = Query(100, ge=1, le=1000),
        ):
            return await self.members.overview(offset=offset, limit=limit)

        @self.router.get("/loans")
        async def list_loans(skip: int = 0):  # expect: offset-from-client
            return await self.stores.loans.get_multi(skip=skip)

        @self.router.get("/loans/by-page")
        async def list_loans_by_page(page: int = 1, limit: int = Query(20, le=100)):  # expect: offset-from-client
            return await self.stores.loans.paginate(select(LoanRow), limit=limit, page=page)

        @self.router.get("/loans/first")
        async def first_loans(limit: int = Query(20, le=100)):
            return await self.stores.loans.get_multi(limit=limit)  # silent: from the first row

        @self.router.get("/loans/capped")
        async def few_loans(skip: int = Query(0, le=100)):  # silent: a short list
            return await self.stores.loans.get_multi(skip=skip)


def guarded(method, path: str):
    def register(function):
        return method(path)(function)

    return register


plain = APIRouter()


@guarded(plain.get, "/members/by-guard")
async def behind_a_guard(members: MemberService, offset: int = Query(0, ge=0)):  # expect: offset-from-client
    return await members.overview(offset=offset, limit=20)
