"""`HTTPException`s that nobody turns into answers."""

from collections.abc import Awaitable, Callable

from fastapi import Depends, FastAPI, Request
from fastapi import HTTPException as Refusal
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import Response

app = FastAPI()
Next = Callable[[Request], Awaitable[Response]]


def known(request: Request) -> str:
    if "key" not in request.headers:
        raise Refusal(401, "no key")
    return request.headers["key"]


@app.middleware("http")
async def sign_in(request: Request, call_next: Next) -> Response:
    if "token" not in request.headers:
        raise Refusal(status_code=401, detail="no token")  # expect: http-exception-in-middleware
    known(request)  # expect: http-exception-in-middleware

    def later() -> None:
        raise Refusal(403, "never")  # silent: nobody calls it

    request.state.later = later
    return await call_next(request)


class Limit(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next: Next) -> Response:
        try:
            known(request)  # silent: answered below
        except Refusal as error:
            return JSONResponse({"detail": error.detail}, status_code=error.status_code)
        if len(request.headers) > 50:
            raise Refusal(431, "too many headers")  # expect: http-exception-in-middleware
        return await call_next(request)


app.add_middleware(Limit)


class Route(APIRoute):
    def get_route_handler(self) -> Next:
        async def handler(request: Request) -> Response:
            raise Refusal(404, "gone")  # silent: inside of the app's handlers

        return handler


@app.get("/a")
async def a(key: str = Depends(known)) -> str:
    if not key:
        raise Refusal(404, "gone")  # silent: a path operation
    return key
