import json
from enum import IntEnum

from authlib.integrations.starlette_client import OAuth

from fastapi import APIRouter, FastAPI, HTTPException, Request, Response, status
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, StreamingResponse
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from starlette.status import HTTP_204_NO_CONTENT

app = FastAPI()
hidden = APIRouter(include_in_schema=False)


class Tool(BaseModel):
    name: str


def make_router() -> APIRouter:
    router = APIRouter()

    @router.get("/inside")
    async def inside():  # expect: answer-without-model
        return {"a": 1}

    return router


@app.get("/a")
async def plain():  # expect: answer-without-model
    return Tool(name="saw")


@app.api_route("/b", methods=["QUERY"])
async def by_hand():  # expect: answer-without-model
    return JSONResponse({"a": 1})


def added():  # expect: answer-without-model
    return [Tool(name="saw")]


app.add_api_route("/c", added)


@app.get("/d")
async def typed() -> Tool:  # silent
    return Tool(name="saw")


@app.get("/e", response_model=list[Tool])
async def modelled():  # silent
    return [{"name": "saw"}]


@app.delete("/f", status_code=status.HTTP_204_NO_CONTENT)
async def gone():  # silent
    return None


@app.get("/g")
async def file():  # silent
    return FileResponse("a.txt")


@app.get("/h")
async def away(x: int):  # silent
    return RedirectResponse("/a") if x else HTMLResponse("<p>")


@app.get("/i", response_class=HTMLResponse)
async def page():  # silent
    return "<p>"


@app.get("/j")
async def stream():  # silent
    return StreamingResponse(iter(()))


@app.get("/k", include_in_schema=False)
async def metrics():  # expect: answer-without-model
    return {"a": 1}


@app.get("/k/kept", include_in_schema=False)
async def kept_metrics():  # silent: plumbing, as far as can be seen
    return kept()


@hidden.get("/l")
async def hidden_too():  # silent
    return {"a": 1}


@app.get("/m")
async def empty():  # silent: nothing is answered
    print("done")


@app.get("/n")
async def headers(response: Response):  # silent: a response object of its own
    return Response(status_code=304)


async def helper():  # silent: no path operation
    return {"a": 1}


@app.post("/o", **{"response_model": Tool})
async def open_options():  # silent: cannot be told
    return {"name": "saw"}


@app.get("/p")
async def nested() -> Tool:
    def inner():  # silent
        return {"a": 1}

    return Tool(name=str(inner()))


class Refresh(RedirectResponse): ...


class Pages:
    async def get_page(self) -> HTMLResponse: ...


@app.get("/q")
async def own_class(request: Request):  # silent
    return Refresh(request.url_for("a"))


@app.api_route("/r", methods=["GET", "POST"])
async def page_or_redirect(request: Request, pages: Pages):  # silent
    if request.method == "POST":
        return Refresh("/q")
    return await pages.get_page()


@app.get("/s")
async def with_cookie(flow: Flow):  # silent: only a response has cookies
    answer = await flow.begin()
    answer.set_cookie("flow", "1")
    return answer


def note() -> None: ...


def forget(tool_id: int):
    return


@app.post("/t")
async def procedure():  # silent: what is called gives nothing
    return note()


@app.post("/u")
async def bare_procedure():  # silent
    return forget(1)


@app.get("/v")
async def unknown(flow: Flow):  # expect: answer-without-model
    return await flow.current()


@app.get("/w")
async def response_of_another_kind(client: Client):  # expect: answer-without-model
    response = {"a": 1}
    return response


@app.delete("/named", status_code=HTTP_204_NO_CONTENT)
async def named_status():  # silent
    return store.drop()


@app.get("/alive")
async def alive():  # silent: a word for a probe
    return "ok"


@app.get("/own-openapi.json")
async def document():  # silent: a schema
    return get_openapi(title="Shed", version="1", routes=app.routes)


@app.get("/dumped")
async def dumped():  # expect: answer-without-model
    return Response(content=json.dumps({"a": 1}), media_type="application/json")


@app.get("/built")
async def built():  # expect: answer-without-model
    return answer({"a": 1})


@app.get("/refused")
async def refused():  # silent: an error
    return answer({"a": 1}, code=404)


def answer(data: dict, code: int = 200) -> Response:
    return Response(json.dumps(data), status_code=code)


@app.get("/sign-in")
async def sign_in(request: Request):  # silent: a redirect that a library makes
    return await OAuth().github.authorize_redirect(request, "https://tools.example/back")


@app.get("/manifest", include_in_schema=False)
async def manifest():  # expect: answer-without-model
    return Response(json.dumps({"a": 1}), media_type="application/json")


@app.get("/hidden", include_in_schema=False)
async def hidden():  # expect: answer-without-model
    return {"a": 1}


class Quick(Response):
    media_type = "application/json"

    def render(self, content):
        return json.dumps(content).encode()


class Table(Response):
    media_type = "text/csv"


class Answers:
    @staticmethod
    def ok(data):
        return Quick({"data": data})


@app.get("/quick")
async def quick():  # expect: answer-without-model
    return Quick({"a": 1})


@app.get("/wrapped")
async def wrapped():  # expect: answer-without-model
    return Answers.ok({"a": 1})


@app.get("/table")
async def table():  # silent: no JSON
    return Table("a;b")


@app.get("/login/{name}")
async def sign_in(name: str, request: Request):  # silent: the helper sends the browser elsewhere
    return await _begin(request, name)


async def _begin(request: Request, name: str):
    client = clients.get(name)
    if client is None:
        raise HTTPException(404)
    return await client.authorize_redirect(request, "/back")


class OwnJSON(JSONResponse):
    """The service's own way to write JSON; whatever app it is the default of answers with data."""


owned = FastAPI(default_response_class=OwnJSON)


@owned.get("/owned")
async def in_own_json():  # expect: answer-without-model
    return {"id": 1}


@app.get("/template")
async def template():  # expect: answer-without-model
    return prompts.get_prompt_template("loan")


@app.get("/page")
async def page(request: Request):  # silent: a page
    return pages.render_template("loan.html", request=request)


@app.get("/hidden/rows", include_in_schema=False)
async def hidden_rows(names: str):  # expect: answer-without-model
    return [{"name": name} for name in names]


class Code(IntEnum):
    OK = 200
    GONE = 410


@app.get("/own-code")
async def own_code():  # expect: answer-without-model
    return JSONResponse(status_code=Code.OK, content={"a": 1})


@app.get("/gone")
async def gone():  # silent: an error
    return JSONResponse(status_code=Code.GONE, content={"a": 1})


@app.get("/probe")
async def probe(checks: Checks):  # expect: answer-without-model
    text, status = checks.run()
    return Response(text, status_code=status, media_type="application/json")


@app.get("/proxy")
async def proxy(client: Client):  # silent: the error of another service
    try:
        await client.ping()
    except ProxyError as error:
        return JSONResponse({"detail": "gone"}, status_code=error.status)


@app.get("/clip/{name}")
async def clip(name: str):  # silent: a stream, or an error
    if not name:
        return JSONResponse({"message": "no clip"}, status_code=404)
    return StreamingResponse(iter(()))


@app.get("/clips/first")
async def first_clip(name: str = ""):  # silent: what another path operation answers
    if not name:
        return JSONResponse({"message": "no name"}, status_code=404)
    return await clip(name)
