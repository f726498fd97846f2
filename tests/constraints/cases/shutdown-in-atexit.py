import atexit
from contextlib import asynccontextmanager

from fastapi import FastAPI


def close() -> None: ...


atexit.register(close)  # expect: shutdown-in-atexit


@asynccontextmanager
async def lifespan(app: FastAPI):
    yield
    close()  # silent


app = FastAPI(lifespan=lifespan)
registry = {}
registry.setdefault("atexit", close)  # silent
