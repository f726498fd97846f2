import time

from fastapi import BackgroundTasks, FastAPI

app = FastAPI()


def poll() -> None:
    while True:
        time.sleep(1)


def slow() -> None:
    time.sleep(600)


def short() -> None:
    while True:
        if time.time():
            break
    time.sleep(1)


@app.post("/a")
def later(tasks: BackgroundTasks) -> None:
    tasks.add_task(poll)  # expect: long-job-in-background-tasks
    tasks.add_task(slow)  # expect: long-job-in-background-tasks
    tasks.add_task(short)  # silent
