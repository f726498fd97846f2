from collections.abc import AsyncIterator
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, FastAPI
from fastapi.responses import HTMLResponse, ORJSONResponse, Response
from fastapi.responses import JSONResponse as Answer
from pydantic import BaseModel
from starlette.responses import JSONResponse

app = FastAPI()
router = APIRouter()
Plain = JSONResponse


class Tool(BaseModel):
    name: str


class Terse(JSONResponse):
    def render(self, content: object) -> bytes:
        """Another writer for the same dictionaries."""
        return orjson.dumps(content)


class Enveloped(JSONResponse):
    def render(self, content: object) -> bytes:
        return super().render({"data": content})


class Problem(JSONResponse):
    media_type = "application/problem+json"


def make() -> Tool:
    return Tool(name="saw")


Made = Annotated[Tool, Depends(make)]


@app.get("/a", response_class=JSONResponse)  # expect: json-response-class-named
async def annotated(tool: Made) -> Tool:
    return tool


@router.get(
    "/b",
    response_model=list[Tool],
    response_class=Answer,  # expect: json-response-class-named
)
async def modelled(tool: Made):
    return [tool]


@router.get("/c", response_class=Terse)  # expect: json-response-class-named
async def own_writer(tool: Made) -> Tool:
    return tool


def routes() -> APIRouter:
    inner = APIRouter()

    @inner.get("/d", response_class=Plain)  # expect: json-response-class-named
    async def nested(tool: Made) -> Tool:
        return tool

    return inner


@app.get("/f")
async def declared(tool: Made) -> Tool:  # silent: nothing is named
    return tool


@app.get("/g", response_class=JSONResponse)
async def without_model():  # silent: there is no model whose speed could be lost
    return {"a": 1}


@app.get("/h", response_model=Tool, response_class=JSONResponse)
async def by_hand(tool: Made):
    return JSONResponse(tool.model_dump())  # silent: S3 speaks of it


@app.get("/i", response_class=HTMLResponse)
async def page() -> str:
    return "<p>"  # silent


@app.get("/j", response_class=Enveloped)
async def enveloped(tool: Made) -> Tool:
    return tool  # silent: the class does more than write


@app.get("/k", response_class=Problem)
async def problem(tool: Made) -> Tool:
    return tool  # silent: another media type


@app.get("/l", response_class=ORJSONResponse)  # silent here: another rule's
async def once_fast(tool: Made) -> Tool:
    return tool


@app.get("/m", response_model=None, response_class=JSONResponse)
async def switched_off() -> Tool | Response:
    return Response()  # silent


@app.get("/n", response_class=JSONResponse)
async def stream() -> AsyncIterator[Tool]:
    yield Tool(name="saw")  # silent
