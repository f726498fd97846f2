import json
from json import dumps as to_json

from fastapi import FastAPI, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

app = FastAPI()


class Tool(BaseModel):
    name: str


@app.get("/a")
async def text():
    return to_json({"name": "saw"})  # expect: json-text-by-hand


@app.get("/b")
async def response() -> Response:
    return Response(json.dumps({"a": 1}), media_type="application/json")  # expect: json-text-by-hand


@app.get("/c")
async def round_trip():
    return json.loads(Tool(name="saw").model_dump_json())  # expect: json-text-by-hand


@app.get("/d")
async def lines() -> StreamingResponse:
    return StreamingResponse(json.dumps(n) for n in range(3))  # silent


@app.get("/e")
async def cached(request: str) -> Response:
    return Response(request, media_type="application/json")  # silent: kept text


@app.get("/f")
async def read() -> Tool:
    return json.loads('{"name": "saw"}')  # silent
