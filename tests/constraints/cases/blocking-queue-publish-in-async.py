from celery import shared_task
import dramatiq
from rq import Queue
import redis
from celery import Celery
from fastapi import FastAPI

app = FastAPI()
queue = Celery()


@queue.task(bind=True)
def job(self) -> None: ...


class Timer:
    def delay(self, seconds: int) -> None: ...


@app.post("/a")
async def direct() -> None:
    job.delay()  # expect: blocking-queue-publish-in-async
    queue.send_task("x")  # expect: blocking-queue-publish-in-async
    Timer().delay(1)  # silent


@shared_task
def report(name: str) -> None: ...


@dramatiq.actor
def resize(name: str) -> None: ...


background = Queue(connection=redis.Redis())


@app.post("/b")
async def others() -> None:
    report.s("x").apply_async()  # expect: blocking-queue-publish-in-async
    report("x")  # silent: runs here, and does nothing that blocks
    resize.send("x")  # expect: blocking-queue-publish-in-async
    background.enqueue(report, "x")  # expect: blocking-queue-publish-in-async
    queue.AsyncResult("x").get()  # expect: blocking-queue-publish-in-async


@app.post("/c")
def plain() -> None:
    report.delay("x")  # silent
