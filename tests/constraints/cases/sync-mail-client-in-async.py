import smtplib

from fastapi import FastAPI

app = FastAPI()


def deliver(text: str) -> None:
    with smtplib.SMTP("mail") as server:  # expect: sync-mail-client-in-async
        server.sendmail("a", "b", text)  # expect: sync-mail-client-in-async


@app.post("/a")
async def direct() -> None:
    deliver("a")


@app.post("/b")
def plain() -> None:
    smtplib.SMTP("mail").sendmail("a", "b", "c")  # silent: a thread
