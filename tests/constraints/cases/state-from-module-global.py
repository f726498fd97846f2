import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.responses import StreamingResponse

jobs: dict[str, str] = {}
recent: deque[str] = deque(maxlen=10)
tasks: dict[str, set[asyncio.Task[None]]] = {}
running: set[asyncio.Task[None]] = set()
ready = asyncio.Event()
failed = threading.Event()
stopped = threading.Event()
SIZES = {"small": 1, "large": 9}
NAMES = ["a", "b"]
NAMES.append("c")


def watch(task: asyncio.Task[None], event: threading.Event) -> None:
    if task.exception() is not None:
        event.set()


async def work() -> None:
    while not stopped.is_set():
        await asyncio.sleep(1)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    ready.set()
    task = asyncio.create_task(work())
    task.add_done_callback(lambda done: watch(done, failed))
    yield
    stopped.set()


app = FastAPI(lifespan=lifespan)


def get_jobs() -> dict[str, str]:
    return jobs  # silent: a dependency hands it out


@app.post("/jobs/{key}")
async def create_job(key: str) -> None:
    jobs[key] = "new"  # expect: state-from-module-global
    recent.append(key)  # expect: state-from-module-global
    jobs[key] = "old"  # silent: told once
    task = asyncio.create_task(work())
    running.add(task)  # silent: keeps the task alive


@app.get("/jobs/{key}")
async def read_job(key: str) -> str:
    return jobs[key]  # expect: state-from-module-global


@app.get("/rtc")
async def talk(request: Request) -> None:
    tasks["x"] = set()  # expect: state-from-module-global


@app.get("/stream")
async def stream() -> StreamingResponse:
    async def rows() -> AsyncIterator[str]:
        for name in recent:  # expect: state-from-module-global
            yield name

    return StreamingResponse(rows())


@app.get("/injected")
async def injected(jobs: Annotated[dict[str, str], Depends(get_jobs)]) -> int:
    return len(jobs)  # silent: the parameter


@app.get("/ready")
async def readiness() -> bool:
    if not ready.is_set():  # expect: state-from-module-global
        return False
    return not failed.is_set()  # expect: state-from-module-global


@app.get("/sizes")
async def sizes() -> int:
    return SIZES["small"] + len(NAMES)  # silent: nothing changes them after the import
