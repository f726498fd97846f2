"""Exception handlers whose answers have the status of a success."""

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from fastapi.responses import JSONResponse as Json
from starlette.responses import Response

app = FastAPI()


class NotSignedIn(Exception):
    """Nobody has signed in."""


class OutOfStock(Exception):
    """Nothing is left."""


class JSONRPCError(Exception):
    """An error of a remote procedure call."""

    def to_dict(self) -> dict[str, object]:
        return {"code": -32603}


class Answer:
    @classmethod
    def failure(cls, text: str) -> Response:
        return JSONResponse(status_code=200, content={"code": 500, "msg": text})  # expect: handler-answers-with-200


@app.exception_handler(OutOfStock)
async def out_of_stock(request: Request, error: OutOfStock) -> Response:
    return Answer.failure(str(error))


async def unhandled(request: Request, error: Exception) -> Response:
    return Json({"code": 500, "msg": "Unknown error"})  # expect: handler-answers-with-200


app.add_exception_handler(Exception, unhandled)


@app.exception_handler(NotSignedIn)
async def not_signed_in(request: Request, error: NotSignedIn) -> Response:
    if "html" in request.headers["accept"]:
        return HTMLResponse("<p>Sign in.</p>")  # silent: a page for people
    return RedirectResponse("/sign-in")  # silent: no error is told


@app.exception_handler(HTTPException)
async def http_error(request: Request, error: HTTPException) -> Response:
    return JSONResponse({"detail": error.detail}, error.status_code)  # silent: the error's own status


@app.exception_handler(ValueError)
async def value_error(request: Request, error: ValueError) -> Response:
    def inner() -> Response:
        return JSONResponse({"code": 1})  # silent: not the handler's answer

    response = JSONResponse({"detail": str(error)})  # silent: the status comes after
    response.status_code = 422
    return response or inner()


@app.exception_handler(JSONRPCError)
async def rpc(request: Request, error: JSONRPCError) -> Response:
    return JSONResponse({"error": error.to_dict()})  # silent: the protocol wants 200


@app.get("/a")
async def a() -> Response:
    return JSONResponse({"code": 0})  # silent: no handler


class Wrapped(Response):
    media_type = "application/json"

    def __init__(self, content: object, status_code: int = 200) -> None:
        super().__init__({"code": status_code, "result": content}, status_code)


def wrapped(code: int, text: str) -> Wrapped:
    return Wrapped({"code": code, "text": text}, status_code=200)  # silent: path operations answer with it as well


@app.get("/wrapped")
async def fine() -> Response:
    return wrapped(0, "")


@app.exception_handler(KeyError)
async def key_error(request: Request, error: KeyError) -> Response:
    if error.args:
        return wrapped(-1, str(error))  # expect: handler-answers-with-200
    return wrapped(-1, "no key")  # silent: told once for a helper
