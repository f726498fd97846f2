"""Handlers that stand in a module of their own."""

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse


class TornTicket(Exception): ...


class LostTicket(Exception): ...


async def answer_torn(request: Request, error: TornTicket) -> JSONResponse:
    return JSONResponse({"problem": "torn"}, status_code=409)  # silent: two agree, so the app is told


async def answer_lost(request: Request, error: LostTicket) -> JSONResponse:
    return JSONResponse({"problem": "lost"}, status_code=410)  # silent: two agree, so the app is told


def add_handlers(app: FastAPI) -> None:
    app.add_exception_handler(TornTicket, answer_torn)
    app.add_exception_handler(LostTicket, answer_lost)
