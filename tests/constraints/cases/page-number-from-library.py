from typing import Annotated

from fastapi import Depends, FastAPI
from fastapi_pagination import LimitOffsetPage, Page, add_pagination
from fastapi_pagination import paginate as paginate_list
from fastapi_pagination.cursor import CursorPage
from fastapi_pagination.ext.sqlalchemy import apaginate, paginate
from fastapi_pagination.ext.sqlalchemy import paginate as pages
from sqlalchemy import select
from sqlalchemy.orm import Session

app = FastAPI()
add_pagination(app)
Cursor = CursorPage[int]


def get_session() -> Session: ...


Db = Annotated[Session, Depends(get_session)]


@app.get("/a")
def numbered(db: Db) -> Page[int]:
    return paginate(db, select(int))  # expect: page-number-from-library


@app.get("/b", response_model=LimitOffsetPage[int])
async def limited(db: Db):
    async def inner():
        return await apaginate(db, select(int))  # expect: page-number-from-library

    return await inner()


def page_of_tools(db: Session):
    return pages(db, select(int))  # expect: page-number-from-library


@app.get("/c", response_model=Page[int])
def through_helper(db: Db):
    return page_of_tools(db)  # expect: page-number-from-library


@app.get("/d", response_model=Cursor)
def by_cursor(db: Db):
    return paginate(db, select(int))  # silent: a cursor page


@app.get("/e")
def by_cursor_too(db: Db) -> CursorPage[int]:
    return paginate(db, select(int))  # silent


@app.get("/f")
def in_memory() -> Page[int]:
    return paginate_list([1, 2, 3])  # silent: a list


def export(db: Session):
    return paginate(db, select(int))  # silent: no request leads here


class Shed:
    def __init__(self, session: Session) -> None:
        self._session = session

    def loans(self) -> list[int]:
        return list(self._session.scalars(select(int)))

    def kinds(self) -> list[str]:
        return ["saw", "drill"]


@app.get("/loaded/a")
def loaded(shed: Annotated[Shed, Depends()]) -> Page[int]:
    return paginate_list(shed.loans())  # expect: page-number-from-library


@app.get("/loaded/b")
def loaded_before(shed: Annotated[Shed, Depends()]) -> Page[int]:
    loans = shed.loans()
    return paginate_list(loans)  # expect: page-number-from-library


@app.get("/loaded/c")
def written_out(shed: Annotated[Shed, Depends()]) -> Page[str]:
    return paginate_list(shed.kinds())  # silent: a short list in the code
