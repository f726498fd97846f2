import random
from typing import Annotated

from fastapi import Depends, FastAPI, Query, Request
from fastcrud import FastCRUD
from pydantic import BaseModel, Field
from sqlalchemy import bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session
from sqlalchemy_filters import apply_pagination

from app.rows import Tool
from app.store import ToolStore

app = FastAPI()
crud = FastCRUD(Tool)
SHELF = [Tool(id=n) for n in range(9)]
PAGE = "SELECT * FROM tools ORDER BY id LIMIT :limit OFFSET :offset"


class Paging(BaseModel):
    skip: int = Field(0, ge=0)
    limit: int = Field(20, ge=1, le=100)


def get_session() -> Session: ...


def get_commons(page: int = 1, per_page: int = 20) -> dict[str, int]:
    return {"page": page, "per_page": per_page}


def get_store() -> ToolStore: ...


Db = Annotated[Session, Depends(get_session)]


@app.get("/a")
def plain(db: Db, skip: int = 0, limit: int = 20):
    return db.scalars(select(Tool).offset(skip).limit(limit)).all()  # expect: offset-in-query


@app.get("/b")
def page_number(db: Db, page: int = 1, size: int = 20):
    start = (page - 1) * size
    rows = db.query(Tool).order_by(Tool.id)
    rows = (
        rows.limit(size)
        .offset(start)  # expect: offset-in-query
    )
    return rows.all()


@app.get("/c/{page}")
def page_in_path(db: Db, page: int):
    def rows():
        return db.query(Tool).offset(page * 20)  # expect: offset-in-query

    return rows().all()


@app.get("/d")
def in_a_model(db: Db, paging: Annotated[Paging, Query()]):
    return db.query(Tool).offset(paging.skip).limit(paging.limit).all()  # expect: offset-in-query


@app.get("/e")
def in_a_dictionary(db: Db, commons: Annotated[dict[str, int], Depends(get_commons)]):
    page, per_page = commons["page"], commons["per_page"]
    return db.query(Tool).slice(page * per_page, (page + 1) * per_page).all()  # expect: offset-in-query


@app.get("/f")
def sliced_query(db: Db, offset: int = 0, limit: int = 20):
    query = db.query(Tool).order_by(Tool.id)
    return query[offset : offset + limit]  # expect: offset-in-query


@app.get("/g")
def in_sql(db: Db, limit: int = 20, offset: int = 0):
    values = {"limit": limit, "offset": offset}
    db.execute(text(f"SELECT * FROM tools LIMIT {limit} OFFSET {offset}"))  # expect: offset-in-query
    return db.execute(text(PAGE), values).all()  # expect: offset-in-query


@app.get("/h")
async def with_placeholders(pool, limit: int = 20, offset: int = 0):
    values = [limit]
    values.append(offset)
    return await pool.fetch("SELECT * FROM tools LIMIT $1 OFFSET $2", *values)  # expect: offset-in-query


@app.get("/i")
async def by_library(db: Annotated[AsyncSession, Depends(get_session)], page: int = 1):
    return await crud.get_multi(
        db=db, offset=(page - 1) * 20, limit=20  # expect: offset-in-query
    )


@app.get("/j")
def by_helper(db: Db, page: int = 1, size: int = 20):
    query, _ = apply_pagination(db.query(Tool), page_number=page, page_size=size)  # expect: offset-in-query
    return query.all()


@app.get("/k")
async def in_documents(tools, skip: int = 0):
    found = tools.find({}).sort("name").skip(skip).limit(20)  # expect: offset-in-query
    await tools.find_many(take=20, skip=skip)  # expect: offset-in-query
    stages = [
        {"$skip": skip},  # expect: offset-in-query
        {"$limit": 20},
    ]
    return await found.to_list(), await tools.aggregate(stages)


@app.get("/l")
def from_request(request: Request, db: Db):
    page = int(request.query_params.get("page", 1))
    return db.query(Tool).offset(page * 20).limit(20).all()  # expect: offset-in-query


@app.get("/m")
def bound_later(db: Db, offset: int = 0):
    rows = select(Tool).offset(bindparam("start")).limit(20)  # expect: offset-in-query
    return db.execute(rows, {"start": offset}).all()


@app.get("/o")
async def in_a_search(index, start: int = 0):
    body = {
        "query": {"match_all": {}},
        "from": start,  # expect: offset-in-query
        "size": 20,
    }
    return await index.search(body=body)


@app.get("/n")
def elsewhere(store: Annotated[ToolStore, Depends(get_store)], skip: int = 0):
    return store.page(skip, 20)


# What looks like it and is not.


@app.get("/q")
def by_key(db: Db, after: int = 0, limit: int = 20):
    return db.query(Tool).filter(Tool.id > after).order_by(Tool.id).limit(limit).all()  # silent: a cursor


@app.get("/r")
async def opaque(index, offset: str | None = None):
    return await index.scroll(limit=20, offset=offset)  # silent: a cursor that is called offset


@app.get("/s")
def in_memory(skip: int = 0, limit: int = 20):
    return SHELF[skip : skip + limit]  # silent: a list


@app.get("/t")
def short_list(db: Db, offset: Annotated[int, Query(ge=0, le=200)] = 0):
    return db.query(Tool).offset(offset).limit(20).all()  # silent: capped


@app.get("/u")
def capped_by_hand(db: Db, skip: int = 0):
    return db.query(Tool).offset(min(skip, 100)).limit(20).all()  # silent: capped


@app.get("/v")
def whole_table(db: Db):
    start, rows = 0, []
    while part := db.query(Tool).offset(start).limit(500).all():  # silent: a batch, no client's number
        rows += part
        start += 500
    return rows


@app.get("/w")
def any_row(db: Db, total: int):
    return db.query(Tool).offset(random.randrange(9)).first()  # silent: no page


@app.get("/x")
async def of_another_service(github, page: int = 1):
    return await github.list_repositories(page=page)  # silent: the other service pages

    # return db.query(Tool).offset(page)  silent: a comment


def export(db: Session, skip: int) -> list[Tool]:
    return db.query(Tool).offset(skip).all()  # silent: only the main guard asks for it


@app.get("/y")
async def passed_through(db: Db, limit: int = 20, offset: int = 0):
    print(f"page: limit={limit}, offset={offset}")  # silent: a line for the log
    return _passed(Tool, limit, offset)


def _passed(*args, **options):
    return _page_of(get_session(), *args, **options)


def _page_of(db, model, limit, offset):
    return db.query(model).offset(offset).limit(limit).all()  # expect: offset-in-query


@app.get("/z")
async def kept_back(db: Db, limit: int = 20, offset: int = 0):
    return _counted(Tool, limit, 20)


def _counted(*args):
    return _rest_of(get_session(), *args)


def _rest_of(db, model, limit, offset):
    return db.query(model).offset(offset).limit(limit).all()  # silent: no client's number comes here


if __name__ == "__main__":
    export(get_session(), 100)


from app import choices, engines, kit, querysets, sql, whole, windows  # what a router is in is included somewhere
