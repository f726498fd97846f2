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
