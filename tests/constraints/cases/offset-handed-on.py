from typing import Annotated

import httpx

from fastapi import Depends, FastAPI
from fastapi.concurrency import run_in_threadpool as threaded
from pydantic import BaseModel
from sqlalchemy.orm import Session

app = FastAPI()


class Paging(BaseModel):
    page: int = 1
    size: int = 20


def get_session() -> Session: ...


Db = Annotated[Session, Depends(get_session)]


def tools_after(db: Session, after: int):
    return db.query(object).filter(object > after).limit(20).all()


def tools_from(db: Session, skip: int = 0, limit: int = 20):
    return db.query(object).offset(skip).limit(limit).all()


def by_name(db: Session, page: int, size: int):
    return tools_from(db, (page - 1) * size, size)  # silent: the path operation is told of it


class Tools:
    def __init__(self, db: Db) -> None:
        self.db = db

    def in_page(self, paging: Paging):
        return self.db.query(object).limit(paging.size).offset((paging.page - 1) * paging.size).all()


@app.get("/a")
def handed_on(db: Db, skip: int = 0, limit: int = 20):
    return tools_from(db, skip, limit)  # expect: offset-handed-on


@app.get("/b")
def through_two(db: Db, page: int = 1):
    rows = by_name(  # expect: offset-handed-on
        db,
        page,
        20,
    )
    return rows


@app.get("/c")
async def in_a_thread(db: Db, skip: int = 0):
    return await threaded(tools_from, db, skip=skip)  # expect: offset-handed-on


@app.get("/d")
def with_a_model(tools: Annotated[Tools, Depends()], paging: Annotated[Paging, Depends()]):
    return tools.in_page(paging)  # expect: offset-handed-on


@app.get("/e")
def one_of_two(db: Db, page: int = 1, newest: bool = False):
    def inner():
        return by_name(db, page, 20)  # expect: offset-handed-on

    if newest:
        return tools_from(db, page * 20)  # expect: offset-handed-on
    return inner()


@app.get("/f")
def query_here(db: Db, skip: int = 0):
    return db.query(object).offset(skip).all()  # silent: the query itself is reported


@app.get("/g")
def by_key(db: Db, after: int = 0):
    return tools_after(db, after)  # silent: a cursor


@app.get("/h")
def from_the_first(db: Db, page: int = 1):
    return {"page": page, "tools": tools_from(db, 0, 20)}  # silent: the number stays here


class Plugins:
    def __init__(self) -> None:
        self.http = httpx.Client()

    def in_page(self, offset: int, limit: int):
        window = {"offset": offset, "limit": limit}
        return self.http.get("http://plugins", params=window).json()

    def about(self, offset: int):
        return self.http.get("http://plugins", params={"offset": offset}).json()


plugins = Plugins()


@app.get("/i")
def of_another_service(offset: int = 0, limit: int = 20):
    return plugins.in_page(offset, limit)  # expect: offset-handed-on


@app.get("/j")
def no_window(offset: int = 0):
    return plugins.about(offset)  # silent: nothing says that a page begins there


@app.get("/k")
def of_a_repository(tool_repository, offset: int = 0, limit: int = 20):
    return tool_repository.newest(limit=limit, offset=offset)  # expect: offset-handed-on


@app.get("/l")
def of_a_clock(clock, offset: int = 0):
    return clock.now(offset=offset)  # silent: no repository


@app.get("/window")
async def window(mirror: Annotated[Mirror, Depends()], page: int = 0, size: int = 20):
    links = build_links(offset=page * size, limit=size)
    kept = QueryParams(offset=page * size, limit=size)
    body = mirror.get_page_info(offset=page * size, limit=size, total=3)
    found = await mirror.channel("tools").get_messages(limit=size, offset=page * size)  # expect: offset-handed-on
    return {"found": found, "links": links, "body": body, "kept": kept}


@app.get("/window/first")
async def first_window(mirror: Annotated[Mirror, Depends()], size: int = 20):
    return await mirror.channel("tools").get_messages(limit=size, offset=0)  # silent: no number from the client
