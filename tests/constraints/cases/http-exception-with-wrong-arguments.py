"""`HTTPException`s that cannot be made: a wrong keyword, no status, one thing given twice."""

import fastapi
from fastapi import FastAPI
from fastapi import HTTPException as Problem
from starlette.exceptions import HTTPException as AnyProblem

app = FastAPI()


class Missing(Exception):
    def __init__(self, *, status: int) -> None:
        self.status = status


def forbid() -> None:
    raise fastapi.HTTPException(code=403, detail="not yours")  # expect: http-exception-with-wrong-arguments


@app.get("/a")
async def a(number: int) -> int:
    if number == 1:
        raise Problem(status=404, detail="no such tool")  # expect: http-exception-with-wrong-arguments
    if number == 2:
        raise Problem(400, message="bad")  # expect: http-exception-with-wrong-arguments
    if number == 3:
        raise AnyProblem(detail="bad")  # expect: http-exception-with-wrong-arguments
    if number == 4:
        raise Problem(404, status_code=404)  # expect: http-exception-with-wrong-arguments
    if number == 5:
        raise Problem(404, "no such tool", {"x-reason": "sold"})  # silent: all three by position
    if number == 6:
        raise AnyProblem(404, headers={"x-reason": "sold"})  # silent
    if number == 7:
        options = {"status_code": 404}
        raise Problem(**options)  # silent: what is in it is not looked at
    if number == 9:
        raise Problem("no such tool")  # expect: http-exception-with-wrong-arguments
    if number == 10:
        raise Problem(f"no tool {number}", 404)  # expect: http-exception-with-wrong-arguments
    if number == 8:
        raise Missing(status=404)  # silent: the project's own
    return number
