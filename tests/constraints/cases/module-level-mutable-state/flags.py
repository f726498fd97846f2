"""Events that say what has become of the service."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar

from fastapi import FastAPI

ready = asyncio.Event()  # expect: module-level-mutable-state
failed = threading.Event()  # expect: module-level-mutable-state
paused = threading.Event()  # expect: module-level-mutable-state
stopped = threading.Event()  # silent: no request asks for it
never = asyncio.Event()  # silent: nothing sets it
name: ContextVar[str] = ContextVar("name")  # silent


def watch(task: asyncio.Task[None], event: threading.Event) -> None:
    event.set()


async def work() -> None:
    while not stopped.is_set():
        await asyncio.sleep(1)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    ready.set()
    asyncio.create_task(work()).add_done_callback(lambda done: watch(done, failed))
    yield
    stopped.set()


app = FastAPI(lifespan=lifespan)


@app.get("/ready")
async def readiness() -> bool:
    name.set("x")
    return ready.is_set() and not failed.is_set() and not never.is_set()


@app.post("/pause")
async def pause() -> None:
    paused.set()
