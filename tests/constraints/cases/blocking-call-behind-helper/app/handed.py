"""Functions that are given to others, and code that FastAPI runs on the loop by itself."""

import asyncio
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import Annotated

import requests
from fastapi import APIRouter, BackgroundTasks, FastAPI
from pydantic import AfterValidator, BaseModel, field_validator

app = FastAPI()
router = APIRouter()


def fetch() -> None:
    requests.get("http://x")


def compute() -> None: ...


async def fetch_async() -> None: ...


# What a coroutine inside was given, it calls on the loop.


def logged(function: Callable) -> Callable:
    async def wrapper() -> None:
        function()  # expect: blocking-call-behind-helper

    return wrapper


def counted(function: Callable) -> Callable:
    async def wrapper() -> None:
        function()  # silent: what it is given does not block

    return wrapper


def threaded(function: Callable) -> Callable:
    async def wrapper() -> None:
        await asyncio.to_thread(function)  # silent

    return wrapper


@router.post("/tasks")
def tasks(background: BackgroundTasks) -> None:
    background.add_task(logged(fetch))
    background.add_task(counted(compute))
    background.add_task(threaded(fetch))


# What is handed to a plain function that calls it.


def retry(function: Callable[[], None], times: int = 3) -> None:
    for _ in range(times):
        function()


def later(function: Callable[[], None]) -> Callable[[], None]:
    return function


class Circuit:
    def guard(self, function: Callable[[], None]) -> None:
        function()


@router.get("/retry")
async def retried() -> None:
    retry(fetch)  # expect: blocking-call-behind-helper
    retry(lambda: fetch())  # expect: blocking-call-behind-helper
    Circuit().guard(function=fetch)  # expect: blocking-call-behind-helper
    retry(compute)  # silent
    later(fetch)  # silent: it is not called
    await asyncio.to_thread(retry, fetch)  # silent


@router.get("/plain")
def retried_in_thread() -> None:
    retry(fetch)  # silent


# A plain function that a decorator makes a coroutine of.


def as_coroutine(function: Callable) -> Callable:
    @wraps(function)
    async def wrapper() -> None:
        return function()

    return wrapper


def as_either(function: Callable) -> Callable:
    if asyncio.iscoroutinefunction(function):

        @wraps(function)
        async def waiting() -> None:
            return await function()

        return waiting

    @wraps(function)
    def plain() -> None:
        return function()

    return plain


@router.get("/made")
@as_coroutine
def made() -> None:
    fetch()  # expect: blocking-call-behind-helper


@router.get("/either")
@as_either
def either() -> None:
    fetch()  # silent: it stays a plain function


# `self` in a decorator's wrapper.


def with_token(function: Callable) -> Callable:
    def wrapper(self, *args):
        self.make_token()
        return function(self, *args)

    return wrapper


class Hub:
    def make_token(self) -> None:
        fetch()

    @with_token
    def users(self) -> list[str]:
        return []


@router.get("/users")
async def users() -> list[str]:
    return Hub().users()  # expect: blocking-call-behind-helper


# A plain function as middleware is called on the loop, and so are the checks of a body.


@app.middleware("http")
def signed(request, call_next):
    fetch()  # expect: blocking-call-behind-helper
    return call_next(request)


def check_zone(value: str) -> str:
    fetch()  # expect: blocking-call-behind-helper
    return value


class Address(BaseModel):
    zone: Annotated[str, AfterValidator(check_zone)]


class Member(BaseModel):
    address: Address | None = None
    password: str = ""

    @field_validator("password")
    @classmethod
    def check(cls, value: str) -> str:
        fetch()  # expect: blocking-call-behind-helper
        return value

    def refresh(self) -> None:
        fetch()  # silent: no check


class Report(BaseModel):
    def __init__(self, **data: str) -> None:
        fetch()  # silent: nobody sends it
        super().__init__(**data)


@router.post("/members")
def join(member: Member) -> None:
    member.refresh()


# Helpers inside a function take their types from its calls.


@router.get("/inner")
async def inner() -> None:
    def ask(session) -> None:
        session.get("http://x")

    def pause(seconds) -> None:
        seconds.get("http://x")

    ask(requests.Session())  # expect: blocking-call-behind-helper
    pause({})  # silent


# What an endless task does as it is cancelled, it does once.


async def collect() -> None:
    try:
        while True:
            await asyncio.sleep(1)
    except asyncio.CancelledError:
        fetch()  # silent: the app stops
        raise


async def guarded() -> None:
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        fetch()  # expect: blocking-call-behind-helper
        raise


@router.get("/start")
async def start() -> None:
    task = asyncio.create_task(collect())
    await asyncio.gather(task, guarded())
    await asyncio.to_thread(time.sleep, 1)


# A name of a comprehension in the module itself.


class Store:
    def load(self) -> None:
        fetch()


STORES = {kind.__name__: kind() for kind in [Store]}


@router.get("/stores")
async def stores(name: str) -> None:
    STORES[name].load()  # expect: blocking-call-behind-helper


# What built-in functions call at once.


@router.get("/built-in")
async def built_in(rows: list[int]) -> None:
    list(map(lambda row: fetch(), rows))  # expect: blocking-call-behind-helper
    sorted(rows, key=lambda row: row)  # silent
    sorted(rows, key=lambda row: fetch())  # expect: blocking-call-behind-helper
    print(lambda row: fetch())  # silent: nobody calls it


# A table of routes.


async def show_first() -> None:
    fetch()  # expect: blocking-call-behind-helper


def show_second() -> None:
    fetch()  # silent: in a thread


for path, handler in [("/first", show_first), ("/second", show_second)]:
    app.add_api_route(path, handler)

for path, verb, handler in [("/third", "get", show_first)]:
    getattr(app, verb)(path)(handler)


# What a context variable holds.

current: ContextVar[requests.Session] = ContextVar("current")


def ask() -> None:
    current.get().get("http://x")


@router.get("/current")
async def asked() -> None:
    ask()  # expect: blocking-call-behind-helper


# What a call settles counts for what is handed over, too.


def run(function: Callable[[], None], *, inline: bool = False) -> None:
    if inline:
        function()
    else:
        threading.Thread(target=function).start()


@router.get("/settled")
async def settled() -> None:
    run(fetch)  # silent: in a thread
    run(fetch, inline=True)  # expect: blocking-call-behind-helper
