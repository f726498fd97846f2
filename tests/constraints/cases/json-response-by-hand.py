from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, ORJSONResponse, PlainTextResponse
from pydantic import BaseModel

app = FastAPI()


class Tool(BaseModel):
    name: str


class Own(JSONResponse): ...


@app.get("/a", response_model=Tool)
async def direct():
    return JSONResponse({"name": "saw"})  # expect: json-response-by-hand


@app.get("/b")
async def variable(n: int) -> Tool:
    answer = ORJSONResponse({"name": "saw"})
    return answer if n else Own({})  # expect: json-response-by-hand  # expect: json-response-by-hand


@app.get("/c")
async def error(n: int) -> Tool:
    if n:
        return JSONResponse({"detail": "gone"}, status_code=404)  # silent: an error
    return Tool(name="saw")


@app.exception_handler(ValueError)
async def handler(request: Request, error: ValueError):
    return JSONResponse({"detail": str(error)})  # silent


@app.middleware("http")
async def middleware(request, call_next):
    return JSONResponse({})  # silent


@app.get("/d")
async def text() -> PlainTextResponse:
    return PlainTextResponse("a")  # silent


def helper():
    return JSONResponse({})  # silent: no path operation


@app.get("/e")
async def named_error(n: int) -> Tool:
    refused = JSONResponse({"detail": "gone"}, 410)
    if n:
        return refused  # silent: an error
    return error_answer("no such tool")  # silent: an error, as its name says


def error_answer(text: str) -> JSONResponse:
    return JSONResponse({"detail": text})
