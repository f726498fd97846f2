"""A method that calls another one of its object, which subclasses replace."""

import time

from fastapi import APIRouter

router = APIRouter()


class Source:
    """Nobody makes one of these."""

    def read(self) -> list[str]:
        self.ready = True
        return self.fetch()  # silent: reported where the loop comes to it

    def fetch(self) -> list[str]:
        self.count = 0
        return []


class Remote(Source):
    def fetch(self) -> list[str]:
        time.sleep(1)
        return ["x"]


class Shelf:
    """This one is used as it is."""

    def read(self) -> list[str]:
        return self.fetch()

    def fetch(self) -> list[str]:
        self.count = 0
        return []


class SlowShelf(Shelf):
    def fetch(self) -> list[str]:
        time.sleep(1)
        return ["x"]


@router.get("/remote")
async def remote() -> list[str]:
    return Remote().read()  # expect: blocking-call-behind-helper


@router.get("/shelf")
async def shelf() -> list[str]:
    return Shelf().read()  # silent: its own method waits for nothing
