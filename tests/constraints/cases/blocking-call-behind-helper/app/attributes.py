import asyncio
from abc import ABC, abstractmethod
from functools import cached_property
from pathlib import Path

from fastapi import APIRouter, Depends

router = APIRouter()


class Label:
    text: str = ""

    @property
    def title(self) -> str:
        return self.text.title()

    @property
    def picture(self) -> bytes:
        return Path("label.png").read_bytes()

    @property
    def copy(self) -> bytes:
        return self.picture

    @cached_property
    def table(self) -> str:
        return Path("table.csv").read_text()

    def load(self) -> str:
        return Path("label.txt").read_text()


class Plain:
    picture: bytes = b""
    table: str = ""


class Source(ABC):
    @property
    @abstractmethod
    def rows(self) -> str: ...


class Disk(Source):
    @property
    def rows(self) -> str:
        return Path("rows").read_text()


LABEL = Label()
HELD = Disk()


@router.get("/label")
async def label(given: Label = Depends(), plain: Plain = Depends(), source: Source = Depends()) -> str:
    given.title  # silent: does not block
    given.picture  # expect: blocking-call-behind-helper
    size = len(given.copy)  # expect: blocking-call-behind-helper
    given.table  # expect: blocking-call-behind-helper
    given.table.strip()  # silent: kept by the object since the line before
    LABEL.table  # silent: read once, for the life of the module
    LABEL.picture  # expect: blocking-call-behind-helper
    source.rows  # expect: blocking-call-behind-helper
    plain.picture  # silent: a field
    Label.picture  # silent: the property itself
    given.picture = b""  # silent: written
    given.load  # silent: not called
    return f"{size} {plain.table}"


@router.get("/thread")
async def in_a_thread(given: Label = Depends()) -> bytes:
    return await asyncio.to_thread(lambda: given.picture)  # silent


@router.get("/plain")
def in_the_threadpool(given: Label = Depends()) -> bytes:
    return given.picture  # silent
