"""`ValueError` about what the client sent, which nobody answers."""

import contextlib
import datetime
import functools
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse

app = FastAPI()


@app.exception_handler(Exception)
async def unhandled(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": "Unknown error"}, status_code=500)


KINDS = {"tools", "members"}


class Kind(StrEnum):
    TOOLS = "tools"
    MEMBERS = "members"


def careful(function: Callable[..., Awaitable[object]]) -> Callable[..., Awaitable[object]]:
    @functools.wraps(function)
    async def wrapper(*args: object, **kwargs: object) -> object:
        try:
            return await function(*args, **kwargs)
        except ValueError as error:
            raise HTTPException(422, str(error)) from error

    return wrapper


async def load() -> list[str]:
    return sorted(KINDS)


def limit() -> int:
    return 10


@app.get("/a/{kind}")
async def a(kind: str, number: int, most: Annotated[int, Depends(limit)]) -> object:
    if kind not in {known.value for known in Kind}:
        raise ValueError(f"Unknown kind: {kind}")  # expect: input-error-raised-as-500
    if number < 0:
        if kind == "tools":
            raise ValueError("negative")  # expect: input-error-raised-as-500
        raise HTTPException(422, "negative")
    rows = await load()
    if not rows:
        raise ValueError("empty")  # silent: not about what the client sent
    if kind not in rows:
        raise ValueError("no row")  # silent: what the database says may be the server's fault
    try:
        if number > 1000:
            raise ValueError("too many")  # silent: answered below
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
    with contextlib.suppress(KeyError):
        rows.remove("none")
    if number > most:
        raise RuntimeError("too many")  # silent: says nothing about input

    def check(number: int) -> None:
        if number > 5:
            raise ValueError("helper")  # silent: whoever calls it may catch it

    return rows


@app.get("/b")
@careful
async def b(kind: str) -> str:
    if kind not in KINDS:
        raise ValueError(kind)  # silent: the wrapper answers it
    return kind


@app.get("/c")
async def c(
    kind: str, since: datetime.datetime, until: datetime.datetime, most: Annotated[int, Depends(limit)]
) -> object:
    assert kind or since, "choose a kind or a day"  # expect: input-error-raised-as-500
    assert (until - since).days < 2, "too long"  # expect: input-error-raised-as-500
    rows = await load()
    assert rows, "empty"  # silent: not about what the client sent
    assert most > 0  # silent: a dependency gave it
    assert kind is not None  # silent: told to the type checker
    assert isinstance(kind, str)  # silent: told to the type checker
    return rows


def listed(router: APIRouter, tag: str) -> Callable[..., object]:
    return router.get("/list", tags=[tag])


router = APIRouter()


@listed(router, "tools")
def tools(kind: str) -> str:
    assert kind in KINDS, "unknown kind"  # expect: input-error-raised-as-500
    return kind


app.include_router(router)
