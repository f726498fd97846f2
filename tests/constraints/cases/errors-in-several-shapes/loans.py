"""Handlers for exceptions of the project, beside the app, that answer otherwise than `HTTPException`."""

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

other = FastAPI()  # expect: errors-in-several-shapes


class Lost(Exception): ...


class Torn(Exception): ...


class Late(Exception): ...


@other.exception_handler(Lost)
async def tell_lost(request: Request, error: Lost) -> JSONResponse:
    return JSONResponse({"message": "lost"}, status_code=404)


@other.exception_handler(Torn)
async def tell_torn(request: Request, error: Torn) -> JSONResponse:
    return JSONResponse({"problem": "torn"}, status_code=409)


@other.exception_handler(Late)
async def tell_late(request: Request, error: Late) -> JSONResponse:
    return JSONResponse({"fault": "late"}, status_code=400)
