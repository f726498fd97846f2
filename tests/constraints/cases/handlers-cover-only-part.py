"""Apps that reshape some errors and not the others."""

from collections.abc import Callable
from typing import Any

import setup_kit
from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.exceptions import RequestValidationError as Invalid
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException


class Problem(BaseModel):
    title: str
    status: int


def problem(title: str, status: int) -> JSONResponse:
    return JSONResponse(Problem(title=title, status=status).model_dump(), status_code=status)


async def answer_http(request: Request, error: HTTPException) -> JSONResponse:
    return problem(error.detail, error.status_code)


async def answer_invalid(request: Request, error: RequestValidationError) -> JSONResponse:
    return problem("invalid input", 422)


async def answer_anything(request: Request, error: Exception) -> JSONResponse:
    body = jsonable_encoder(Problem(title="error", status=500))
    return JSONResponse(content=body, status_code=500)


async def answer_in_detail(request: Request, error: RequestValidationError) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, status_code=422)


async def log_and_answer(request: Request, error: HTTPException) -> object:
    return await http_exception_handler(request, error)


def make_validation_only() -> FastAPI:
    app = FastAPI()  # expect: handlers-cover-only-part

    @app.exception_handler(Invalid)
    async def answer(request: Request, error: Invalid) -> JSONResponse:
        content = {"detail": error.errors(), "message": "invalid"}
        return JSONResponse(status_code=422, content=content)

    return app


def make_http_only() -> FastAPI:
    app = FastAPI(exception_handlers={HTTPException: answer_http})  # expect: handlers-cover-only-part
    return app


def register(app: FastAPI) -> None:
    app.add_exception_handler(500, answer_anything)


def make_unhandled_only() -> FastAPI:
    application = FastAPI()  # expect: handlers-cover-only-part
    register(application)
    return application


def make_all() -> FastAPI:
    app = FastAPI()  # silent: one shape
    app.add_exception_handler(HTTPException, answer_http)
    app.add_exception_handler(RequestValidationError, answer_invalid)
    app.add_exception_handler(Exception, answer_anything)
    return app


def make_without_last() -> FastAPI:
    app = FastAPI()  # silent: what is reshaped has one shape
    app.add_exception_handler(HTTPException, answer_http)
    app.add_exception_handler(RequestValidationError, answer_invalid)
    return app


def make_same_keys() -> FastAPI:
    app = FastAPI(exception_handlers={Invalid: answer_in_detail})  # silent: the keys that FastAPI has
    app.add_exception_handler(HTTPException, log_and_answer)
    return app


def make_default() -> FastAPI:
    return FastAPI()  # silent: all of FastAPI's own


def make_unknown(options: dict[str, Any]) -> FastAPI:
    app = FastAPI(**options)  # silent: the others may be among the options
    app.add_exception_handler(HTTPException, answer_http)
    return app


def make_elsewhere() -> FastAPI:
    app = FastAPI()  # silent: a library may register the others
    setup_kit.prepare(app)
    app.add_exception_handler(HTTPException, answer_http)
    return app


def make_unreadable() -> FastAPI:
    app = FastAPI()  # silent: nobody knows what the handler answers

    @app.exception_handler(HTTPException)
    async def answer(request: Request, error: HTTPException) -> object:
        content = {"title": error.detail}
        content.update(setup_kit.more(error))
        return JSONResponse(content, status_code=error.status_code)

    return app


def answering(status: int) -> Callable[[Request, Exception], JSONResponse]:
    def answer(request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"errors": [str(error)]}, status_code=status)

    return answer


made = FastAPI()  # expect: handlers-cover-only-part
made.add_exception_handler(Exception, answering(500))


@made.get("/made")
async def read_made() -> int:
    return 1


TABLE = [(HTTPException, answer_http), (Exception, answering(500))]


def make_from_table() -> FastAPI:
    app = FastAPI()  # expect: handlers-cover-only-part
    for exception, handler in TABLE:
        app.add_exception_handler(exception, handler)
    return app


def make_from_mapping() -> FastAPI:
    app = FastAPI()  # expect: handlers-cover-only-part
    app.exception_handlers |= {
        exception: lambda request, error, status=status: problem(str(error), status)
        for exception, status in {HTTPException: 404, Exception: 500}.items()
    }
    return app


def make_whole_from_mapping() -> FastAPI:
    app = FastAPI()  # silent: all three are there
    app.exception_handlers.update({HTTPException: answer_http, Exception: answer_http})
    app.exception_handlers[Invalid] = answer_http
    return app


def all_handlers() -> dict[Any, Any]:
    return {HTTPException: answer_http}


def make_from_function() -> FastAPI:
    return FastAPI(exception_handlers=all_handlers())  # expect: handlers-cover-only-part


def make_wrapped() -> FastAPI:
    app = FastAPI()  # expect: handlers-cover-only-part
    app.add_exception_handler(HTTPException, answer_http)
    return setup_kit.Versioned(app)


def with_headers(response: JSONResponse) -> JSONResponse:
    response.headers["X-Tool"] = "1"
    return response


def make_with_headers() -> FastAPI:
    app = FastAPI()  # expect: handlers-cover-only-part

    @app.exception_handler(HTTPException)
    async def answer(request: Request, error: HTTPException) -> JSONResponse:
        answered = JSONResponse(NOT_HERE, status_code=404)
        return with_headers(answered)

    return app


NOT_HERE = {"title": "not here", "status": 404}
