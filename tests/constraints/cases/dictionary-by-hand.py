from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class Tool(BaseModel):
    name: str


@app.get("/a")
async def message():
    return {"message": "ok"}  # expect: dictionary-by-hand


@app.get("/b")
async def dumped(tool: str) -> dict[str, Any]:
    found = Tool(name=tool)
    return found.model_dump()  # expect: dictionary-by-hand


@app.get("/c")
async def listed() -> list:
    return [{"name": n} for n in "abc"]  # expect: dictionary-by-hand


@app.get("/d")
async def checked() -> Tool:
    return {"name": "saw"}  # silent: the model checks it


@app.get("/e", response_model=Tool)
async def modelled():
    return {"name": "saw"}  # silent


@app.get("/f", include_in_schema=False)
async def hidden():
    return {"name": "saw"}  # silent


def helper():
    return {"name": "saw"}  # silent
