"""SQL that is written as text."""

import logging

import asyncpg
from fastapi import APIRouter, HTTPException, Query
from sqlalchemy import text

from app.main import Db

router = APIRouter()
log = logging.getLogger(__name__)


class Builder:
    def __init__(self, table: str) -> None:
        self.table = table
        self.start: int | str | None = None
        self.count: int | str | None = None

    def offset(self, value: int | str) -> "Builder":
        self.start = value
        return self

    def limit(self, value: int | str) -> "Builder":
        self.count = value
        return self

    def build(self) -> str:
        query = f"SELECT * FROM {self.table}"
        if self.start is not None:
            query += f" OFFSET {self.start}"  # expect: offset-in-query
        if self.count is not None:
            query += f" LIMIT {self.count}"
        return query


class Rows:
    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool

    async def run(self, query: str, values: list[object]) -> list[object]:
        return await self.pool.fetch(query, *values)


@router.get("/a")
async def in_pieces(rows: Rows, table: str, skip: int = 0, limit: int = 20):
    values: list[object] = []
    conditions = ["deleted IS NULL"]
    query = f"SELECT * FROM tools WHERE {' AND '.join(conditions)} ORDER BY id"
    query += f" OFFSET ${len(values) + 1}"  # expect: offset-in-query
    values.append(skip)
    query += f" LIMIT ${len(values) + 1}"
    values.append(limit)
    return await rows.run(query, values)


@router.get("/b")
async def over_many_lines(rows: Rows, offset: int = 0):
    query = """
        SELECT id, name
        FROM tools
        ORDER BY id
        OFFSET $1 LIMIT 20 -- # expect: offset-in-query
    """
    return await rows.run(query, [offset])


@router.get("/c")
async def by_builder(rows: Rows, offset: int = 0, limit: int = 20):
    query = Builder("tools").offset("$1").limit("$2").build()
    return await rows.run(query, [offset, limit])


@router.get("/d")
def bound_to_text(db: Db, offset: int = 0):
    page = text("SELECT * FROM tools LIMIT 20 OFFSET :offset")  # expect: offset-in-query
    return db.execute(page.bindparams(offset=offset)).all()


@router.get("/e")
def joined(db: Db, page: int = 1):
    parts = ["SELECT * FROM tools"]
    parts.append(f"LIMIT 20 OFFSET {(page - 1) * 20}")  # expect: offset-in-query
    return db.execute(text(" ".join(parts))).all()


@router.get("/q")
async def spoken_of(rows: Rows, offset: int = Query(0, description="limit and offset of the list"), limit: int = 20):
    """Select a page: limit and offset."""
    log.info(f"select limit {limit} offset {offset}")  # silent: a log
    if offset < 0:
        raise HTTPException(422, f"limit {limit} offset {offset}")  # silent: an answer
    if offset + limit > 10_000:
        why = f"The search result limit + offset must be no more than {10_000}."  # silent: words for the client
        raise HTTPException(422, f"{why} It was {offset}.")
    return await rows.run("SELECT * FROM tools WHERE level > $1 LIMIT 20", [offset])  # silent: no paging


@router.get("/r")
async def first_rows(rows: Rows, page: int = 1):
    query = "SELECT * FROM tools LIMIT $1 OFFSET 0"  # silent: always the first
    return {"page": page, "rows": await rows.run(query, [20])}


async def in_batches(rows: Rows) -> None:
    start = 0
    while await rows.run("SELECT * FROM tools LIMIT 500 OFFSET $1", [start]):  # silent: a batch
        start += 500
