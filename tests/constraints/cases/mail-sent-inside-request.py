import smtplib

from fastapi import BackgroundTasks, FastAPI

app = FastAPI()


def deliver(text: str) -> None:
    with smtplib.SMTP("mail") as server:
        server.sendmail("a", "b", text)


def twice(text: str) -> None:
    deliver(text)


@app.post("/a")
def direct() -> None:
    smtplib.SMTP("mail")  # expect: mail-sent-inside-request


@app.post("/b")
def helper() -> None:
    twice("a")  # expect: mail-sent-inside-request


@app.post("/c")
def later(tasks: BackgroundTasks) -> None:
    tasks.add_task(twice, "a")  # silent
    print("a")  # silent
