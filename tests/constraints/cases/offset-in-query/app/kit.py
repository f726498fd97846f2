"""Helpers that routers share; what calls some of them cannot be told."""

import celery
from sqlalchemy import Select, func, over, select
from sqlalchemy.ext.asyncio import AsyncSession
from typing import Annotated, Any, NamedTuple, Self

from fastapi import APIRouter, Depends, Query

router = APIRouter()
queue = celery.Celery()


class PaginationParams(NamedTuple):
    page: int
    limit: int


def get_pagination(page: int = Query(1, ge=1), limit: int = Query(20, le=100)) -> PaginationParams:
    return PaginationParams(page, limit)


Pagination = Annotated[PaginationParams, Depends(get_pagination)]


async def paginate(session: AsyncSession, statement: Select, *, pagination: PaginationParams) -> list[object]:
    page, limit = pagination
    statement = statement.offset(limit * (page - 1)).limit(limit)  # expect: offset-in-query
    return list(await session.scalars(statement.add_columns(over(func.count()))))


class Repository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    @classmethod
    def from_session(cls, session: AsyncSession) -> Self:
        return cls(session)

    async def paginated(self, statement: Select, *, limit: int, page: int) -> list[object]:
        return list(
            await self.session.scalars(
                statement.limit(limit).offset(  # expect: offset-in-query
                    (page - 1) * limit
                )
            )
        )


class ToolRepository(Repository):
    def statement(self) -> Select: ...


class ToolService:
    async def list(self, session: AsyncSession, *, pagination: PaginationParams) -> list[object]:
        tools = ToolRepository.from_session(session)
        return await tools.paginated(tools.statement(), limit=pagination.limit, page=pagination.page)

    async def search(self, session: AsyncSession, *, pagination: PaginationParams) -> list[object]:
        return await paginate(session, select(1), pagination=pagination)


tools = ToolService()


@router.get("/tools")
async def list_tools(session: AsyncSession, pagination: Pagination):
    return await tools.list(session, pagination=pagination)


@router.get("/tools/search")
async def search_tools(session: AsyncSession, pagination: Pagination):
    return await tools.search(session, pagination=pagination)


class Window:
    def __init__(self, page: int = 1, size: int = 20) -> None:
        self.page = page
        self.size = size

    def bounds(self) -> tuple[int, int]:
        return (self.page - 1) * self.size, self.size

    @property
    def first_row(self) -> int:
        return self.bounds()[0]


@router.get("/tools/by-window")
async def by_window(session: AsyncSession, window: Annotated[Window, Depends()]):
    skip, limit = window.bounds()
    rows = select(1).offset(skip).limit(limit)  # expect: offset-in-query
    first = select(1).offset(window.first_row)  # expect: offset-in-query
    return await session.scalars(rows), await session.scalars(first)


class Handed:
    """Its objects come out of a container."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def page_of(self, request: PaginationParams) -> Any:
        return await self._page(request.page, request.limit)

    async def _page(self, page: int, limit: int) -> Any:
        return await self.session.scalars(select(1).offset(page * limit))  # expect: offset-in-query


PAGES = {"handed": Handed.page_of}


@queue.task
def export(session: Any, offset: int) -> Any:
    return session.scalars(select(1).offset(offset).limit(500))  # silent: a job of the queue


async def export_all(session: AsyncSession) -> None:
    for offset in range(0, 10_000, 500):
        await part_of_export(session, offset)


async def part_of_export(session: AsyncSession, offset: int) -> Any:
    return await session.scalars(select(1).offset(offset).limit(500))  # silent: only a batch calls it
