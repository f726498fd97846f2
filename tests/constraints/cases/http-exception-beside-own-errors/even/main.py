"""As many of one kind as of the other: nobody can tell which is the rule, and the app's own finding says that there are two."""

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse

app = FastAPI()


class EvenError(Exception): ...


@app.exception_handler(EvenError)
async def answer(request: Request, error: EvenError) -> JSONResponse:
    return JSONResponse({"text": "even"}, status_code=409)


@app.get("/a/{number}")
async def read(number: int) -> int:
    if number == 1:
        raise EvenError
    if number == 2:
        raise EvenError("two")
    if number == 3:
        raise HTTPException(404, "three")  # silent: as usual as the other
    return number
