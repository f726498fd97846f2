from typing import Annotated, Protocol

from fastapi import Depends, FastAPI
from fastapi.concurrency import run_in_threadpool as threaded
from sqlalchemy.orm import Session

from app import crud
from app.crud import get_tools as fetch
from app.paging import Paginator
from app.store import ShelfStore, ToolStore

app = FastAPI()


class Loans(Protocol):
    def page_of_loans(self, skip: int, limit: int) -> list[int]: ...


def get_session() -> Session: ...


def get_loans() -> Loans: ...


def get_commons(page: int = 1, per_page: int = 20):
    return {"page": page, "per_page": per_page}


Db = Annotated[Session, Depends(get_session)]


@app.get("/a")
def direct(db: Db, skip: int = 0, limit: int = 20):
    return crud.get_tools(db, skip, limit)  # expect: offset-handed-to-query


@app.get("/b")
async def in_a_thread(db: Db, skip: int = 0, limit: int = 20):
    return await threaded(fetch, db, skip=skip, limit=limit)  # expect: offset-handed-to-query


@app.get("/c")
def spread(db: Db, commons: Annotated[dict, Depends(get_commons)]):
    return crud.search(db, **commons)  # expect: offset-handed-to-query


@app.get("/d")
def by_object(db: Db, paginator: Annotated[Paginator, Depends()]):
    return paginator.apply(db)  # expect: offset-handed-to-query


@app.get("/e")
def by_method(store: Annotated[ToolStore, Depends()], page: int = 1):
    def inner():
        return store.numbered((page - 1) * 20)  # expect: offset-handed-to-query

    return inner()


@app.get("/f")
def behind_a_protocol(loans: Annotated[Loans, Depends(get_loans)], skip: int = 0):
    return loans.page_of_loans(skip, limit=20)  # expect: offset-handed-to-query


def page_of_tools(db: Db, page: int = 1):
    return fetch(db, page * 20, 20)  # expect: offset-handed-to-query


@app.get("/g")
def by_dependency(tools: Annotated[list[int], Depends(page_of_tools)]):
    return tools  # silent: reported in the dependency


@app.get("/h")
def in_memory(store: Annotated[ShelfStore, Depends()], skip: int = 0, limit: int = 20):
    return store.shelf(skip, limit)  # silent: a list in memory


@app.get("/i")
def from_the_first(db: Db, limit: int = 20):
    return crud.get_tools(db, 0, limit)  # silent: no number from the client


@app.get("/j")
def by_key(db: Db, after: int = 0):
    return crud.get_after(db, after)  # silent: a cursor


@app.get("/k")
def not_for_the_query(db: Db, page: int = 1):
    return {"page": page, "tools": crud.get_tools(db, limit=20)}  # silent: the number stays here
