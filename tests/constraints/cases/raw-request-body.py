import hmac
import json as codec

from fastapi import FastAPI, Request, WebSocket
from starlette.requests import Request as Raw
from pydantic import BaseModel

app = FastAPI()


class Order(BaseModel):
    id: int


@app.post("/a")
async def raw(request: Request) -> Order:
    data = await request.json()  # expect: raw-request-body
    return Order(id=data["id"])


@app.post("/b")
async def parsed(request: Raw) -> None:
    body = await request.body()  # expect: raw-request-body
    codec.loads(body)


@app.websocket("/ws")
async def socket(websocket: WebSocket) -> None:
    message = await websocket.receive_json()  # expect: raw-request-body
    await websocket.send_json(message["x"])


@app.post("/c")
async def signed(request: Request) -> None:
    body = await request.body()  # silent: the signature is checked
    if not hmac.compare_digest(sign(body), request.headers["x-signature"]):
        raise ValueError
    codec.loads(body)


@app.post("/d")
async def validated(request: Request) -> Order:
    return Order.model_validate(await request.json())  # silent


@app.post("/e")
async def stored(request: Request) -> None:
    await keep(await request.body())  # silent: bytes stay bytes


async def helper(request: Request) -> None:
    await request.json()  # silent: no path operation


class Client:
    async def json(self) -> dict: ...


@app.post("/f")
async def other(order: Order) -> None:
    await Client().json()  # silent: not a request
