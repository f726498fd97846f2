"""Windows that are dictionaries, and methods that could begin at any row."""

from typing import Annotated, Union

from elasticsearch_dsl import Search
from fastapi import APIRouter, Depends, Query, Request
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


# What functions give back, and windows that go elsewhere.


class Listing:
    def __init__(self, page_offset: int = 0, page_number: int | None = None, after: int = 0) -> None:
        self.page_offset = page_offset
        self.page_number = page_number
        self.after = after


class Shelf:
    def criteria_of(self, listing):
        found = {"limit": 20}
        if getattr(listing, "page_offset", False):
            found["skip"] = listing.page_offset
        elif isinstance(listing.page_number, int):
            found["skip"] = (listing.page_number - 1) * found["limit"]
        return found

    def after_of(self, listing):
        return {"limit": 20, "after": listing.after}

    def find(self, tools, listing):
        criteria = self.criteria_of(listing)
        return tools.find(skip=criteria.get("skip", 0), limit=criteria["limit"])  # expect: offset-in-query

    def newer(self, tools, listing):
        criteria = self.after_of(listing)
        return tools.find(min=criteria["after"], limit=criteria["limit"])  # silent: a cursor


shelf = Shelf()


@router.get("/listing")
def by_listing(tools, listing: Annotated[Listing, Depends()]):
    return [*shelf.find(tools, listing), *shelf.newer(tools, listing)]


@router.get("/searched")
def searched(offset: int = 0, limit: int = 20):
    search = Search(index="tools").query("match", name="saw").sort("name")
    rows = Found(index="tools")[offset : offset + limit]  # silent: a list of the project's own
    search = search[offset : offset + limit]  # expect: offset-in-query
    return [*rows, *search.execute()]


class Found(list): ...


@router.get("/first-rows")
def first_rows(db: Session, page: int = 1):
    if (start := (page - 1) * 20) > 0:
        return db.scalars(select(Tool).offset(start).limit(20)).all()  # expect: offset-in-query
    return db.scalars(select(Tool).limit(20)).all()


@router.get("/asked")
def asked(request: Request, db: Session):
    query = dict(request.query_params)
    return db.scalars(select(Tool).offset(int(query.get("skip", 0)))).all()  # expect: offset-in-query


class Window:
    def __init__(self) -> None:
        self.offset = 0
        self.title = ""


def rows_in(db: Session, window: Window):
    return db.scalars(select(Tool).offset(window.offset).limit(20)).all()  # expect: offset-in-query


def rows_of(db: Session, window: Window):
    return db.scalars(select(Tool).where(Tool.name > window.title).limit(20)).all()  # silent: a cursor


@router.get("/window")
def in_a_window(db: Session, page: int = 1):
    window = Window()
    window.offset = (page - 1) * 20
    return [*rows_in(db, window), *rows_of(db, window)]
