"""What the client got wrong, answered as the server's fault."""

import json

from fastapi import FastAPI, HTTPException
from fastapi.responses import JSONResponse
from pydantic import BaseModel

app = FastAPI()
ORDERS: dict[int, str] = {}


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


@app.post("/f")
async def f(order: Order) -> str:
    try:
        if not order.url:
            raise ValueError("no URL")
        return await fetch(order.url)
    except ValueError as error:
        raise HTTPException(500, str(error)) from error  # expect: client-error-answered-with-500


@app.post("/g")
async def g(kind: str) -> str:
    try:
        if kind not in {"saw", "drill"} or len(kind) > 9:
            raise ValueError(f"unknown kind {kind}")
        return await fetch(kind)
    except Exception as error:
        raise HTTPException(status_code=500, detail=str(error)) from error  # expect: client-error-answered-with-500


@app.post("/h")
async def h(order: Order) -> str:
    try:
        found = await fetch(order.url)
        if not found:
            raise ValueError("nothing there")
        return found
    except ValueError as error:
        raise HTTPException(500, str(error)) from error  # silent: it is about what was fetched


@app.post("/i")
async def i(order: Order) -> str:
    try:
        if not order.url:
            raise ValueError("no URL")
        return order.url
    except ValueError as error:
        raise HTTPException(400, str(error)) from error  # silent: the client's mistake
    except Exception as error:
        raise HTTPException(500, str(error)) from error  # silent: the other one comes first


@app.post("/orders/{number}/close")
async def close_order(number: int) -> object:
    order = ORDERS.get(number)
    if order is None:
        raise HTTPException(404, "Order not found")
    await close(order)
    order = ORDERS.get(number)
    if order is None:
        raise HTTPException(500, "Closed order not found")  # silent: it was there, and we changed it
    return order


@app.get("/orders/{number}")
async def read_order(number: int) -> object:
    order = ORDERS.get(number)
    if order is None:
        raise HTTPException(500, detail="Invalid order")  # expect: client-error-answered-with-500
    if number > 10:
        return JSONResponse({"detail": f"order {number} not found"}, status_code=500)  # expect: client-error-answered-with-500
    if number > 9:
        raise HTTPException(500, "The printer is out of paper.")  # silent: no fault of the client's
    if number > 8:
        raise HTTPException(500, f"invalid response for {number}")  # silent: somebody else answered that
    if not ORDERS:
        raise HTTPException(500, "Table not found")  # silent: asks nothing of what was sent
    return order
