import hmac
import json

from fastapi import Depends, FastAPI, HTTPException, Request, WebSocket
from pydantic import BaseModel

app = FastAPI()


class Tool(BaseModel):
    name: str


async def payload(request: Request) -> dict:
    return await request.json()  # expect: raw-body-unchecked


@app.post("/a")
async def through(data: dict = Depends(payload)) -> None: ...


@app.post("/b")
async def form(request: Request) -> None:
    data = await request.form()  # expect: raw-body-unchecked
    await store.add(data["x"])


@app.post("/c")
async def checked(request: Request) -> Tool:
    data = await request.json()  # silent
    return Tool(**data)


@app.post("/d")
async def webhook(request: Request) -> None:
    event = stripe.Webhook.construct_event(await request.body(), "x", "y")  # silent
    await store.add(event)


async def update_data(request: Request) -> dict:
    return await request.json()  # silent: who takes it validates it


def get_update(tool_model: type[Tool], data: dict = Depends(update_data)) -> Tool:
    return tool_model(**data)


class Channel:
    def __init__(self, websocket: WebSocket) -> None:
        self._socket = websocket

    async def next(self) -> dict:
        return await self._socket.receive_json()  # expect: raw-body-unchecked


@app.post("/e")
async def one_field(request: Request) -> None:
    data = await request.form()  # expect: raw-body-unchecked
    await store.sign_in(verify_token(data.get("credential")), data["next"])


@app.post("/f")
async def signed(request: Request) -> None:
    data = await request.form()  # silent: all of it is checked
    verify_call(request.headers, data)
    await store.add(data["x"])


@app.post("/g")
async def hooked(request: Request) -> None:
    body = await request.body()  # silent: its signature is checked
    expected = hmac.new(KEY, body, "sha256").hexdigest()
    if not hmac.compare_digest(expected, request.headers["x-signature"]):
        raise HTTPException(401)
    await store.add(json.loads(body))


@app.post("/presence")
async def presence(request: Request) -> bool:
    form = await request.form()  # silent: only whether it is there
    return "remember" in form and "forget" not in form


def _parse_reason(form) -> str:
    return {"a": "worn", "b": "broken"}[form["reason"]]


@app.post("/parsed")
async def parsed(request: Request) -> str:
    form = await request.form()  # silent: a helper makes a value of it
    return _parse_reason(form)
