"""An app made of options that bring no handlers; a variable is only called like the argument."""

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse

OPTIONS = {"title": "harbour"}


async def answer_missing(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": "missing"}, 404)


exception_handlers: dict[type[Exception], object] = {KeyError: answer_missing}
app = FastAPI(**OPTIONS)  # expect: errors-in-several-shapes

for exception, handler in exception_handlers.items():
    app.add_exception_handler(exception, handler)


@app.get("/berths/{number}")
async def read_berth(number: int) -> int:
    if number == 1:
        raise HTTPException(404, "no such berth")
    if number == 2:
        raise HTTPException(409, "taken")
    if number == 3:
        raise HTTPException(403, "not yours")
    if number == 4:
        raise HTTPException(404, {"message": "none", "code": 1})
    if number == 5:
        raise HTTPException(409, {"message": "taken", "code": 2})
    if number == 6:
        raise HTTPException(403, {"message": "not yours", "code": 3})
    return number
