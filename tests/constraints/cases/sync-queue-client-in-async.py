from celery import Celery, shared_task
from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool

app = FastAPI()
queue = Celery()


@queue.task
def import_tools(n: int) -> None: ...


@shared_task(name="x")
def other(n: int) -> None: ...


@app.post("/a")
async def direct() -> None:
    import_tools.delay(1)  # expect: sync-queue-client-in-async
    other.apply_async((1,))  # expect: sync-queue-client-in-async


@app.post("/b")
async def thread() -> None:
    await run_in_threadpool(import_tools.delay, 1)  # silent


def plain(n: int) -> None: ...


@app.post("/c")
def endpoint() -> None:
    import_tools.delay(2)  # silent
