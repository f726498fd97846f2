"""Flask's way to set a status."""

from http import HTTPStatus

from fastapi import FastAPI, status
from fastapi import status as codes

app = FastAPI()
PAIRS = [(1, 404)]


def refuse(text: str) -> tuple[dict[str, str], int]:
    return {"error": text}, 409  # expect: tuple-as-status


@app.get("/a")
async def a(number: int) -> object:
    if number == 1:
        return {"error": "x"}, 404  # expect: tuple-as-status
    if number == 2:
        return "no", codes.HTTP_403_FORBIDDEN  # expect: tuple-as-status
    if number == 3:
        return {"error": "x"}, HTTPStatus.CONFLICT, {"X-Reason": "y"}  # expect: tuple-as-status
    if number == 4:
        return refuse("four")
    return {}, 200  # silent: no error


@app.get("/b")
def b() -> tuple[int, int]:
    def helper() -> tuple[str, int]:
        return "x", 500  # silent: unpacked by the caller

    text, code = helper()
    if text:
        return len(text), code  # silent: two numbers
    return 1, 20  # silent: two numbers


@app.get("/c", status_code=status.HTTP_200_OK)
def c() -> list[tuple[int, int]]:
    return PAIRS  # silent: data
