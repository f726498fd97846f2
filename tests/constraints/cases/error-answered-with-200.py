"""Errors that are sent as if they were answers."""

import json
import logging

from fastapi import APIRouter, FastAPI, HTTPException, Response
from fastapi import HTTPException as Refusal
from fastapi import status as codes
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.responses import ORJSONResponse as Fast
from pydantic import BaseModel

app = FastAPI()
router = APIRouter()
SHELF: dict[int, str] = {}
KINDS = ("box", "bag")
logger = logging.getLogger(__name__)


class Result(BaseModel):
    success: bool
    message: str = ""
    data: str | None = None


class Check(BaseModel):
    connected: bool
    error: str | None = None


def refuse(text: str) -> dict[str, str]:
    return {"error": "refused: " + text}  # expect: error-answered-with-200


class Service:
    async def read(self, number: int) -> dict[str, object]:
        if number not in SHELF:
            return {"success": False, "message": f"no tool {number}"}  # expect: error-answered-with-200
        return {"success": True, "data": SHELF[number]}


service = Service()


@app.get("/a")
async def a(number: int) -> object:
    if number < 0:
        return {"error": "negative"}  # expect: error-answered-with-200
    if number == 1:
        return {"status": "error", "message": "one"}  # expect: error-answered-with-200
    if number == 2:
        return JSONResponse({"error": f"not {number}"})  # expect: error-answered-with-200
    if number == 3:
        return Fast(status_code=200, content={"code": 404, "msg": "three"})  # expect: error-answered-with-200
    if number == 4:
        return Result(success=False, message="four")  # expect: error-answered-with-200
    if number == 5:
        return refuse("five")
    return {"error": None, "data": SHELF}  # silent: no error


@router.get("/b")
async def b(number: int) -> object:
    try:
        return SHELF[number]
    except KeyError as error:
        return {"message": f"failed: {error}"}  # expect: error-answered-with-200
    except ValueError:
        answer = {"error": "value"}  # expect: error-answered-with-200
        return answer


@router.get("/c")
async def c(number: int) -> object:
    return await service.read(number)


@router.get("/d")
async def d(number: int) -> object:
    if number:
        raise Refusal(200, "no such tool")  # expect: error-answered-with-200
    raise HTTPException(status_code=404, detail="no such tool")  # silent: an error with its status


@router.get("/e")
async def e(number: int, response: Response) -> object:
    response.status_code = 404
    return {"error": "no such tool"}  # silent: the status is set


@router.get("/f", status_code=410)
async def f() -> object:
    return {"error": "gone"}  # silent: declared


@router.get("/g")
async def g(number: int) -> object:
    if number:
        return JSONResponse({"error": "x"}, 400)  # silent: it has its status
    errors = [1]

    def helper() -> dict[str, str]:
        return {"error": "inside"}  # silent: nobody answers this

    return {"errors": errors, "checked": helper()}  # silent: an answer that counts errors


@router.get("/h")
async def h() -> Check:
    return Check(connected=False, error="refused")  # silent: the question was whether it connects


@router.get("/jobs/{job_id}/status")
async def read_job(job_id: int) -> object:
    return {"status": "failed", "error": "the job stopped"}  # silent: the job failed, not the request


@router.get("/i")
async def i() -> object:
    return {"message": "deleted", "status": "success"}  # silent: good news


@router.get("/j")
async def j() -> object:
    if SHELF:
        return {"detail": "Tool deleted"}  # silent: nothing says that it is an error
    return {"success": True, "message": "nothing to delete"}  # silent: good news


@router.get("/k")
async def k() -> object:
    raise HTTPException(204)  # silent: no content, and no data that could be taken for some


@router.post("/validate")
async def validate_tool(name: str) -> object:
    return {"success": False, "message": "the name is too long"}  # silent: that is what was asked


def answer(code: int, text: str, data: object = None) -> dict[str, object]:
    return {"code": code, "msg": text, "data": data}


def answer_with(code: int, text: str, status: int = 200) -> JSONResponse:
    return JSONResponse({"code": code, "msg": text}, status_code=status)


def error_response(text: str) -> Result:
    return Result(success=False, message=text)


def fail_with_status(text: str) -> JSONResponse:
    return JSONResponse({"message": text}, status_code=400)


def failed(number: int) -> dict[str, int]:
    return {"left": number}


class Envelope:
    @staticmethod
    def wrap(code: int, text: str) -> Result:
        return Result(success=code == 0, message=text)

    @staticmethod
    def fail(text: str = "failed") -> Result:
        return Envelope.wrap(1, text)

    @staticmethod
    def ok(data: str) -> Result:
        return Envelope.wrap(0, data)


@app.get("/l")
async def l(number: int) -> object:
    if number == 1:
        return answer(404, "no such tool")  # expect: error-answered-with-200
    if number == 2:
        return answer(-1, f"no tool {number}")  # expect: error-answered-with-200
    if number == 3:
        return answer_with(500, "broken")  # expect: error-answered-with-200
    if number == 4:
        return answer_with(500, "broken", 500)  # silent: it has its status
    if number == 5:
        return error_response("five")  # expect: error-answered-with-200
    if number == 6:
        return fail_with_status("six")  # silent: it has its status
    if number == 7:
        return Envelope.fail("seven")  # expect: error-answered-with-200
    if number == 8:
        return Envelope.ok("eight")  # silent: good news
    if number == 9:
        return answer(0, "nine", number)  # silent: good news
    return answer(number, "ten")  # silent: the code may say either


@app.get("/m")
async def m(number: int, response: Response) -> object:
    response.status_code = 404
    return error_response("no such tool")  # silent: the status is set


@app.get("/test-mail")
async def test_mail() -> object:
    return {"status": "error", "message": "no server answers"}  # silent: that is what was asked


@app.post("/webhook/orders")
async def receive(number: int) -> object:
    return {"success": False, "message": "unknown order"}  # silent: the sender would send it again


@app.post("/n")
async def n(number: int) -> object:
    if number == 1:
        return {"success": False}  # expect: error-answered-with-200
    if number == 2:
        return {"success": False, "message": "two", "tool_id": number}  # expect: error-answered-with-200
    if number == 3:
        text = f"no tool {number}"
        return {"code": 404, "msg": text}  # expect: error-answered-with-200
    try:
        return {"success": True}  # silent: good news
    except KeyError:
        text = "broken"
        return {"code": 500, "msg": text}  # expect: error-answered-with-200
    finally:
        text = "done"
    told = SHELF.get(number)
    return {"code": 500, "error": told}  # silent: it may be None


@app.get("/o")
async def o(number: int) -> object:
    if number:
        return {"success": False}  # silent: what was asked may be just that
    return {"ok": True, "tool_id": number}  # silent: good news


def take(number: int) -> object:
    return {"success": False, "message": f"no tool {number}"}  # expect: error-answered-with-200


def untaken(number: int) -> object:
    return {"success": False, "message": f"no tool {number}"}  # silent: nobody answers this


router.post("/take", summary="Take a tool")(take)
SHELF.get(1, print)(untaken)
app.include_router(router)


def looked_at(number: int) -> dict[str, object]:
    if number == 1:
        return {"error": "no such tool"}  # silent: the caller raises for it
    return {"number": number}


@app.get("/looked-at")
async def raises(number: int) -> dict[str, object]:
    result = looked_at(number)
    if "error" in result:
        raise HTTPException(404, str(result["error"]))
    return result


async def handed_on(number: int) -> dict[str, object]:
    if number == 1:
        return {"error": "no such tool"}  # expect: error-answered-with-200
    return {"number": number}


@app.get("/handed-on")
async def hands_on(number: int) -> dict[str, object]:
    result = await handed_on(number)
    if "error" in result:
        return result
    if not result:
        raise HTTPException(404, "no such tool")
    result["more"] = 1
    result = dict(result)
    return result


@app.get("/echo/{tool_id}")
async def echo(tool_id: int, text: str) -> dict[str, object]:
    if tool_id == 1:
        return {"error": "no such tool", "tool": tool_id, "loans": []}  # expect: error-answered-with-200
    if tool_id == 2:
        return {"status": "failed", "message": "no such tool"}  # expect: error-answered-with-200
    if tool_id == 3:
        return {"error": True, "message": "no such tool"}  # expect: error-answered-with-200
    loans = [len(text)]
    return {"error": "the upstream catalogue was slow", "loans": loans}  # silent: an answer comes with it


@app.get("/imports/{job_id}")
async def job_state(job_id: int) -> dict[str, object]:
    return {"error": "timeout", "job": job_id}  # silent: what became of a job


@app.get("/texts")
async def texts(number: int) -> object:
    try:
        if number == 1:
            return {"message": "Tool not found"}  # expect: error-answered-with-200
        if number == 2:
            return {"status": False, "message": "too late"}  # expect: error-answered-with-200
        if number == 3:
            return {"code": codes.HTTP_404_NOT_FOUND, "message": "gone"}  # expect: error-answered-with-200
        return {"message": "Found the tool"}  # silent: no error
    except KeyError as error:
        return f"Failed: {error}"  # expect: error-answered-with-200
    except ValueError as error:
        return str(number) + "!"  # silent: says nothing of what was caught
    except LookupError:
        return "Error"  # expect: error-answered-with-200
    except OSError:
        return f"Failed to read {number}"  # expect: error-answered-with-200
    except ArithmeticError:
        return "nothing"  # silent: says nothing of a failure


@app.get("/words")
async def words(number: int) -> str:
    if number == 1:
        return "Error"  # silent: a word, and nothing went wrong here
    return "Failed loans"  # silent


@router.get("/texts/{number}")
async def texts(number: int) -> object:
    if number == 1:
        return Response("sign-in failed: login failed", status_code=401)  # silent here: it has its status
    if number == 2:
        return Response("login failed")  # expect: error-answered-with-200
    if number == 3:
        return PlainTextResponse(f"Tool {number} not found")  # expect: error-answered-with-200
    if number == 4:
        return "Tool not found"  # expect: error-answered-with-200
    if number == 5:
        return PlainTextResponse("Tool given back")  # silent: no failure
    return SHELF[number]


@router.get("/only-text")
async def only_text() -> str:
    return "Error 404 is what this page explains"  # silent: there is no other answer


@router.post("/jobs/state")
async def state_of_job(number: int) -> str:
    if number:
        return "failed to start"  # silent: the state of something else
    return "running"


@router.post("/asked")
async def asked(number: int) -> object:
    error = None
    if number < 3:
        error = service.explain(number)
    if error:
        return {"error": error}  # expect: error-answered-with-200
    problem = service.explain(number + 1)
    if problem is not None:
        return {"message": problem}  # expect: error-answered-with-200
    note = service.explain(number + 2)
    if note:
        return {"message": note}  # silent: a note is no error
    return {"error": error, "data": SHELF}  # silent: it may be None


@router.post("/reasons")
async def reasons(number: int) -> object:
    known, reason = service.explain(number)
    if not known:
        return {"success": False, "message": reason}  # expect: error-answered-with-200
    if number == 2:
        return {"success": known, "message": reason}  # silent: it may have succeeded
    return {"success": True, "message": reason}  # silent


@router.get("/last-error")
async def last_error(number: int) -> object:
    error = service.explain(number)
    if error:
        return {"error": error}  # silent: that is what was asked for
    return {"error": None}


class ErrorResponseModel(BaseModel):
    code: int = 400
    message: str
    params: dict[str, str] = {}


class ErrorLog(BaseModel):
    message: str


@router.get("/modelled")
async def modelled(number: int) -> object:
    code = 400
    if number == 1:
        return ErrorResponseModel(code=code, message=TEXTS[number], params={})  # expect: error-answered-with-200
    if number == 2:
        return JSONResponse(ErrorResponseModel(message=TEXTS[2]).model_dump())  # expect: error-answered-with-200
    if number == 3:
        return JSONResponse(ErrorResponseModel(message=TEXTS[2]).model_dump(), status_code=404)  # silent: has its status
    return ErrorLog(message=TEXTS[number])  # silent: a thing like others


@router.get("/jobs/{number}/history")
async def job_history(number: int) -> object:
    if number > 9:
        return {"message": "Not found"}  # expect: error-answered-with-200
    if number > 8:
        return {"message": "failed to start"}  # silent: that is how the job is
    return {"message": "running"}


@router.post("/parcels/{number}/send")
async def send_parcel(number: int) -> object:
    if number == 1:
        return {"message": "failure"}  # expect: error-answered-with-200
    if number == 2:
        return {"message": "Failed to send it", "error": SHELF.get(2) or "unknown", "sender": SHELF}  # expect: error-answered-with-200
    if number == 3:
        return {"success": False, "carrier": None, "message": "no carrier"}  # expect: error-answered-with-200
    if number == 4:
        return {"success": False, "refunded": False, "message": "refused by the owner"}  # silent: says what was decided
    return {"message": "success"}


@router.get("/parcels")
async def parcels(limit: int = 10) -> dict[str, object]:
    try:
        return {"rows": list(SHELF), "kinds": sorted(KINDS), "available": True}
    except KeyError as error:
        return {"rows": [], "kinds": sorted(KINDS), "available": False, "detail": str(error)}  # expect: error-answered-with-200
    except ValueError as error:
        return {"rows": list(SHELF)[:1], "available": True, "detail": str(error)}  # silent: a part of it is there


@router.get("/parcels/health")
async def parcels_health() -> dict[str, object]:
    try:
        return {"rows": len(SHELF), "up": True}
    except KeyError as error:
        return {"rows": 0, "up": False, "detail": str(error)}  # silent: a health check


@router.get("/parcels/{number}/label")
async def parcel_label(number: int) -> str | None:
    if number not in SHELF:
        logger.error("no parcel %s", number)
        return  # expect: error-answered-with-200
    if number == 1:
        logger.info("nothing to print")
        return None  # silent: no error
    return SHELF[number]


@router.post("/hooks/parcels")
async def parcel_hook(number: int) -> str | None:
    if number not in SHELF:
        logger.error("no parcel %s", number)
        return None  # silent: its sender would send it again
    return SHELF[number]


@router.put("/tasks/{number}/parcel")
async def change_parcel(number: int) -> object:
    state = {"number": number}
    if number == 1:
        return JSONResponse({"message": "failure"})  # expect: error-answered-with-200
    if number == 2:
        return {**state, "status": "queued", "message": "on its way"}  # silent: no error
    return state


@router.put("/owners/{number}")
async def change_owner(number: int) -> object:
    state = {"number": number}
    if number == 1:
        return {**state, "status": "error", "detail": "no such owner"}  # expect: error-answered-with-200
    return {**state, "status": "changed", "detail": ""}  # silent: no error


@router.post("/owners")
async def add_owner(number: int) -> object:
    try:
        if number == 1:
            return {"message": "Invalid input"}  # expect: error-answered-with-200
        if number == 2:
            return {"message": "The owner does not exist", "data": []}  # expect: error-answered-with-200
        if number == 3:
            return {"success": "false", "message": "too late"}  # expect: error-answered-with-200
        if number == 4:
            return Response(json.dumps({"error": "too late"}), media_type="application/json")  # expect: error-answered-with-200
        if number == 5:
            return Response(json.dumps({"error": "too late"}), status_code=409)  # silent here: it has its status
        return {"message": "added"}
    except KeyError as error:
        return {"success": False, "error": f"{type(error).__name__}", "trace": repr(error), "item": number}  # expect: error-answered-with-200
    except ValueError:
        return {"message": "Something went wrong"}  # expect: error-answered-with-200
    except LookupError:
        return {"message": "Added before"}  # silent: says nothing of a failure


@router.delete("/owners/{number}")
async def remove_owner(number: int) -> object:
    if number == 1:
        return {"status": "fail"}  # expect: error-answered-with-200
    if number == 2:
        return "Error: it has loans"  # expect: error-answered-with-200
    return {"status": "removed"}  # silent: no error
