from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, FastAPI, Query
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

app = FastAPI()


def get_session() -> Session: ...


Db = Annotated[Session, Depends(get_session)]


class Paging(BaseModel):
    size: int = Field(20, ge=1, le=100)
    page: int = Field(1, ge=1)  # expect: offset-in-model


class Filters(BaseModel):
    """Two steps down."""

    name: str = ""
    paging: Paging = Paging()


@dataclass
class Window:
    limit: int = 20
    skip: int = 0  # expect: offset-in-model


class FromCursor(BaseModel):
    offset: str = ""  # silent: an opaque text
    size: int = 20


class Answer(BaseModel):
    page: int  # silent: told to the client, not by it


class Unused(BaseModel):
    page: int = 1  # silent: no query takes it


def rows_of(db: Session, paging: Paging):
    return db.scalars(select(object).limit(paging.size).offset((paging.page - 1) * paging.size)).all()


@app.get("/a")
def with_a_model(db: Db, paging: Annotated[Paging, Depends()]) -> Answer:
    return Answer(page=len(rows_of(db, paging)))


@app.post("/b")
def in_the_body(db: Db, filters: Filters):
    return rows_of(db, filters.paging)


@app.get("/c")
def query_here(db: Db, window: Annotated[Window, Depends()]):
    return db.scalars(select(object).limit(window.limit).offset(window.skip)).all()


@app.get("/d")
def by_cursor(db: Db, paging: Annotated[FromCursor, Query()]):
    return db.scalars(select(object).where(object > paging.offset).limit(paging.size)).all()


@app.get("/e")
def echoed(paging: Annotated[Unused, Query()]):
    return {"page": paging.page}
