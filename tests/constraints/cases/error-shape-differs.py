"""Answers to errors that do not look like all others."""

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi import status as codes
from fastapi.responses import JSONResponse
from fastapi.responses import JSONResponse as Answer
from pydantic import BaseModel

app = FastAPI()


class Failure(BaseModel):
    msg: str
    reason: str


@app.get("/a")
async def a(number: int, response: Response) -> object:
    if number == 1:
        return Answer(status_code=400, content={"msg": "bad"})  # expect: error-shape-differs
    if number == 2:
        return JSONResponse({"error": "gone"}, codes.HTTP_410_GONE)  # expect: error-shape-differs
    if number == 3:
        content = Failure(msg="x", reason="y").model_dump()
        return JSONResponse(content, status_code=409)  # expect: error-shape-differs
    if number == 4:
        response.status_code = 404
        return {"message": "no such tool"}  # expect: error-shape-differs
    if number == 5:
        return JSONResponse({"detail": "bad"}, status_code=400)  # silent: the shape of HTTPException
    if number == 6:
        return JSONResponse({"detail": "bad", "reason": "short"}, status_code=400)  # silent: the same and more
    if number == 7:
        return JSONResponse({"error": "invalid_grant", "error_description": "x"}, 400)  # silent: OAuth
    if number == 8:
        return JSONResponse({"msg": "made"}, status_code=201)  # silent: no error

    def helper() -> JSONResponse:
        return JSONResponse({"msg": "x"}, status_code=400)  # silent: nobody answers with it

    raise HTTPException(404, "no such tool")


@app.get("/health")
async def read_health() -> object:
    return JSONResponse({"status": "down"}, status_code=503)  # silent: a health check


@app.middleware("http")
async def guard(request: Request, call_next: object) -> Response:
    if "token" not in request.headers:
        return JSONResponse(status_code=401, content={"message": "who?"})  # expect: error-shape-differs
    return JSONResponse(status_code=403, content={"detail": "no"})  # silent: the shape of HTTPException
