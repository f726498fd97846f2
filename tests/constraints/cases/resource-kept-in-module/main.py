from fastapi import FastAPI
from httpx2 import AsyncClient as Client

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
