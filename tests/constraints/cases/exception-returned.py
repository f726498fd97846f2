"""Exceptions that are handed back."""

from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import HTTPException as Refusal
from fastapi.responses import JSONResponse

app = FastAPI()


class NotFound(HTTPException):
    def __init__(self) -> None:
        super().__init__(404, "not found")


class Missing(Exception):
    pass


def not_found() -> HTTPException:
    return HTTPException(404, "no such tool")  # expect: exception-returned


def make_refusal() -> HTTPException:
    return HTTPException(403, "no")  # silent: a factory whose result is raised


def read_member(token: str) -> object:
    if not token:
        return Refusal(401, "who?")  # expect: exception-returned
    return token


async def load(number: int) -> object:
    if number > 9:
        return NotFound()  # expect: exception-returned
    return number


@app.get("/a")
async def a(number: int, member: Annotated[object, Depends(read_member)]) -> object:
    refusal = HTTPException(400, "bad")  # expect: exception-returned
    if number == 1:
        return HTTPException(status_code=404, detail="x")  # expect: exception-returned
    if number == 2:
        return refusal
    if number == 3:
        return NotFound() if member else None  # expect: exception-returned
    if number == 4:
        return not_found()
    if number == 5:
        raise make_refusal()
    if number == 6:
        return await load(number)
    raise NotFound  # silent: raised


@app.get("/b")
async def b() -> str:
    try:
        return "fine"
    except Missing as error:
        return str(error)  # silent: a text


@app.exception_handler(Missing)
async def answer_missing(request: Request, error: Missing) -> object:
    if request.method == "GET":
        return HTTPException(404, str(error))  # expect: exception-returned
    return JSONResponse({"detail": str(error)}, status_code=404)  # silent: a response


def helper() -> HTTPException:
    return HTTPException(500, "helper")  # silent: nobody answers with it


@app.get("/caught")
def caught(number: int) -> object:
    try:
        return 1 / number
    except ZeroDivisionError as error:
        return error  # expect: exception-returned
    except ValueError as error:
        return {"low": str(error)}  # silent: its text alone
