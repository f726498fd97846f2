"""Functions and objects that lie in the containers of a module until a name asks for them."""

import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter

router = APIRouter()


def lend() -> None:
    time.sleep(1)


def note() -> None: ...


TYPED: dict[str, Callable] = {"lend": lend}
LIGHT: dict[str, Callable] = {"note": note}
MADE: dict[str, Callable[[], Any]] = dict(lend=lend)
BY_SCHEME = defaultdict(lambda: note)
BY_SCHEME.update(**{"gs": note, "s3": lend})
EXTENDED = list()
EXTENDED.extend([note, lend])
BY_NAME = {}
BY_KIND = {}
ALL: list = []
QUIET = []


def handles(name: str):
    def register(function):
        BY_NAME[name] = function
        return function

    return register


def handler(kind):
    BY_KIND[kind.name] = kind
    return kind


@handles("sharpen")
def sharpen() -> None:
    time.sleep(1)


@handler
class Saw:
    name = "saw"

    def use(self) -> None:
        time.sleep(1)


ALL.append(lend)
QUIET.append(note)


@router.get("/typed")
async def typed(name: str) -> None:
    TYPED[name]()  # expect: blocking-call-behind-helper
    MADE.get(name)()  # expect: blocking-call-behind-helper
    LIGHT[name]()  # silent: waits for nothing
    BY_SCHEME[name]()  # expect: blocking-call-behind-helper
    for each in EXTENDED:
        each()  # expect: blocking-call-behind-helper


@router.get("/registered")
async def registered(name: str) -> None:
    BY_NAME[name]()  # expect: blocking-call-behind-helper
    BY_KIND[name]().use()  # expect: blocking-call-behind-helper
    for each in ALL:
        each()  # expect: blocking-call-behind-helper
    for each in QUIET:
        each()  # silent: waits for nothing


def slowly_registered(name: str):
    def register(function):
        time.sleep(1)  # silent: while the module is imported
        BY_NAME[name] = function
        return function

    return register


@slowly_registered("look")
def look() -> None: ...


@router.get("/look")
async def looks() -> None:
    look()  # silent: nothing of its decorator runs with it
