"""A handler for FastAPI's own class, which an unknown path does not raise."""

import fastapi
from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as StarletteHTTPException


async def answer(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"message": str(error)}, status_code=400)


async def answer_as_ever(request: Request, error: HTTPException) -> JSONResponse:
    return JSONResponse({"detail": error.detail}, status_code=error.status_code)


def make_first() -> FastAPI:
    app = FastAPI()
    app.add_exception_handler(HTTPException, answer)  # expect: handler-misses-unknown-paths
    app.add_exception_handler(RequestValidationError, answer)
    return app


def make_second() -> FastAPI:
    app = FastAPI()

    @app.exception_handler(fastapi.HTTPException)  # expect: handler-misses-unknown-paths
    async def answer_here(request: Request, error: fastapi.HTTPException) -> JSONResponse:
        return JSONResponse({"message": error.detail}, status_code=error.status_code)

    return app


def make_right() -> FastAPI:
    app = FastAPI()
    app.add_exception_handler(StarletteHTTPException, answer)  # silent: the class that the router raises
    return app


def make_both() -> FastAPI:
    app = FastAPI()
    app.add_exception_handler(HTTPException, answer)  # silent: the other one has a handler too
    app.add_exception_handler(StarletteHTTPException, answer)
    return app


def make_same() -> FastAPI:
    app = FastAPI()
    app.add_exception_handler(HTTPException, answer_as_ever)  # silent: an unknown path has the same shape
    return app
