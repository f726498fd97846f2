from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, TypeAdapter

app = FastAPI()


class Tool(BaseModel):
    name: str


@app.post("/a")
async def free(data: dict[str, Any]) -> None:  # expect: free-mapping-input
    await store.add(**data)


@app.post("/b")
async def model(data: Tool) -> None:  # silent
    await store.add(data)


@app.post("/c")
async def adapted(data: list[dict]) -> list[Tool]:  # silent
    return TypeAdapter(list[Tool]).validate_python(data)


@app.post("/d")
async def checked(data: dict[str, str]) -> None:  # silent
    if set(data) != {"name"}:
        raise ValueError
    await store.add(**data)


class Settings(BaseModel):
    name: str


def to_settings(data: dict) -> Settings:
    return to_model(data, Settings)


@app.patch("/e")
async def merged(data: dict) -> Settings:  # silent: the helper makes a model of it
    return to_settings({**known(), **data})


@app.patch("/f")
async def kept(data: dict) -> None:  # expect: free-mapping-input
    keep(data)


def keep(data: dict) -> None:
    store.write({**known(), **data})


@app.post("/unread")
async def unread(data: dict | None = None) -> str:  # silent: nothing uses it
    return "ok"
