from typing import Annotated

import httpx2
from fastapi import Depends, FastAPI, Request

app = FastAPI()
_client: httpx2.AsyncClient | None = None
page_size = 20


def get_client() -> httpx2.AsyncClient:
    global _client
    if _client is None:
        _client = httpx2.AsyncClient()
    return _client


def get_page_size() -> int:
    return page_size


def new_client() -> httpx2.AsyncClient:
    return httpx2.AsyncClient()


def client_of(request: Request) -> httpx2.AsyncClient:
    return request.app.state.client


Client = Annotated[httpx2.AsyncClient, Depends(get_client)]


@app.get("/a")
async def direct() -> int:
    client = get_client()  # expect: resource-from-getter
    return (await client.get("/")).status_code


@app.get("/b")
async def injected(client: Client) -> int:
    return (await client.get("/")).status_code  # silent


@app.get("/c")
async def others(request: Request) -> int:
    await new_client().get("/")  # silent: not shared
    await client_of(request).get("/")  # silent: from the app's state
    return get_page_size()  # silent: a constant
