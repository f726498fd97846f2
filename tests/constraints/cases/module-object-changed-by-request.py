import contextvars
import warnings

import payments
from charges import Charge
from fastapi import FastAPI, Request

app = FastAPI()


class Client:
    token: str = ""


client = Client()
client.token = "x"  # silent: import
current = contextvars.ContextVar("current")


def remember(name: str) -> None:
    client.token = name  # expect: module-object-changed-by-request


@app.get("/a")
async def direct(name: str, request: Request) -> None:
    remember(name)
    request.state.name = name  # silent
    request.app.state.name = name  # silent
    own = Client()
    own.token = name  # silent
    current.set(name)  # silent


def script(name: str) -> None:
    client.token = name  # silent: no request leads here


class RequestContext:
    def __setattr__(self, name: str, value: object) -> None:
        current.get()[name] = value


ctx = RequestContext()


@app.get("/b")
async def kept_in_context(name: str) -> None:
    ctx.name = name  # silent: each task has its own


@app.get("/library")
async def ask(key: str) -> None:
    payments.api_key = key  # expect: module-object-changed-by-request
    warnings.showwarning = print  # expect: module-object-changed-by-request
    Charge.last = key  # silent: no module


@app.get("/own")
async def ask_own(key: str) -> None:
    payments = Client()
    payments.token = key  # silent: a local object of the same name


def set_up(key: str) -> None:
    payments.api_key = key  # silent: no request leads here
