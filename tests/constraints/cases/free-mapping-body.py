from typing import Annotated, Any

from fastapi import APIRouter, Body, FastAPI
from pydantic import BaseModel

app = FastAPI()
things = APIRouter()


class ToolIn(BaseModel):
    name: str
    extra: dict[str, Any] = {}


Free = dict[str, Any]
Payload = Annotated[Free, Body()]


@app.post("/a")
async def bare(tool: dict) -> ToolIn:  # expect: free-mapping-body
    return ToolIn(name=tool["name"])


@things.put("/b")
async def alias(tool: Payload) -> None:  # expect: free-mapping-body
    print(tool)


@app.post("/c")
async def listed(
    tools: list[dict[str, str]],  # expect: free-mapping-body
    note: Annotated[Any, Body()],  # expect: free-mapping-body
) -> None: ...


@app.post("/d")
async def model(tool: ToolIn, many: list[ToolIn]) -> ToolIn:  # silent
    return tool


@app.post("/e")
async def validated(tool: dict) -> ToolIn:  # silent: handed to the model
    return ToolIn.model_validate(tool)


@app.get("/f")
async def query(q: str, tags: str | None = None) -> None: ...  # silent


def helper(tool: dict) -> None:  # silent: no path operation
    def inner(tool: dict) -> None: ...


@app.delete("/ignored")
def ignored(_=Body(None)) -> None: ...  # silent: nothing is taken from it
