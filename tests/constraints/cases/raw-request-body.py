import hmac
import json as codec

from fastapi import Depends, FastAPI, Request, WebSocket
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


class Channel:
    def __init__(self, websocket: WebSocket) -> None:
        self.websocket = websocket

    async def next(self) -> dict:
        return await self.websocket.receive_json()  # expect: raw-request-body

    async def order(self) -> dict:
        return await self.websocket.receive_json()  # silent: its caller validates what it gives


async def take_order(channel: Channel) -> Order:
    return Order.model_validate(await channel.order())


@app.websocket("/texts")
async def texts(websocket: WebSocket) -> None:
    text = await websocket.receive_text()  # expect: raw-request-body
    message = codec.loads(text)
    await websocket.send_text(message["x"])


@app.websocket("/chat")
async def chat(websocket: WebSocket) -> None:
    async for text in websocket.iter_text():  # silent: a text stays a text
        await websocket.send_text(text)


@app.websocket("/orders")
async def orders(websocket: WebSocket) -> None:
    async for message in websocket.iter_json():  # silent
        Order.model_validate(message)


async def body_of(request: Request) -> dict:
    return await request.json()  # expect: raw-request-body


@app.post("/g")
async def through_helper(request: Request) -> None:
    data = await body_of(request)
    await keep(data["x"])


@app.post("/h")
async def checked_caller(request: Request) -> None:
    verify_token(request)
    data = await request.json()  # expect: raw-request-body
    await keep(data["x"])


@app.post("/i")
async def verified(request: Request) -> None:
    verify_webhook_signature(request)
    data = await request.json()  # silent
    await keep(data["x"])


@app.middleware("http")
async def log_bodies(request: Request, call_next):
    await logged(request)
    return await call_next(request)


async def logged(request: Request) -> dict:
    return await request.json()  # silent: a middleware looks at it


@app.post("/j")
async def with_form_library(request: Request) -> str:
    form = OrderForm(await request.form())  # silent: a form checks it
    return form.title


def trusted(request: Request, body: bytes) -> Order:
    if not verifier.is_valid_request(body, request.headers):
        raise ValueError
    return Order(id=1)


@app.post("/k")
async def signed_elsewhere(request: Request) -> str:
    trusted(request, await request.body())
    form = await request.form()  # silent: the signature is checked
    return form["command"]


def note_length(parcel: bytes) -> None:
    print(len(parcel))


def verify_parcel_signature(parcel: bytes, signature: str) -> None:
    if not hmac.compare_digest(sign(parcel), signature):
        raise ValueError


@app.post("/k2")
async def signed_before_parsing(request: Request) -> str:
    parcel = await request.body()
    verify_parcel_signature(parcel, request.headers["x-signature"])
    data = await request.json()  # silent: the signature of the whole is checked
    return data["command"]


@app.post("/k3")
async def measured_before_parsing(request: Request) -> str:
    parcel = await request.body()
    note_length(parcel)
    data = await request.json()  # expect: raw-request-body
    return data["command"]


@app.post("/l")
async def read_later(request: Request, name: str) -> str:
    await request.form()  # silent: nothing is taken from it here
    return name


# Dependencies that read the body for a path operation.


async def whole_body(request: Request) -> dict:
    return await request.json()  # expect: raw-request-body


async def part_of_body(request: Request):
    sent = await request.json()  # expect: raw-request-body
    return sent["items"]


async def checked_later(request: Request) -> dict:
    return await request.json()  # silent: the path operation makes a model of it


async def peeked_at(request: Request) -> None:
    sent = await request.json()  # silent: nothing of it goes on
    print(sent.get("kind"))


async def made_here(request: Request) -> Order:
    return Order(**await request.json())  # silent: a model


@app.post("/m")
async def by_dependency(
    sent: dict = Depends(whole_body), items=Depends(part_of_body), order: Order = Depends(made_here), _=Depends(peeked_at)
) -> str:
    return f"{sent['title']} {items} {order}"


@app.post("/n")
async def by_checked(sent: dict = Depends(checked_later)) -> str:
    return Order.model_validate(sent).title
