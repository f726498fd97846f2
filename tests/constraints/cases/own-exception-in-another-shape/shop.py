"""An exception of the project that is answered otherwise than what the project raises besides."""

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic_core import to_json
from slow_kit import Slow, answer_slow
from slowapi import Limiter, _rate_limit_exceeded_handler
from slowapi.errors import RateLimitExceeded
from starlette.exceptions import HTTPException as StarletteHTTPException


class ShopError(Exception):
    def __init__(self, text: str) -> None:
        self.text = text


class OutOfStock(ShopError):
    pass


async def answer_shop_error(request: Request, error: ShopError) -> JSONResponse:
    return JSONResponse({"code": "shop", "message": error.text}, status_code=409)  # expect: own-exception-in-another-shape


async def answer_in_detail(request: Request, error: ShopError) -> JSONResponse:
    return JSONResponse({"detail": error.text}, status_code=409)


def make_two_shapes() -> FastAPI:
    app = FastAPI()  # silent: the handler is beside it
    app.add_exception_handler(ShopError, answer_shop_error)

    @app.get("/a")
    async def a() -> None:
        raise HTTPException(404, "no such tool")

    return app


def make_one_shape() -> FastAPI:
    app = FastAPI(exception_handlers={OutOfStock: answer_in_detail})  # silent: the shape of HTTPException
    app.add_exception_handler(Slow, answer_slow)  # a library's own answer

    @app.get("/b")
    async def b() -> None:
        raise OutOfStock("none left")

    return app


class Quick(Response):
    media_type = "application/json"

    def render(self, content: object) -> bytes:
        return to_json(content)


class Closed(Exception): ...


class Missing(Exception): ...


class Late(Exception): ...


def describe(text: str, code: str | None = None, **more: object) -> dict[str, object]:
    return {"text": text, "code": code, **more}


def make_with_helper() -> FastAPI:
    app = FastAPI()

    @app.exception_handler(Closed)
    async def answer_closed(request: Request, error: Closed) -> Response:
        text = "closed"
        if error.args:
            text = error.args[0]
        return Quick(describe(text), status_code=409)  # expect: own-exception-in-another-shape

    @app.exception_handler(Missing)
    async def answer_missing(request: Request, error: Missing) -> Response:
        return Quick({"detail": describe("missing")}, status_code=404)  # silent: under `detail`, as everywhere

    @app.exception_handler(Late)
    async def answer_late(request: Request, error: Late) -> Response:
        if "text/html" in request.headers["accept"]:
            return HTMLResponse("<h1>Late</h1>", status_code=409)
        return Quick({"detail": "late"}, status_code=409)  # silent: a page for browsers, `detail` for programs

    return app


def make_for_protocol() -> FastAPI:
    app = FastAPI()

    @app.exception_handler(Closed)
    async def answer_closed(request: Request, error: Closed) -> JSONResponse:
        return JSONResponse({"error": "x", "error_description": "y"}, status_code=400)  # silent: OAuth's form

    return app


class Broken(Exception): ...


def show_page(request: Request) -> HTMLResponse | None:
    if "text/html" in request.headers["accept"]:
        return HTMLResponse("<h1>Broken</h1>", status_code=500)
    return None


def make_for_both() -> FastAPI:
    app = FastAPI()

    @app.exception_handler(Broken)
    async def answer_broken(request: Request, error: Broken) -> Response:
        if error.args:
            return show_page(request) or JSONResponse({"detail": str(error)}, status_code=409)  # silent: as usual
        return JSONResponse({"detail": "broken"}, status_code=409)

    @app.exception_handler(Closed)
    async def answer_closed(request: Request, error: Closed) -> Response:
        return show_page(request) or JSONResponse(  # expect: own-exception-in-another-shape
            {"text": "closed"}, status_code=409
        )

    return app


def make_with_last_resort() -> FastAPI:
    app = FastAPI()  # silent: the other rule speaks of the app

    @app.exception_handler(Exception)
    async def answer_all(request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"message": "failed"}, status_code=500)  # expect: own-exception-in-another-shape

    @app.exception_handler(RequestValidationError)
    async def answer_invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return JSONResponse({"detail": [], "hint": "see the docs"}, status_code=422)  # silent: `detail` with more

    return app


limiter = Limiter(key_func=str, default_limits=["60/minute"])


def make_limited() -> FastAPI:
    app = FastAPI()
    app.add_exception_handler(RateLimitExceeded, _rate_limit_exceeded_handler)  # expect: own-exception-in-another-shape
    return app


def make_limited_as_usual() -> FastAPI:
    app = FastAPI(exception_handlers={404: answer_all_in_error, StarletteHTTPException: answer_all_in_error})
    app.add_exception_handler(RateLimitExceeded, _rate_limit_exceeded_handler)  # silent: the shape of all
    return app


async def answer_all_in_error(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"error": str(error)}, status_code=400)


class Gone(Exception):
    status = 410


class Busy(Exception): ...


async def answer_gone(request: Request, error: Gone) -> Response:
    return Response(content=str(error), status_code=error.status, media_type="text/plain")  # expect: own-exception-in-another-shape


async def answer_busy(request: Request, error: Busy) -> Response:
    return HTMLResponse("<p>Busy.</p>", status_code=503)  # silent: a page for people


def make_plain_texts() -> FastAPI:
    app = FastAPI()
    app.add_exception_handler(Gone, answer_gone)
    app.add_exception_handler(Busy, answer_busy)

    @app.get("/plain")
    async def plain() -> None:
        raise HTTPException(404, "no such tool")

    return app


async def everything_in_text(request: Request, error: Exception) -> Response:
    return Response(str(error), 400, media_type="text/plain")  # silent: so are all errors of that app


def make_texts_alone() -> FastAPI:
    app = FastAPI(exception_handlers={StarletteHTTPException: everything_in_text, Gone: everything_in_text})

    @app.get("/texts")
    async def texts() -> None:
        raise HTTPException(404, "no such tool")

    return app


async def answer_as_json_text(request: Request, error: RequestValidationError) -> JSONResponse:
    return JSONResponse(jsonable_encoder(str(error)), status_code=422)  # expect: own-exception-in-another-shape


def make_json_texts() -> FastAPI:
    app = FastAPI()
    app.add_exception_handler(RequestValidationError, answer_as_json_text)

    @app.get("/json-texts")
    async def json_texts() -> None:
        raise HTTPException(404, "no such tool")

    return app
