import atexit
from contextlib import asynccontextmanager

from fastapi import FastAPI


def close() -> None: ...


atexit.register(close)  # expect: shutdown-in-atexit


def connect() -> None:
    atexit.register(close)  # expect: shutdown-in-atexit


class Worker:
    def __init__(self) -> None:
        atexit.register(self.stop)  # silent: ends its own thread, whoever made it

    def stop(self) -> None: ...


@asynccontextmanager
async def lifespan(app: FastAPI):
    yield
    close()  # silent


app = FastAPI(lifespan=lifespan)
registry = {}
registry.setdefault("atexit", close)  # silent


@atexit.register  # expect: shutdown-in-atexit
def flush() -> None: ...


@registry.setdefault
def keep() -> None: ...  # silent
