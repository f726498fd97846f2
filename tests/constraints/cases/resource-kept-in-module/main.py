from fastapi import FastAPI
from httpx2 import AsyncClient as Client

import clients
import state

app = FastAPI()


class Store:
    def __init__(self) -> None:
        self.tools: list[str] = []

    def add(self, name: str) -> None:
        self.tools.append(name)


def start(host: str) -> None:
    state.client = Client()
    state.store = Store()
    state.host = host
    app.state.client = Client()  # silent: the app's own state


@app.get("/a")
def read() -> int:
    local = Client()  # silent
    return local.timeout


@app.get("/b")
async def ask(session: clients.Given) -> int:
    clients.sessions()
    clients.plain.lower("x")
    return await clients.catalogue.get("/") + clients.mailer.send() + session.scalar("x")


def helper() -> int:
    return clients.helped.get("/")


@app.get("/c")
def through_helper() -> int:
    return helper()


@app.get("/facts/{name}")
def facts_of(name: str) -> str:
    return clients.facts.of(name) if name in clients.words.known else ""
