import smtplib

import aiosmtplib
from fastapi import FastAPI

app = FastAPI()


@app.post("/a")
async def direct() -> None:
    server = smtplib.SMTP_SSL("mail")  # expect: blocking-mail-in-async
    server.login("a", "b")  # expect: blocking-mail-in-async


@app.post("/b")
async def asynchronous() -> None:
    await aiosmtplib.send("x")  # silent


class Mailer:
    def send(self) -> None:
        with smtplib.SMTP("mail") as server:  # expect: blocking-mail-in-async
            server.send_message("x")  # expect: blocking-mail-in-async

    def later(self) -> None:
        server = smtplib.SMTP()  # silent: connects later
        server.connect("mail")  # expect: blocking-mail-in-async


class Quiet(Mailer):
    def send(self) -> None:
        """Sends nothing."""


@app.post("/c")
async def through_object(mailer: Mailer) -> None:
    mailer.send()
    mailer.later()
    Quiet().send()  # silent
