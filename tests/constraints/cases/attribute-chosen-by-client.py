from enum import StrEnum
from typing import Annotated, Literal

from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel
from sqlalchemy import select

from models import Tool

app = FastAPI()


class Sort(StrEnum):
    NAME = "name"


class Search(BaseModel):
    text: str
    order: str = "name"


@app.get("/a")
def sorted_by(session, sort: str = "name") -> list[str]:  # expect: attribute-chosen-by-client
    return session.scalars(select(Tool).order_by(getattr(Tool, sort))).all()


@app.get("/b")
def through_helper(session, order_by: Annotated[str | None, Query()] = None) -> list[str]:  # expect: attribute-chosen-by-client
    return find(session, order=order_by)


def find(session, order: str | None):
    query = select(Tool)
    if order is not None:
        column = getattr(Tool, order)
        query = query.order_by(column)
    return session.scalars(query).all()


@app.post("/c")
def in_body(session, search: Search) -> list[str]:
    return ordered(session, search)


def ordered(session, search: Search):
    return session.scalars(select(Tool).order_by(getattr(Tool, search.order.lower()))).all()  # expect: attribute-chosen-by-client


@app.get("/d")
def enumerated(session, sort: Sort, kind: Literal["name", "price"]) -> list[str]:
    return session.scalars(select(Tool).order_by(getattr(Tool, sort), getattr(Tool, kind))).all()  # silent


@app.get("/e")
def looked_up(session, sort: str) -> list[str]:
    if sort not in {"name", "price"}:
        raise HTTPException(422)
    return session.scalars(select(Tool).order_by(getattr(Tool, sort))).all()  # silent: one of two


@app.get("/f")
def with_default(session, sort: str) -> list[str]:
    column = getattr(Tool, sort, Tool.name)  # silent: what is not there is no error
    return session.scalars(select(Tool).order_by(column)).all()


@app.get("/g")
def caught(session, sort: str) -> list[str]:
    try:
        column = getattr(Tool, sort)  # silent: what is not there is refused
    except AttributeError:
        raise HTTPException(422) from None
    return session.scalars(select(Tool).order_by(column)).all()


@app.get("/h")
def prefixed(service, kind: str) -> list[str]:
    return getattr(service, f"find_{kind}")()  # silent: only what begins like this


def not_served(sort: str):
    return getattr(Tool, sort)  # silent: no client


class Change(BaseModel):
    op: str
    value: dict[str, bool]


class Patch(BaseModel):
    changes: list[Change]


@app.patch("/i")
def set_first(session, patch: Patch) -> None:
    tool = session.get(Tool, 1)
    for change in patch.changes:
        key, value = list(change.value.items())[0]
        setattr(tool, key, value)  # expect: attribute-chosen-by-client


@app.patch("/j")
def set_all(session, body: dict) -> None:
    tool = session.get(Tool, 1)
    for key, value in body.items():
        setattr(tool, key, value)  # expect: attribute-chosen-by-client


@app.patch("/k")
def set_known(session, body: dict) -> None:
    tool = session.get(Tool, 1)
    for key, value in body.items():
        if key in {"name", "price"}:
            setattr(tool, key, value)  # silent: one of two


@app.patch("/l")
def set_declared(session, body: Search) -> None:
    tool = session.get(Tool, 1)
    for key, value in body.model_dump(exclude_unset=True).items():
        setattr(tool, key, value)  # silent: the model says which
