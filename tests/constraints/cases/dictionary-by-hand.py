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


@app.get("/under-a-name")
async def under_a_name(n: int):
    if n:
        return {"n": n}  # expect: dictionary-by-hand
    answer = {"n": 0}
    answer["more"] = 1
    return answer  # expect: dictionary-by-hand


@app.get("/one-by-one")
async def one_by_one():
    found = []
    for n in range(3):
        found.append({"n": n})
    return found  # expect: dictionary-by-hand


@app.get("/other-things")
async def other_things():
    found = []
    for n in range(3):
        found.append(n)
    return found  # silent: no dictionaries


def envelope(data, text="ok"):
    return {"data": data, "text": text}


def read_stock(name):
    return {"left": len(name)}


@app.get("/wrapped")
async def wrapped():
    return envelope([1, 2])  # expect: dictionary-by-hand


@app.get("/computed")
async def computed():
    return read_stock("saw")  # silent: what a helper computes may be more than a wrapping
