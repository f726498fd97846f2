import functools

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, ORJSONResponse, PlainTextResponse
from pydantic import BaseModel
from pydantic_core import to_json

app = FastAPI()


class Tool(BaseModel):
    name: str


class Own(JSONResponse): ...


class Quick(Response):
    media_type = "application/json"

    def render(self, content: object) -> bytes:
        return to_json(content)


class Wrapped(JSONResponse):
    def __init__(self, data: object, text: str = "ok", code: int = 200) -> None:
        super().__init__({"data": data, "text": text}, status_code=code)


class Table(Response):
    media_type = "text/csv"


class Answers:
    @staticmethod
    def ok(data: object) -> JSONResponse:
        return JSONResponse({"data": data})

    @classmethod
    def refuse(cls, code: int, text: str) -> JSONResponse:
        return JSONResponse({"text": text}, status_code=code)


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


@app.get("/f")
async def quick():
    return Quick({"a": 1})  # expect: json-response-by-hand


@app.get("/g", response_model=Tool)
async def quick_model():
    return Quick(Tool(name="saw"))  # silent: a model says what is in it


@app.get("/h")
async def table():
    return Table("a;b")  # silent: no JSON


@app.get("/i")
async def wrapped(n: int):
    if n == 1:
        return Wrapped(None, "no such tool", 404)  # silent: an error
    if n == 2:
        return Wrapped(None, code=409)  # silent: an error
    return Wrapped({"a": 1}, "found")  # expect: json-response-by-hand


@app.get("/j")
async def built(n: int):
    if n:
        return Answers.refuse(404, "no such tool")  # silent: an error
    return Answers.ok({"a": 1})  # expect: json-response-by-hand


def load_stock(name: str) -> dict[str, int]:
    return {name: 1}


async def answer_stock(name: str) -> JSONResponse:
    found = load_stock(name)
    if not found:
        return JSONResponse({"detail": "none"}, status_code=404)  # silent: an error
    if name == "saw":
        return JSONResponse({"stock": found})  # expect: json-response-by-hand
    return await answer_counted(name)  # silent: told further down


async def answer_counted(name: str) -> JSONResponse:
    found = load_stock(name)
    return JSONResponse({"count": len(found)})  # expect: json-response-by-hand


@app.get("/stock")
async def read_stock(name: str):
    return await answer_stock(name)  # silent: the helper that does its work is told


@app.get("/k")
async def words():
    return JSONResponse("up", headers={"Content-Type": "text/plain"})  # silent: a text, by its header


def with_aliases(tool: Tool) -> JSONResponse:
    return JSONResponse(tool.model_dump(by_alias=True))  # expect: json-response-by-hand


def refused(text: str) -> JSONResponse:
    return JSONResponse({"detail": text}, status_code=409)  # silent: an error


@app.get("/aliased/a")
async def aliased(n: int) -> Tool:
    if n > 9:
        return refused("too many")  # silent
    return with_aliases(Tool(name="saw"))  # expect: json-response-by-hand


@app.get("/aliased/b")
async def aliased_too(n: int) -> Tool:
    if n > 9:
        return refused("too many")  # silent
    return with_aliases(Tool(name="drill"))  # expect: json-response-by-hand


def counted_answer(count: int) -> JSONResponse:
    return JSONResponse({"count": count})  # expect: json-response-by-hand


@app.get("/counted/a")
async def counted_here(n: int) -> JSONResponse:
    answer = counted_answer(n)
    log(answer.status_code)
    return answer  # expect: json-response-by-hand


@app.get("/counted/b")
async def counted_there(n: int) -> JSONResponse:
    answer = counted_answer(n + 1)
    log(answer.status_code)
    return answer  # expect: json-response-by-hand


def enveloped(function):
    @functools.wraps(function)
    async def inner(*given, **named):
        try:
            return JSONResponse({"data": await function(*given, **named)})  # expect: json-response-by-hand
        except KeyError:
            return JSONResponse({"detail": "unknown"}, status_code=404)  # silent: an error

    return inner


@app.get("/enveloped")
@enveloped
async def in_envelope(n: int) -> int:
    return n


class Desk:
    def _answer(self, url: str) -> JSONResponse:
        return JSONResponse({"status": "ok", "url": url})  # expect: json-response-by-hand

    async def log_in(self, url: str):
        answer = self._answer(url)
        answer.set_cookie("seen", "1")
        return answer  # silent: the helper is told, which says more than it is given


app.add_api_route("/log-in", Desk().log_in)


def reply(status_code: int, message: str, data: object = None) -> JSONResponse:
    content = {"status_code": status_code, "message": message, "data": data}
    return JSONResponse(content, status_code=status_code)  # expect: json-response-by-hand


@app.get("/replied")
def replied():
    return reply(200, "found", data=[1])  # expect: json-response-by-hand


@app.post("/replied", status_code=201)
def replied_to_post():
    return reply(status_code=201, message="made")  # expect: json-response-by-hand


@app.get("/refused")
def refused():
    return reply(404, "not found")  # silent: an error


@app.get("/passed-on")
def passed_on(code: int):
    return reply(code, "as it came")  # silent: it may be an error
