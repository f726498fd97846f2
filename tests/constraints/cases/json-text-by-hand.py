import json
from json import dumps as to_json

from fastapi import FastAPI, Response
from fastapi.responses import PlainTextResponse, StreamingResponse
from pydantic import BaseModel

app = FastAPI()


class Tool(BaseModel):
    name: str


class Frame:
    pass


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
    return Response(request, media_type="application/json")  # expect: json-text-by-hand


@app.get("/e/lines")
async def lines(request: str) -> Response:
    return Response(request, media_type="application/x-ndjson")  # silent: no JSON document


@app.get("/e/told")
async def told(request: str, kind: str) -> Response:
    return Response(request, media_type=kind)  # silent: whatever it was


@app.get("/f")
async def read() -> Tool:
    return json.loads('{"name": "saw"}')  # silent


@app.get("/g", response_class=Response)
async def named() -> Response:
    text = json.dumps({"a": 1})
    return Response(content=text)  # expect: json-text-by-hand


@app.get("/h")
async def plain() -> PlainTextResponse:
    return PlainTextResponse(json.dumps({"a": 1}))  # expect: json-text-by-hand


@app.get("/i")
async def model() -> Response:
    return Response(Tool(name="saw").model_dump_json(), media_type="application/json")  # expect: json-text-by-hand


@app.get("/j")
async def written() -> Response:
    return Response('{"status": "ok"}', media_type="application/json")  # expect: json-text-by-hand


@app.get("/k")
async def other_format() -> Response:
    return Response(json.dumps({"a": 1}), media_type="application/ld+json")  # silent


@app.get("/l")
async def error() -> Response:
    return Response(json.dumps({"a": 1}), status_code=404)  # silent


@app.get("/m")
async def from_frame(frame: Frame) -> Response:
    return Response(frame.to_json(orient="records"), media_type="application/json")  # expect: json-text-by-hand


@app.get("/n")
async def old_method():
    return Tool(name="saw").json()  # expect: json-text-by-hand


@app.get("/o")
async def from_elsewhere(frame: Frame):
    return frame.json()  # silent: an answer of another service, parsed
