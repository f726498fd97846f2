"""An exception of the project that is answered otherwise than what the project raises besides."""

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from slow_kit import Slow, answer_slow


class ShopError(Exception):
    def __init__(self, text: str) -> None:
        self.text = text


class OutOfStock(ShopError):
    pass


async def answer_shop_error(request: Request, error: ShopError) -> JSONResponse:
    return JSONResponse({"code": "shop", "message": error.text}, status_code=409)


async def answer_in_detail(request: Request, error: ShopError) -> JSONResponse:
    return JSONResponse({"detail": error.text}, status_code=409)


def make_two_shapes() -> FastAPI:
    app = FastAPI()  # expect: own-exception-in-another-shape
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
