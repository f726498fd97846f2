"""Answers to errors that do not look like all others."""

import functools
import json
from collections.abc import Awaitable, Callable
from enum import Enum, IntEnum

from fastapi import APIRouter, BackgroundTasks, FastAPI, HTTPException, Request, Response
from fastapi import status as codes
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse
from fastapi.responses import JSONResponse as Answer
from pydantic import BaseModel

app = FastAPI()


class Failure(BaseModel):
    msg: str
    reason: str


@app.get("/a")
async def a(number: int, response: Response) -> object:
    if number == 1:
        return Answer(status_code=400, content={"msg": "bad"})  # expect: error-shape-differs
    if number == 2:
        return JSONResponse({"error": "gone"}, codes.HTTP_410_GONE)  # expect: error-shape-differs
    if number == 3:
        content = Failure(msg="x", reason="y").model_dump()
        return JSONResponse(content, status_code=409)  # expect: error-shape-differs
    if number == 4:
        response.status_code = 404
        return {"message": "no such tool"}  # expect: error-shape-differs
    if number == 5:
        return JSONResponse({"detail": "bad"}, status_code=400)  # silent: the shape of HTTPException
    if number == 6:
        return JSONResponse({"detail": "bad", "reason": "short"}, status_code=400)  # silent: the same and more
    if number == 7:
        return JSONResponse({"error": "invalid_grant", "error_description": "x"}, 400)  # silent: OAuth
    if number == 8:
        return JSONResponse({"msg": "made"}, status_code=201)  # silent: no error

    def helper() -> JSONResponse:
        return JSONResponse({"msg": "x"}, status_code=400)  # silent: nobody answers with it

    raise HTTPException(404, "no such tool")


@app.get("/health")
async def read_health() -> object:
    return JSONResponse({"status": "down"}, status_code=503)  # silent: a health check


@app.middleware("http")
async def guard(request: Request, call_next: object) -> Response:
    if "token" not in request.headers:
        return JSONResponse(status_code=401, content={"message": "who?"})  # expect: error-shape-differs
    return JSONResponse(status_code=403, content={"detail": "no"})  # silent: the shape of HTTPException


# Response classes other than JSON's, and nothing at all

router = APIRouter()


@router.get("/b")
async def b(number: int, upstream: bytes) -> Response:
    if number == 1:
        return Response(content=json.dumps({"error": "gone"}), status_code=404)  # expect: error-shape-differs
    if number == 2:
        return Response(f"no {number}", status_code=400)  # expect: error-shape-differs
    if number == 3:
        return Response(status_code=404)  # expect: error-shape-differs
    if number == 4:
        return PlainTextResponse("bad", status_code=400)  # expect: error-shape-differs
    if number == 5:
        return JSONResponse("bad", status_code=400)  # expect: error-shape-differs
    if number == 6:
        return Response(upstream, status_code=502)  # silent: nobody can tell what is in it
    if number == 7:
        return Response("<error/>", media_type="application/xml", status_code=400)  # silent: another format
    if number == 8:
        return Response(json.dumps({"detail": "bad"}), status_code=400)  # silent: the shape of HTTPException
    if number == 9:
        return Response(status_code=204)  # silent: no error
    return Response(status_code=499)  # silent: the client has gone


@router.get("/photo")
async def read_photo(number: int) -> Response:
    if number > 5:
        return Response(status_code=404)  # silent: a browser shows it, nobody reads the error
    return FileResponse(f"{number}.jpg")


@router.head("/b")
async def look() -> Response:
    return Response(status_code=404)  # silent: an answer to HEAD has no body


# Helpers and wrappers


def refuse(status: int, why: str) -> JSONResponse:
    return JSONResponse({"error": why}, status_code=status)  # expect: error-shape-differs


def accept(status: int, what: str) -> JSONResponse:
    return JSONResponse({"message": what}, status_code=status)  # silent: nobody calls it with an error's status


def with_errors(function: Callable[..., Awaitable[object]]) -> Callable[..., Awaitable[object]]:
    @functools.wraps(function)
    async def wrapper(*args: object, **kwargs: object) -> object:
        try:
            return await function(*args, **kwargs)
        except KeyError as error:
            return JSONResponse({"msg": str(error)}, status_code=404)  # expect: error-shape-differs

    return wrapper


@router.get("/c")
@with_errors
async def c(number: int) -> object:
    if number == 1:
        return refuse(404, "gone")
    if number == 2:
        return refuse(codes.HTTP_409_CONFLICT, "taken")
    return accept(201, "made")


app.include_router(router)


async def refuse_crowds(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    if request.headers.get("crowd"):
        return JSONResponse({"msg": "too many"}, status_code=429)  # expect: error-shape-differs
    return await call_next(request)


app.middleware("http")(refuse_crowds)


class Quick(Response):
    media_type = "application/json"

    def render(self, content: object) -> bytes:
        return json.dumps(content).encode()


@app.get("/quick")
async def quick(number: int) -> object:
    if number == 1:
        return Quick({"msg": "no such tool"}, status_code=404)  # expect: error-shape-differs
    return Quick({"detail": "no such tool"}, status_code=404)  # silent: the common shape


class JSONRPCError(Exception):
    code = -32001
    message = "refused"


@app.post("/rpc")
async def rpc(number: int) -> object:
    try:
        if number == 1:
            return JSONResponse({"code": -32602, "message": "bad", "data": number}, 400)  # silent: JSON-RPC
        if number == 2:
            return JSONResponse({"error": {"type": "invalid", "message": "bad"}}, 400)  # silent: a protocol's form
        if number == 3:
            return JSONResponse({"msg": "bad", "links": {"retry": "/rpc"}}, 400)  # expect: error-shape-differs
        return number
    except JSONRPCError as error:
        return JSONResponse({"code": error.code, "message": error.message}, 403)  # silent: JSON-RPC


@app.post("/deliveries")
async def deliver(tasks: BackgroundTasks) -> dict[str, str]:
    async def announce() -> JSONResponse:
        return JSONResponse({"msg": "nobody at home"}, status_code=401)  # silent: runs after the reply, and nobody gets it

    tasks.add_task(announce)
    return {"message": "on its way"}


@app.post("/returns")
async def take_back(tasks: BackgroundTasks) -> object:
    async def refuse() -> JSONResponse:
        return JSONResponse({"msg": "not ours"}, status_code=409)  # expect: error-shape-differs

    tasks.add_task(refuse)
    return await refuse()


class Codes(IntEnum):
    GONE = 410


class Ticket(BaseModel):
    number: int
    state: str


class Reason(str, Enum):
    FULL = "full"


async def note(number: int) -> JSONResponse:
    return JSONResponse({"msg": str(number)}, status_code=409)  # silent: whoever calls it throws the answer away


async def noted(number: int) -> JSONResponse:
    return JSONResponse({"msg": str(number)}, status_code=409)  # expect: error-shape-differs


@app.get("/tickets/{number}")
async def ticket(number: int, reason: Reason) -> object:
    await note(number)
    if number == 1:
        return JSONResponse({"msg": "gone"}, status_code=Codes.GONE)  # expect: error-shape-differs
    if number == 2:
        body = Ticket(number=2, state="gone")
        return Response(body.model_dump_json(), media_type="application/json", status_code=404)  # expect: error-shape-differs
    if number == 3:
        return JSONResponse({"error": {"message": "gone", "code": "x"}}, status_code=404)  # expect: error-shape-differs
    return await noted(number)


@app.get("/tickets/{number}/picture")
async def picture(number: int) -> Response:
    if number == 1:
        return JSONResponse("too small", status_code=400)  # expect: error-shape-differs
    if number == 2:
        return Response("too large", status_code=400)  # silent: a browser shows it
    return Response(b"", media_type="image/png")


@app.get("/relayed/{number}")
async def relayed(number: int) -> object:
    reply = await other.get(number)
    if not reply.ok:
        return JSONResponse({"success": False, "message": f"Failed: {reply.text}"}, status_code=reply.status)  # expect: error-shape-differs
    return JSONResponse({"success": True, "message": reply.text}, status_code=reply.status)  # silent: no error


class Failure(BaseModel):
    errors: list[str]


def status_for(result: object) -> int:
    return 200 if isinstance(result, Ticket) else 500


@app.get("/declared/{number}", responses={400: {"model": Failure}, 500: {"model": Failure}})
async def declared(number: int, response: Response) -> object:
    result = await other.get(number)
    response.status_code = status_for(result)
    return result  # expect: error-shape-differs


@app.get("/undeclared/{number}")
async def undeclared(number: int, response: Response) -> object:
    result = await other.get(number)
    response.status_code = status_for(result)
    return result  # silent: nobody says what its errors look like


@app.get("/failures/{number}")
async def failure(number: int, response: Response) -> object:
    if number == 1:
        response.status_code = 404
        return Failure(errors=["gone"])  # expect: error-shape-differs
    response.status_code = 201
    return Failure(errors=[])  # silent: no error
