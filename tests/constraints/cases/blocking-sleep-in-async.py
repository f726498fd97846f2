import asyncio
import time
from contextlib import asynccontextmanager
from time import sleep as nap

from fastapi import BackgroundTasks, Depends, FastAPI, WebSocket
from starlette.middleware.base import BaseHTTPMiddleware


@asynccontextmanager
async def lifespan(app):
    time.sleep(1)  # silent: nothing is served yet
    yield


app = FastAPI(lifespan=lifespan)


@app.get("/a")
async def direct() -> None:
    nap(1)  # expect: blocking-sleep-in-async
    await asyncio.sleep(1)  # silent


@app.get("/b")
def plain() -> None:
    time.sleep(1)  # silent: a thread


async def dependency() -> None:
    time.sleep(1)  # expect: blocking-sleep-in-async


@app.get("/c", dependencies=[Depends(dependency)])
async def nested() -> None:
    def helper() -> None:
        time.sleep(1)  # silent: only handed to a thread

    await asyncio.to_thread(helper)


@app.middleware("http")
async def measure(request, call_next):
    time.sleep(1)  # expect: blocking-sleep-in-async
    return await call_next(request)


class Slow(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        time.sleep(1)  # expect: blocking-sleep-in-async
        return await call_next(request)


class Pure:
    async def __call__(self, scope, receive, send) -> None:
        time.sleep(1)  # expect: blocking-sleep-in-async


@app.websocket("/ws")
async def socket(websocket: WebSocket) -> None:
    time.sleep(1)  # expect: blocking-sleep-in-async


async def task() -> None:
    time.sleep(1)  # expect: blocking-sleep-in-async


def thread_task() -> None:
    time.sleep(1)  # silent: a plain task runs in a thread


@app.post("/d")
async def later(tasks: BackgroundTasks) -> None:
    tasks.add_task(task)
    tasks.add_task(thread_task)


async def never_called() -> None:
    time.sleep(1)  # silent: nothing leads here


class Sleeper:
    def sleep(self, seconds: int) -> None: ...


@app.get("/e")
async def other(sleeper: Sleeper = Depends()) -> None:
    sleeper.sleep(1)  # silent: another sleep


def wait_anywhere() -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        time.sleep(1)  # silent: where no loop runs
    else:
        time.sleep(1)  # expect: blocking-sleep-in-async


def wait_where_none_runs() -> None:
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        loop = None
    if loop is None:
        time.sleep(1)  # silent
        return
    time.sleep(1)  # expect: blocking-sleep-in-async


def wait_as_asked() -> None:
    loop = asyncio.get_event_loop()
    if loop.is_running():
        time.sleep(1)  # expect: blocking-sleep-in-async
    else:
        time.sleep(1)  # silent
    if not loop.is_running():
        time.sleep(1)  # silent


def wait_after_another_error() -> None:
    try:
        asyncio.get_running_loop()
        int("x")
    except (ValueError, RuntimeError):
        time.sleep(1)  # expect: blocking-sleep-in-async
    try:
        loop = asyncio.get_running_loop()
    except KeyError:
        time.sleep(1)  # expect: blocking-sleep-in-async
        loop = None
    loop = loop or make_loop()
    if loop is None:
        time.sleep(1)  # expect: blocking-sleep-in-async


def helper_without_loop() -> None:
    time.sleep(1)  # silent: called where no loop runs


def run_anywhere() -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        helper_without_loop()


def a_loop_runs() -> bool:
    """Whether one does."""
    try:
        asyncio.get_running_loop()
        return True
    except RuntimeError:
        return False


def this_loop_runs() -> bool:
    try:
        return asyncio.get_running_loop().is_running()
    except RuntimeError:
        return False


def is_ready() -> bool:
    try:
        asyncio.get_running_loop()
        return False
    except RuntimeError:
        return True


def wait_as_a_helper_says() -> None:
    if a_loop_runs():
        return
    time.sleep(1)  # silent


def wait_as_another_says() -> None:
    if this_loop_runs():
        time.sleep(1)  # expect: blocking-sleep-in-async
    else:
        time.sleep(1)  # silent
    if is_ready():
        return
    time.sleep(1)  # expect: blocking-sleep-in-async


@app.get("/f")
async def anywhere() -> None:
    wait_as_a_helper_says()
    wait_as_another_says()
    wait_anywhere()
    wait_where_none_runs()
    wait_as_asked()
    wait_after_another_error()
    run_anywhere()


app.add_middleware(Slow)
app.add_middleware(Pure)

if __name__ == "__main__":
    time.sleep(1)  # silent
