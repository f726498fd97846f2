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
