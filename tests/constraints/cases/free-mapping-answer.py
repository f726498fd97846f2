import json
from collections.abc import AsyncIterable
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse as Json
from fastapi.templating import Jinja2Templates
from pydantic import BaseModel
from typing_extensions import TypedDict

app = FastAPI()
TEMPLATES = Jinja2Templates("templates")
Answer = dict[str, Any]


class Tool(BaseModel):
    name: str


class Count(TypedDict):
    n: int


@app.get("/a")
async def free() -> dict:  # expect: free-mapping-answer
    return {}


@app.get("/b")
async def alias() -> Answer:  # expect: free-mapping-answer
    return {}


@app.get("/c", response_model=list[dict[str, Any]])
async def listed():  # expect: free-mapping-answer
    return []


@app.get("/d")
async def any_thing() -> Any:  # expect: free-mapping-answer
    return 1


@app.get("/e")
async def hand_made() -> Json:  # expect: free-mapping-answer
    return Json({})


@app.get("/hidden")
async def hidden_json() -> Response:  # expect: free-mapping-answer
    return Json({"a": 1})


@app.get("/error")
async def error_only() -> Response:  # silent: an error and a file
    if app:
        return Json({"detail": "gone"}, status_code=410)
    return Response(b"x", media_type="image/png")


@app.get("/f")
async def texts() -> dict[str, str]:  # expect: free-mapping-answer
    return {"status": "ok"}


@app.get("/g", response_model=Tool)
async def checked() -> dict:  # silent: the model checks it
    return {"name": "saw"}


@app.get("/h")
async def mapping() -> dict[str, Tool]:  # silent: values have a model
    return {}


@app.get("/i")
async def scalar() -> bool:  # silent
    return True


@app.get("/j")
async def typed() -> Count | None:  # silent
    return None


@app.get("/k")
async def items() -> AsyncIterable[dict[str, int]]:  # silent: a stream
    yield {"n": 1}


@app.get("/l")
async def own() -> Response:  # silent
    return Response(b"x", media_type="image/png")


@app.delete("/m", status_code=204)
async def gone() -> None:  # silent
    return None


async def helper() -> dict:  # silent: no path operation
    return {}


def tool_schema() -> dict: ...


@app.get("/n", response_model=tool_schema)
async def function_for_model():  # expect: free-mapping-answer
    return {"a": 1}


@app.get("/o", response_class=Response)
async def dumped() -> Response:  # expect: free-mapping-answer
    content = json.dumps({"a": 1})
    return Response(content=content, media_type="application/json")


@app.get("/p", response_class=Response)
async def lines() -> Response:  # silent: a format of its own
    return Response(json.dumps({"a": 1}), media_type="application/x-ndjson")


@app.get("/q")
async def export() -> Response:  # silent: a file
    headers = {"Content-Disposition": "attachment; filename=tools.json"}
    return Response(json.dumps({"a": 1}), media_type="application/json", headers=headers)


@app.get("/r")
async def schema() -> dict:  # silent: a schema
    return Tool.model_json_schema()


@app.get("/s")
async def page(request: Request) -> dict:  # silent: a page, whatever the arrow says
    return TEMPLATES.TemplateResponse("index.html", {"request": request})


@app.get("/t")
async def counts() -> dict[str, int]:  # silent: numbers by name, and nothing else
    return {"tools": 3}


class Quick(Response):
    media_type = "application/json"

    def render(self, content: object) -> bytes:
        return json.dumps(content).encode()


class Image(Response):
    media_type = "image/png"


@app.get("/u")
async def quick() -> Quick:  # expect: free-mapping-answer
    return Quick({"a": 1})


@app.get("/v")
async def image() -> Image:  # silent: a picture
    return Image(b"")


def schema_of(which):
    """The JSON Schemas, all or one."""
    if which:
        return Tool.model_json_schema()
    return {"read": Tool.model_json_schema(), "write": Tool.model_json_schema()}


@app.get("/schema-of")
async def by_helper(which: str = "") -> dict:  # silent: a schema is free
    return schema_of(which)
