import asyncio
from collections.abc import Callable
from typing import Annotated, Protocol

from asgiref.sync import sync_to_async
from fastapi import Depends, FastAPI
from fastapi.concurrency import run_in_threadpool as threaded
from sqlalchemy.orm import Session

from app import crud
from app.crud import get_tools as fetch
from app.paging import Account, Pager, Paging, Paginator
from app.store import ShelfStore, ToolStore

app = FastAPI()


class Loans(Protocol):
    def page_of_loans(self, skip: int, limit: int) -> list[int]: ...


def get_session() -> Session: ...


def get_loans() -> Loans: ...


def get_commons(page: int = 1, per_page: int = 20):  # expect: offset-from-client
    return {"page": page, "per_page": per_page}


Db = Annotated[Session, Depends(get_session)]


@app.get("/a")
def direct(db: Db, skip: int = 0, limit: int = 20):  # expect: offset-from-client
    return crud.get_tools(db, skip, limit)


@app.get("/b")
async def in_a_thread(
    db: Db,
    skip: int = 0,  # expect: offset-from-client
    limit: int = 20,
):
    return await threaded(fetch, db, skip=skip, limit=limit)


@app.get("/c")
def spread(db: Db, commons: Annotated[dict, Depends(get_commons)]):  # expect: offset-from-client
    return crud.search(db, **commons)


@app.get("/d")
def by_object(db: Db, paginator: Annotated[Paginator, Depends()]):  # expect: offset-from-client
    return paginator.apply(db)


@app.get("/e")
def by_method(store: Annotated[ToolStore, Depends()], page: int = 1):  # expect: offset-from-client
    def inner():
        return store.numbered((page - 1) * 20)

    return inner()


@app.get("/f")
def behind_a_protocol(loans: Annotated[Loans, Depends(get_loans)], skip: int = 0):  # expect: offset-from-client
    return loans.page_of_loans(skip, limit=20)


def page_of_tools(db: Db, page: int = 1):  # expect: offset-from-client
    return fetch(db, page * 20, 20)


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


@app.get("/l")
def twice(db: Db, skip: int = 0):  # expect: offset-from-client
    return crud.get_tools(db, skip), crud.get_tools(db, skip, 1)


@app.get("/m")
def in_both_places(db: Db, skip: int = 0):  # silent: the query stands here
    return db.query(object).offset(skip).all(), crud.get_tools(db, skip)


@app.get("/n")
async def wrapped_for_threads(db: Db, page: int = 1):  # expect: offset-from-client
    return await sync_to_async(fetch)(db, skip=page * 20)


@app.get("/o")
async def by_executor(db: Db, page: int = 1):  # expect: offset-from-client
    return await asyncio.get_running_loop().run_in_executor(None, fetch, db, page * 20)


def get_pager(db: Db):
    async def pager(statement, paging: Paging):
        return db.scalars(statement.limit(paging.limit).offset(paging.offset)).all()

    return pager


@app.get("/p")
async def by_injected_function(
    paging: Annotated[Paging, Depends()],  # expect: offset-from-client
    pager: Annotated[Pager, Depends(get_pager)],
):
    return await pager(object, paging)


def noop(statement, paging: Paging) -> list[int]:
    return []


def get_function(db: Db, kind: str = "") -> Callable[[object, Paging], list[int]]:
    if kind:
        return noop
    return get_tools_by


def get_tools_by(statement, paging: Paging) -> list[int]:
    return crud.get_tools(statement, paging.offset)


@app.get("/r")
def by_typed_function(
    paging: Annotated[Paging, Depends()],  # expect: offset-from-client
    fetcher: Annotated[Callable[[object, Paging], list[int]], Depends(get_function)],
):
    return fetcher(object, paging)


@app.get("/q")
async def without_paging(account: Annotated[Account, Depends()], pager: Annotated[Pager, Depends(get_pager)]):
    return await pager(account.id, Paging(20))  # silent: an account carries no offset


def loans_of(db: Session, commons: Paging, is_page: bool = False):
    if is_page:
        return crud.get_tools(db, commons.offset)
    return db.query(object).all()


@app.get("/loans")
def loans_by_page(db: Db, paging: Annotated[Paging, Depends()]):  # expect: offset-from-client
    return loans_of(db, paging, is_page=True)


@app.get("/loans/export")
def all_loans(db: Db, paging: Annotated[Paging, Depends()]):
    return loans_of(db, paging)  # silent: nothing is paged


from app import crud, handed, paging, routes, store  # what a router is in is included somewhere
