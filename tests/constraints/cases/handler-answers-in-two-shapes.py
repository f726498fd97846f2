"""Exception handlers with two bodies."""

from fastapi import FastAPI, Request
from fastapi import HTTPException as Problem
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.responses import Response

app = FastAPI()


@app.exception_handler(Problem)
async def http_error(request: Request, error: Problem) -> Response:
    if error.status_code == 500:
        return JSONResponse({"error": "internal", "id": "1"}, 500)  # expect: handler-answers-in-two-shapes
    if error.status_code == 404:
        return JSONResponse({"detail": error.detail, "path": "/"}, 404)  # silent: the same with one key more
    if "html" in request.headers["accept"]:
        return HTMLResponse("<p>Gone.</p>", 404)  # silent: a page
    return await http_exception_handler(request, error)


async def invalid(request: Request, error: RequestValidationError) -> Response:
    if request.url.path.startswith("/rpc"):
        return JSONResponse({"jsonrpc": "2.0", "error": {"code": -32602}}, 200)  # silent: a protocol's form
    if request.url.path.startswith("/v1"):
        return JSONResponse({"error": {"message": str(error), "type": "invalid"}}, 400)  # silent: a protocol's form

    def inner() -> Response:
        return JSONResponse({"other": 1}, 400)  # silent: not the handler's answer

    request.state.later = inner
    return JSONResponse({"detail": str(error)}, 422)


app.add_exception_handler(RequestValidationError, invalid)


@app.exception_handler(KeyError)
async def missing(request: Request, error: KeyError) -> Response:
    if error.args:
        return JSONResponse({"message": "gone"}, 404)
    return JSONResponse({"title": "gone"}, 404)  # expect: handler-answers-in-two-shapes
