"""What the client got wrong, answered as the server's fault."""

import json

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

app = FastAPI()


class Order(BaseModel):
    url: str


def clean(url: str) -> str:
    url = url.strip()
    if "://" not in url:
        raise ValueError(f"no scheme in {url}")
    return url


def read_setting(name: str) -> str:
    text = json.dumps(name)
    if not text:
        raise ValueError("the settings are empty")
    return text


async def fetch(url: str) -> str:
    reply = await load(url)
    if not reply:
        raise ValueError(f"nothing at {url}")
    return reply


async def load(url: str) -> str:
    return url


@app.post("/a")
async def a(order: Order) -> str:
    url = order.url
    try:
        return clean(url)
    except ValueError as error:
        raise HTTPException(500, str(error)) from error  # expect: client-error-answered-with-500


@app.post("/b")
async def b(order: Order) -> str:
    try:
        return clean(order.url)
    except ValueError as error:
        raise HTTPException(status_code=422, detail=str(error)) from error  # silent: the client's mistake


@app.post("/c")
async def c() -> str:
    try:
        return read_setting("mode")
    except ValueError as error:
        raise HTTPException(500, str(error)) from error  # silent: nothing that the client sent


@app.post("/d")
async def d(order: Order) -> str:
    try:
        return await fetch(order.url)
    except ValueError as error:
        raise HTTPException(500, str(error)) from error  # silent: it may be what was fetched


@app.post("/e")
async def e(order: Order) -> str:
    try:
        return clean(order.url)
    except Exception as error:
        raise HTTPException(500, str(error)) from error  # silent: anything may have gone wrong
