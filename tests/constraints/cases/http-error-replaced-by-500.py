"""A broad `except` around an error that is raised on purpose."""

from fastapi import FastAPI, HTTPException
from fastapi import HTTPException as Refusal
from fastapi.responses import JSONResponse

app = FastAPI()
SHELF: dict[int, str] = {}


@app.get("/a")
async def a(number: int) -> str:
    try:
        if number not in SHELF:
            raise HTTPException(404, "no such tool")
        return SHELF[number]
    except Exception as error:
        raise HTTPException(500, str(error)) from error  # expect: http-error-replaced-by-500


@app.get("/b")
async def b(number: int) -> str:
    try:
        for tool in SHELF.values():
            if not tool:
                raise Refusal(status_code=409, detail="lent")
        return ""
    except KeyError:
        return "x"
    except:
        raise Refusal(status_code=503, detail="later")  # expect: http-error-replaced-by-500


@app.get("/c")
async def c(number: int) -> str:
    try:
        if number not in SHELF:
            raise HTTPException(404, "no such tool")
        return SHELF[number]
    except HTTPException:
        raise
    except Exception as error:  # silent: the 404 goes on
        raise HTTPException(500, str(error)) from error


@app.get("/d")
async def d(number: int) -> str:
    try:
        tool = SHELF[number]
    except Exception as error:  # silent: nothing is raised on purpose inside
        raise HTTPException(500, str(error)) from error
    if not tool:
        raise HTTPException(404, "no such tool")
    return tool


@app.get("/e")
async def e(number: int) -> str:
    try:
        if number < 0:
            raise HTTPException(400, "negative")

        def helper() -> str:
            raise HTTPException(404, "later")

        return helper()
    except Exception as error:  # silent: it looks at what it caught
        if isinstance(error, HTTPException):
            raise
        raise HTTPException(500, str(error)) from error


@app.get("/f")
async def f(number: int) -> str:
    try:
        if number < 0:
            raise HTTPException(502, "upstream")
        return SHELF[number]
    except Exception as error:  # silent: a 5xx stays one
        raise HTTPException(500, str(error)) from error


def known(number: int) -> str:
    if number not in SHELF:
        raise Refusal(404, "no such tool")
    return SHELF[number]


async def lent(number: int) -> str:
    try:
        raise Refusal(409, "lent")
    except Refusal:
        return ""


async def shelf(number: int) -> str:
    try:
        return known(number)
    except Exception as error:
        raise HTTPException(500, str(error)) from error  # expect: http-error-replaced-by-500


@app.get("/helpers")
async def helpers(number: int) -> object:
    try:
        text = "tool " + known(number)
    except Exception as error:
        return JSONResponse({"detail": str(error)}, status_code=500)  # expect: http-error-replaced-by-500
    try:
        text += await lent(number)
    except Exception as error:  # silent: the helper answers it itself
        raise HTTPException(500, str(error)) from error
    try:
        later = lambda: known(number)  # noqa: E731
    except Exception as error:  # silent: it is not called here
        raise HTTPException(500, str(error)) from error
    return text + later() + await shelf(number)


@app.post("/saved")
async def save(number: int) -> object:
    try:
        await session.commit()
        return found(number)
    except Exception as error:  # silent: what was just saved is found
        raise HTTPException(500, str(error)) from error


@app.post("/found")
async def find(number: int) -> object:
    try:
        tool = found(number)
        await session.commit()
        return tool
    except Exception as error:
        raise HTTPException(500, str(error)) from error  # expect: http-error-replaced-by-500


def found(number: int) -> str:
    if number not in TOOLS:
        raise HTTPException(404)
    return TOOLS[number]
