"""An envelope with status 200 for some errors, exceptions for the others."""

from fastapi import FastAPI, HTTPException

app = FastAPI()  # expect: errors-in-several-shapes


@app.get("/a")
async def a(number: int) -> dict[str, object]:
    if number == 1:
        return {"code": 404, "msg": "no such tool"}
    if number == 2:
        return {"code": 403, "msg": "not yours"}
    if number == 3:
        return {"code": 409, "msg": "lent"}
    if number == 4:
        return {"code": 400, "msg": "bad"}
    return {"code": 200, "msg": "ok"}


@app.get("/b")
async def b(number: int) -> int:
    if number == 1:
        raise HTTPException(404, "no such member")
    if number == 2:
        raise HTTPException(403, "not yours")
    if number == 3:
        raise HTTPException(409, "lent")
    if number == 4:
        raise HTTPException(400, "bad")
    return number
