from fastapi import Depends, FastAPI, Request
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
