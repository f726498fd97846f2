"""A handler of its own turns every detail into one shape."""

from fastapi import FastAPI, Request
from fastapi import HTTPException as Problem
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as AnyProblem

app = FastAPI()  # silent: what stands under `detail` goes through the handler


@app.exception_handler(AnyProblem)
async def tell(request: Request, error: AnyProblem) -> JSONResponse:
    return JSONResponse({"code": str(error.detail)}, status_code=error.status_code)


@app.exception_handler(RequestValidationError)
async def tell_invalid(request: Request, error: RequestValidationError) -> JSONResponse:
    return JSONResponse({"code": "invalid"}, status_code=422)


@app.get("/a")
async def a(number: int) -> int:
    if number == 1:
        raise Problem(404, "no such member")
    if number == 2:
        raise Problem(403, "not yours")
    if number == 3:
        raise Problem(400, "bad")
    if number == 4:
        raise Problem(404, {"code": "member"})
    if number == 5:
        raise Problem(403, {"code": "owner"})
    if number == 6:
        raise Problem(400, {"code": "date"})
    return number
