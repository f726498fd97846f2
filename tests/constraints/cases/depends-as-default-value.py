from typing import Annotated

import fastapi
from fastapi import Depends as Needs
from fastapi import FastAPI, Query, Security

app = FastAPI()


def store() -> int:
    return 1


def user(n: int = Needs(store)) -> int:  # expect: depends-as-default-value
    return n


class Page:
    def __init__(self, n: int = fastapi.Depends(store)) -> None: ...  # expect: depends-as-default-value


@app.get("/a")
async def default(
    n: int = Needs(store),  # expect: depends-as-default-value
    m: int = Security(user, scopes=["x"]),  # expect: depends-as-default-value
    q: str = Query(default=""),  # silent
) -> int:
    return n


@app.get("/b", dependencies=[Needs(store)])  # silent
async def annotated(n: Annotated[int, Needs(store)], page: Annotated[Page, Needs()]) -> int:
    return n


def outer() -> None:
    def Depends(f: object) -> object:
        return f

    def inner(n: object = Depends(store)) -> None: ...  # silent: another function


KEPT = Needs(store)
LIMIT = 3


def needs_role(name: str) -> object:
    return Needs(store)


def chosen(name: str) -> object:
    return name


@app.get("/c")
async def by_name(
    n: int = KEPT,  # expect: depends-as-default-value
    m: int = needs_role("admin"),  # expect: depends-as-default-value
    limit: int = LIMIT,  # silent
    name: object = chosen("a"),  # silent
) -> int:
    return n
