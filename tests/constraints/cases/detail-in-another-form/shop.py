"""`detail` as an object where every other one is a text."""

from typing import Annotated

from fastapi import Depends, FastAPI, Header, Request
from fastapi import HTTPException as Problem
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError

app = FastAPI()


class Failure(BaseModel):
    code: str


class Whole(BaseModel):
    status_code: int
    detail: Failure


class Missing(Problem):
    def __init__(self, name: str) -> None:
        super().__init__(status_code=404, detail=f"no {name}")  # silent: a text


class Taken(Problem):
    def __init__(self, name: str) -> None:
        super().__init__(409, {"code": "taken", "name": name})  # expect: detail-in-another-form


class Gone(Problem):
    pass


def signed_in(token: Annotated[str, Header()]) -> str:
    if token == "":
        raise Problem(401, {"code": "token"})  # expect: detail-in-another-form
    return token


@app.get("/a", dependencies=[Depends(signed_in)])
async def a(number: int, words: str) -> int:
    if number == 1:
        raise Problem(404, "no such tool")
    if number == 2:
        raise Problem(404)  # silent: Starlette writes the phrase, a text
    if number == 3:
        raise Problem(status_code=400, detail="bad " + words)
    if number == 4:
        raise Problem(status_code=400, detail=str(number))
    if number == 5:
        raise Problem(400, detail=words)
    if number == 6:
        problem = Whole(status_code=400, detail=Failure(code="x"))
        raise Problem(**problem.model_dump())  # expect: detail-in-another-form
    if number == 7:
        raise Problem(422, detail=[{"msg": "bad"}])  # expect: detail-in-another-form
    if number == 8:
        raise Gone(410, {"code": "gone"})  # expect: detail-in-another-form
    if number == 9:
        raise Problem(400, {"error": "invalid_grant", "error_description": "x"})  # silent: OAuth
    if number == 10:
        raise Problem(400, detail=read(words))  # silent: nobody can tell
    if number == 11:
        raise Taken(words)

    def helper() -> None:
        raise Problem(400, "bad")

    if number == 12:
        raise Problem(429, detail=f"wait {number}")
    if number == 13:
        raise Problem(400, detail="%s is bad" % words)
    if number == 14:
        raise Problem(400, detail="{} is bad".format(words))
    if number == 15:
        raise Missing(words)
    helper()
    return number


@app.get("/b")
async def b(number: int) -> int:
    if number == 1:
        raise Problem(404, "no such tool")
    if number == 2:
        raise Problem(404, "no such member")
    if number == 3:
        raise Problem(403, "not yours")
    if number == 4:
        raise Problem(409, "lent out")
    if number == 5:
        raise Problem(409, "reserved")
    if number == 6:
        raise Problem(400, "in the past")
    return number


@app.get("/c")
async def c(words: str) -> str:
    try:
        return str(Problem.parse(words))
    except ValidationError as error:
        raise Problem(422, error.errors()) from None  # silent: the form of FastAPI's own 422
    except KeyError:
        raise Problem(422, [{"loc": ["body", "words"], "msg": "no such word"}]) from None  # silent: the same


@app.get("/health")
async def read_health() -> str:
    raise Problem(503, {"database": "down"})  # silent: a health check


def read(words: str) -> object:
    return words


class Closed(Exception): ...


@app.exception_handler(Closed)
async def answer_closed(request: Request, error: Closed) -> JSONResponse:
    if error.args:
        return JSONResponse({"detail": f"closed: {error}"}, status_code=409)  # silent: a text
    return JSONResponse({"detail": {"code": "closed"}}, status_code=409)  # expect: detail-in-another-form


@app.get("/chat")
async def chat(key: str) -> int:
    if key == "":
        # silent: what clients of a well-known protocol expect
        raise Problem(401, {"error": {"message": "", "type": "invalid_request_error"}})
    return 1


def describe(code: str, **more: object) -> dict[str, object]:
    return {"code": code, **more}


@app.get("/described")
async def described(key: str) -> int:
    if key == "":
        raise Problem(401, describe("key", name=key))  # expect: detail-in-another-form
    return 1


def no_such(what: str) -> Problem:
    return Problem(404, f"no such {what}")  # silent: a text, raised at many places


@app.get("/many")
async def many(number: int) -> int:
    if number == 1:
        raise no_such("tool")
    if number == 2:
        raise no_such("member")
    if number == 3:
        raise no_such("loan")
    if number == 4:
        raise no_such("photo")
    if number == 5:
        raise no_such("shed")
    if number == 6:
        raise no_such("key")
    if number == 7:
        raise no_such("chat")
    if number == 8:
        raise no_such("note")
    if number == 9:
        raise no_such("name")
    if number == 10:
        raise no_such("page")
    if number == 11:
        raise no_such("row")
    if number == 12:
        raise no_such("line")
    raise no_such("thing")


@app.exception_handler(RequestValidationError)
async def tell_what_fits(request: Request, error: RequestValidationError) -> JSONResponse:
    picked = [{key: value for key, value in one.items() if key in {"loc", "msg"}} for one in error.errors()]
    if len(picked) > 10:
        return JSONResponse({"detail": jsonable_encoder(error.errors())}, status_code=422)  # silent: FastAPI's own form
    if len(picked) > 5:
        kept = []
        for one in error.errors():
            kept.append({"loc": one["loc"], "msg": one["msg"]})
        return JSONResponse({"detail": kept}, status_code=422)  # silent: invalid input has a list with FastAPI, too
    return JSONResponse({"detail": picked}, status_code=422)  # silent: picked from FastAPI's own form


@app.get("/comma")
async def one_comma_too_many() -> None:
    raise Problem(404, detail=("no such tool",))  # expect: detail-in-another-form


@app.post("/dumped")
async def dumped(key: str) -> object:
    result = await elsewhere.change(key)
    if result.failed:
        raise Problem(404, detail=result.model_dump(by_alias=True))  # expect: detail-in-another-form
    found = await elsewhere.find(key)
    if not found.get("rows", []):
        raise Problem(400, detail=found)  # expect: detail-in-another-form
    reason = await elsewhere.explain(key)
    if reason:
        raise Problem(400, detail=reason)  # silent: nobody can tell what it is
    return found


class NeverMade(Problem):
    def __init__(self) -> None:
        super().__init__(404, detail={"why": "nobody"})  # silent: nobody makes or raises it


class MadeElsewhere(Problem):
    def __init__(self) -> None:
        super().__init__(404, detail={"why": "somebody"})  # expect: detail-in-another-form


class Derived(MadeElsewhere): ...


@app.get("/derived")
async def derived() -> None:
    raise Derived
