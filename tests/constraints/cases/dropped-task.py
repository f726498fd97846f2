import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from threading import Thread

from fastapi import FastAPI

app = FastAPI()
running: set = set()


async def work() -> None:
    await asyncio.sleep(0.1)


async def at_once() -> None:
    running.clear()


@app.post("/a")
async def dropped() -> None:
    asyncio.create_task(work())  # expect: dropped-task


@app.post("/b")
async def kept() -> None:
    task = asyncio.create_task(work())  # silent
    running.add(task)
    await asyncio.gather(asyncio.create_task(work()))  # silent
    async with asyncio.TaskGroup() as group:
        group.create_task(work())  # silent


async def script() -> None:
    asyncio.create_task(work())  # silent: serves no request


@app.post("/c")
async def dropped_in_other_ways() -> None:
    _ = asyncio.create_task(work())  # expect: dropped-task
    job = asyncio.create_task(work())  # expect: dropped-task
    asyncio.create_task(at_once())  # expect: dropped-task
    asyncio.get_running_loop().create_task(work())  # expect: dropped-task


@app.post("/d")
async def awaited_later() -> None:
    job = asyncio.create_task(work())  # silent
    await job


@asynccontextmanager
async def lifespan(app: FastAPI):
    asyncio.create_task(work())  # expect: dropped-task
    app.state.job = asyncio.create_task(work())  # silent
    yield


service = FastAPI(lifespan=lifespan)


class Jobs:
    async def start(self) -> None:
        asyncio.create_task(work())  # expect: dropped-task


@asynccontextmanager
async def other_lifespan(app: FastAPI):
    await Jobs().start()
    yield


other = FastAPI(lifespan=other_lifespan)


class Client:
    def __del__(self) -> None:
        asyncio.get_running_loop().create_task(self.close())  # expect: dropped-task

    async def close(self) -> None:
        await asyncio.sleep(0)


@app.post("/e")
async def dropped_otherwise(names: list[str]) -> None:
    loop = asyncio.get_running_loop()
    loop.run_in_executor(None, print, "x")  # expect: dropped-task
    await loop.run_in_executor(None, print, "x")  # silent
    asyncio.gather(work(), work())  # expect: dropped-task
    await asyncio.gather(work(), work())  # silent
    [asyncio.create_task(work()) for name in names]  # expect: dropped-task
    jobs = [asyncio.create_task(work()) for name in names]  # silent
    await asyncio.wait(jobs)


class Listener:
    async def tell(self) -> None:
        asyncio.create_task(work())  # expect: dropped-task

    async def open(self, page) -> None:
        page.on("close", lambda event: asyncio.create_task(work()))  # expect: dropped-task
        page.on("gone", lambda event: asyncio.create_task(at_once()))  # silent: through in one turn of the loop
        page.each(lambda event: asyncio.create_task(work()))  # silent: it may keep what it is given

        async def heard(event) -> None:
            asyncio.create_task(work())  # expect: dropped-task

        page.subscribe(heard)


@app.post("/f")
async def kept_by_its_name() -> None:
    progress = asyncio.create_task(work())  # silent: the name lives while the function waits
    await work()


@app.post("/g")
async def waits_elsewhere() -> None:
    job = asyncio.create_task(work())  # expect: dropped-task

    async def inner() -> None:
        await work()

    running.add(inner)


pool = ThreadPoolExecutor()


@app.post("/threads")
def in_threads() -> None:
    Thread(target=print).start()  # expect: dropped-task
    pool.submit(print, "x")  # expect: dropped-task
    thread = Thread(target=print)  # silent: waited for
    thread.start()
    thread.join()
    done = pool.submit(print, "x")  # silent: its result is looked at
    done.result()


def watch() -> None:
    Thread(target=print).start()  # silent: no request runs it


class Handler:
    def on_event(self) -> None:
        asyncio.create_task(work())  # expect: dropped-task

    def begin(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.create_task(work())  # silent: the loop may only begin after it
        self.task = asyncio.create_task(work())  # silent


class Worker:
    def __init__(self) -> None:
        Thread(target=print).start()  # silent: the object may be kept for all


@app.post("/worker")
def make_worker() -> None:
    Worker()


def tell_error(task: asyncio.Task[None]) -> None:
    task.exception()


def start(coroutine) -> asyncio.Task[None]:
    task = asyncio.get_running_loop().create_task(coroutine)
    task.add_done_callback(tell_error)
    return task


def begin(coroutine) -> asyncio.Task[None]:
    return asyncio.create_task(coroutine)


def start_and_keep(coroutine) -> asyncio.Task[None]:
    task = asyncio.create_task(coroutine)
    running.add(task)
    return task


@app.post("/h")
async def by_helper() -> None:
    start(work())  # expect: dropped-task
    begin(work())  # expect: dropped-task
    start_and_keep(work())  # silent: the helper keeps it
    job = start(work())  # silent
    await job
