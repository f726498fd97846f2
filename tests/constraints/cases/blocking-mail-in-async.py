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
