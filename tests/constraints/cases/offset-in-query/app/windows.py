"""Windows that are dictionaries, and methods that could begin at any row."""

from typing import Union

from fastapi import APIRouter, Query
from pymongo.asynchronous.database import AsyncDatabase
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.rows import Tool

router = APIRouter()
LARGEST = 50


class Documents:
    async def spread(self, db: AsyncDatabase, *, page: int = 0, cut: bool = False) -> list[dict]:
        window = {"skip": page * LARGEST, "limit": LARGEST} if cut else {}  # expect: offset-in-query
        return [one async for one in db["tools"].find({}, **window)]

    async def at_once(self, db: AsyncDatabase, offset: int) -> list[dict]:
        return await db["tools"].find_many({}, **{"offset": offset, "limit": 20})  # expect: offset-in-query


documents = Documents()


@router.get("/documents")
async def list_documents(db: AsyncDatabase, page: int = 0) -> dict:
    rows = await documents.spread(db, page=page, cut=True)
    return {"rows": rows, "skip": page * LARGEST, "limit": LARGEST}  # silent: an answer


@router.get("/documents-at-once")
async def list_documents_at_once(db: AsyncDatabase, skip: int = 0) -> list[dict]:
    return await documents.at_once(db, offset=skip)


@router.get("/either")
def of_a_union(db: Session, offset: Union[int, None] = Query(0), after: Union[str, None] = None) -> list[Tool]:
    known = db.scalars(select(Tool).where(Tool.id > after).limit(20)).all()  # silent: a cursor
    return known + db.scalars(select(Tool).limit(20).offset(offset)).all()  # expect: offset-in-query


class Rows:
    def first(self, db: Session, *, skip: int = 0, limit: int = 20) -> list[Tool]:
        return db.scalars(select(Tool).offset(skip).limit(limit)).all()  # expect: offset-in-query

    def walked(self, db: Session, *, offset: int = 0) -> list[Tool]:
        return db.scalars(select(Tool).offset(offset).limit(500)).all()  # silent: the service walks through all of them


@router.get("/rows")
def list_rows(db: Session, limit: int = 20) -> list[Tool]:
    return Rows().first(db, limit=limit)


@router.get("/all-rows")
def all_rows(db: Session) -> list[Tool]:
    return [row for start in range(0, 5000, 500) for row in Rows().walked(db, offset=start)]


SHOWN = {"first": Rows.first, "walked": Rows.walked}


def left_over(db: Session, *, offset: int = 0) -> list[Tool]:
    return db.scalars(select(Tool).offset(offset).limit(500)).all()  # silent: nothing so much as names it
