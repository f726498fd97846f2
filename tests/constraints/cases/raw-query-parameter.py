from base64 import b64decode
from urllib.parse import parse_qs, unquote, urlencode, urlparse

from fastapi import Depends, FastAPI, HTTPException, Request, WebSocket
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

app = FastAPI()


@app.get("/a")
async def direct(request: Request) -> str:
    first = request.query_params["q"]  # expect: raw-query-parameter
    params = request.query_params
    return first + params.get("r")  # expect: raw-query-parameter


async def known_only(request: Request) -> None:
    unknown = set(request.query_params) - {"q"}  # silent: only the names
    if unknown or "x" in request.query_params.keys():
        raise HTTPException(422)


@app.get("/b", dependencies=[Depends(known_only)])
async def declared(q: str, request: Request) -> str:
    request.headers.get("x-note")  # silent
    return q


@app.get("/c")
async def copied(request: Request) -> str:
    params = dict(request.query_params)  # expect: raw-query-parameter
    return params["q"]


async def helper(request: Request) -> str:
    return request.query_params["q"]  # silent: no path operation


@app.get("/d")
async def led_on(request: Request) -> str:
    return page_of(request) + place_of(request)


def page_of(request: Request) -> str:
    return request.query_params.get("next", "/")  # expect: raw-query-parameter


def place_of(request: Request) -> str:
    place = request.query_params.get("place", "/")  # silent: asked before it is used
    if place not in {"/", "/tools"}:
        raise HTTPException(422)
    return place


@app.middleware("http")
async def middleware(request: Request, call_next):
    request.query_params.get("debug")  # silent: no path operation
    return await call_next(request)


@app.get("/e")
async def looked_at(request: Request) -> bool:
    if request.query_params.get("debug"):  # silent: only whether it is there
        return True
    return request.query_params.get("kind") == "open"  # silent: compared


@app.get("/f")
async def counted(request: Request) -> int:
    raw = request.query_params.get("size", "20")  # silent: what is no number is caught
    try:
        return int(raw)
    except ValueError:
        raise HTTPException(422) from None


@app.get("/g")
async def counted_at_once(request: Request) -> int:
    return int(request.query_params["size"])  # expect: raw-query-parameter


@app.get("/h")
async def linked(request: Request) -> RedirectResponse:
    params = dict(request.query_params)
    params.pop("page", None)  # silent: a link is made of the rest
    tab = request.query_params.get("tab")  # silent: said again in the link
    logger.info("tab %s", tab)
    return RedirectResponse("/list?" + urlencode({**params, "tab": tab}))


@app.get("/i")
async def decided(request: Request) -> bool:
    return to_bool(request.query_params.get("all", ""))  # silent: any text becomes yes or no


def to_bool(text: str) -> bool:
    return text.lower() in {"1", "true", "yes"}


def protected(method, path, scopes):
    def decorator(function):
        return method(path, dependencies=scopes)(function)

    return decorator


@protected(app.get, "/j", ["read"])
async def wrapped(request: Request) -> str:
    return request.query_params["q"]  # expect: raw-query-parameter


@app.get("/k")
async def decoded(request: Request) -> str:
    return b64decode(str(request.query_params.get("at"))).decode("utf-8")  # expect: raw-query-parameter


@app.get("/sanitized")
async def with_target(request: Request) -> str:
    target = _sanitize_target(request.query_params.get("next"))  # silent: only a path of our own comes through
    other = str(request.query_params.get("other"))  # expect: raw-query-parameter
    return target + other


def _sanitize_target(value: str | None) -> str:
    return value if value and value.startswith("/tools/") else "/"


async def may_manage(request: Request) -> None:
    name = request.query_params.get("name") or request.path_params.get("name")  # expect: raw-query-parameter
    if not can_manage(str(name), request.user):
        raise HTTPException(403)


@app.get("/l", dependencies=[Depends(may_manage)])
async def managed(request: Request) -> list[str]:
    hidden = request.query_params.get("hide")  # silent: only known words come through
    return _known(hidden, {"tools", "loans"}) if hidden is not None else []


def _known(text: str, allowed: set[str]) -> list[str]:
    found = []
    for one in text.split(","):
        word = one.strip()
        if word in allowed:
            found.append(word)
    return found


@app.get("/m")
async def all_at_once(request: Request) -> list[str]:
    params = dict(request.query_params)  # expect: raw-query-parameter
    return look_up(params) + store.find(**request.query_params)  # expect: raw-query-parameter


def look_up(params: dict[str, str]) -> list[str]:
    return store.find(params["q"], params.get("kind"))


@app.get("/n")
async def only_handed_on(request: Request) -> list[str]:
    params = dict(request.query_params)  # silent: asked as they are at another service
    return upstream(params) + [Wanted(**request.query_params).q]  # silent: a model checks them


def upstream(params: dict[str, str]) -> list[str]:
    return httpx.get("https://tools.example.org", params=params).json()


class Wanted(BaseModel):
    q: str


async def declared_above(request: Request) -> str:
    tool_id = request.path_params.get("tool_id", "")  # silent: the path operation declares it
    return tool_id + request.path_params["shelf"]  # expect: raw-query-parameter


@app.get("/shelves/{shelf}/tools/{tool_id}", dependencies=[Depends(declared_above)])
async def on_shelf(tool_id: str) -> str:
    return tool_id


@app.get("/untold/{number}")
async def untold(request: Request) -> str:
    return str(request.path_params["number"])  # expect: raw-query-parameter


@app.get("/o")
async def filtered(request: Request, kind: str = "") -> list[str]:
    params = dict(request.query_params)  # expect: raw-query-parameter
    params.pop("kind", None)
    tools = store.all()
    for key, value in params.items():
        tools = [tool for tool in tools if getattr(tool, key) == value]
    return tools


@app.get("/p")
async def logged(request: Request) -> None:
    for key, value in request.query_params.items():  # silent: only said
        logger.info("%s=%s", key, value)


@app.get("/q")
async def state_of(request: Request) -> str:
    try:
        state = json.loads(request.query_params.get("state"))  # expect: raw-query-parameter
        target = state["redirect"] if "redirect" in state else "/"
    except ValueError:
        raise HTTPException(422) from None
    return target


@app.get("/r")
async def copied(request: Request) -> list[str]:
    params = {key: value for key, value in request.query_params.items()}  # expect: raw-query-parameter
    return store.find(params["kind"])


@app.get("/s")
async def repeated(request: Request) -> str:
    shown = {key: value for key, value in request.query_params.items()}  # silent: only said
    return str(shown)


@app.get("/t")
async def copied_pairs(request: Request) -> list[str]:
    params = dict(request.query_params.items())  # expect: raw-query-parameter
    return store.find(params["kind"])


@app.get("/u")
async def taken_apart(request: Request) -> str:
    split = urlparse(str(request.url))
    params = parse_qs(split.query)  # expect: raw-query-parameter
    params["seen"] = ["yes"]
    return store.find(params["state"][0])


@app.get("/v")
async def taken_apart_elsewhere(request: Request, address: str) -> str:
    params = parse_qs(urlparse(address).query)  # silent: not this request's query
    shown = parse_qs(request.url.query)  # silent: no parameter is read from it
    return f"{params['state'][0]} {shown}"


@app.get("/looked-up")
async def looked_up(request: Request, session: Session) -> str:
    name = request.query_params.get("name")  # expect: raw-query-parameter
    return session.query(Tool).filter(Tool.name == name).first()


@app.get("/decoded")
async def decoded_query(request: Request) -> dict[str, str]:
    params = unquote(request.url.query)  # expect: raw-query-parameter
    return {"address": f"/tiles?{params}", "same": f"/tiles?{request.url.query}"}  # silent: as it came


@app.get("/keys")
async def by_keys(request: Request) -> list[str]:
    filters = {}
    for key, value in request.query_params.items():  # expect: raw-query-parameter
        if key not in {"skip", "limit"}:
            filters[f"data->>'{key}' = %s"] = value
    return await store.find(filters)


@app.get("/counted")
async def counted(request: Request) -> None:
    for key, value in request.query_params.items():  # silent: only said again
        log.info("%s is %s", key, value)


class Metric(BaseModel):
    name: str | None


async def metric_of(request: Request) -> Metric:
    name = request.query_params.get("name", None)  # expect: raw-query-parameter
    return Metric(name=name)


@app.get("/measured")
async def measured(metric: Metric = Depends(metric_of)) -> None:
    await store.count(metric)


async def asked_elsewhere(name: str, params) -> str:
    return await catalogue.get(name, dict(**params))


async def logged(name: str, params) -> None:
    log.info("%s with %s", name, params)


@app.get("/elsewhere/{name}")
async def elsewhere(name: str, request: Request) -> str:
    await logged(name, request.query_params)  # silent: only said again
    answer = await asked_elsewhere(name, request.query_params)  # expect: raw-query-parameter
    return answer


@app.websocket("/news")
async def news(websocket: WebSocket) -> None:
    token = websocket.query_params.get("token", "")  # silent: whoever sends another gets no further
    try:
        holder = decode_access_token(token)
    except ValueError:
        await websocket.close(4001)
        return
    await send_news(websocket, holder)
