"""Lists that are loaded whole, and SQL that a helper writes."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.rows import Tool

router = APIRouter()


def get_session() -> AsyncSession: ...


Db = Annotated[AsyncSession, Depends(get_session)]


async def all_tools(db: AsyncSession) -> list[Tool]:
    return list(await db.scalars(select(Tool)))


async def newest_tools(db: AsyncSession) -> list[Tool]:
    return list(await db.scalars(select(Tool).limit(50)))


@router.get("/whole")
async def whole(db: Db, page: int = 1, size: int = 20):
    tools = await all_tools(db)
    start = (page - 1) * size
    return tools[start : start + size]  # expect: offset-in-query


@router.get("/whole/here")
async def whole_here(db: Db, skip: int = 0, limit: int = 20):
    found = await db.execute(select(Tool))
    tools = found.scalars().all()
    return tools[skip : skip + limit]  # expect: offset-in-query


@router.get("/whole/short")
async def short(db: Db, skip: int = 0, limit: int = 20):
    tools = await newest_tools(db)
    return tools[skip : skip + limit]  # silent: never more than fifty


@router.get("/whole/files")
async def files(skip: int = 0, limit: int = 20):
    names = sorted(folder())
    return names[skip : skip + limit]  # silent: no query


class Window(BaseModel):
    page: int = 1
    limit: int = 20

    def pagination(self) -> str:
        return "LIMIT :limit OFFSET :offset"  # expect: offset-in-query

    def order(self) -> str:
        return "ORDER BY name"

    def params(self) -> dict[str, int]:
        return {"limit": self.limit, "offset": (self.page - 1) * self.limit}


@router.get("/built")
async def built(db: Db, window: Annotated[Window, Query()]):
    sql = f"SELECT * FROM tools {window.order()} {window.pagination()}"
    return await db.fetch(sql, window.params())


def query_of(search: str, skip: int | None) -> str:
    sql = "SELECT * FROM tools"
    if search:
        sql += " WHERE name = %(name)s"
    if skip is not None:
        sql += """
            OFFSET %(offset)s  -- # expect: offset-in-query
            LIMIT 20
        """
    return sql


def values_of(search: str, skip: int | None) -> tuple[list[str], dict[str, object]]:
    return [search], {"name": search, "offset": skip}


@router.get("/built/apart")
async def built_apart(db: Db, search: str, skip: int = 0):
    _, params = values_of(search, skip)
    sql = query_of(search, skip)
    return await db.fetch(sql, params)


@router.get("/built/not-run")
async def built_not_run(search: str, offset: int = 0):
    return {"text": explained(search), "offset": offset}


def explained(search: str) -> str:
    return f"SELECT * FROM {search} LIMIT :limit OFFSET :offset"  # silent: nothing is run with it


@router.get("/marked")
async def marked(db: Db, page_token: str | None = None, limit: int = 20):
    offset = int(page_token) if page_token else 0
    return (await db.scalars(select(Tool).offset(offset).limit(limit))).all()  # expect: offset-in-query


@router.get("/marked/by-key")
async def marked_by_key(db: Db, cursor: str | None = None, limit: int = 20):
    offset = decoded(cursor)
    return (await db.scalars(select(Tool).where(Tool.id > offset).limit(limit))).all()  # silent: a key


@router.get("/narrowed")
async def narrowed(db: Db, lent: bool = False, page: int = 1):
    tools = await all_tools(db) or []
    if lent:
        tools = [tool for tool in tools if tool.lent]
    return tools[(page - 1) * 20 : page * 20]  # expect: offset-in-query


@router.get("/batches")
async def batches(db: Db):
    def rows_from(start: int, end: int):
        return db.table("tools").select("name").range(start, end).execute()  # silent: batch after batch

    return read_all(rows_from)


def search_of(search: Search, window: Window) -> Search:
    return search.extra(
        size=window.limit,
        from_=(window.page - 1) * window.limit,  # expect: offset-in-query
    )


@router.get("/searched")
async def searched(window: Annotated[Window, Query()]):
    return search_of(Search(), window).execute()


class Numbered(BaseModel):
    page: int = 1

    def clause(self) -> str:
        return "LIMIT :limit OFFSET :offset"  # expect: offset-in-query


class Keyed(BaseModel):
    after: int = 0

    def clause(self) -> str:
        return "LIMIT :limit OFFSET :offset"  # silent: no number of the client's is seen
