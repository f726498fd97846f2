from dataclasses import dataclass
from typing import Annotated, Any, cast

from fastapi import Body, Depends, FastAPI
from pydantic import AfterValidator, BaseModel, Field, TypeAdapter

app = FastAPI()


class Tool(BaseModel):
    name: str


@app.post("/a")
async def free(data: dict[str, Any]) -> None:  # expect: free-mapping-input
    await store.add(**data)


@app.post("/b")
async def model(data: Tool) -> None:  # silent
    await store.add(data)


@app.post("/c")
async def adapted(data: list[dict]) -> list[Tool]:  # silent
    return TypeAdapter(list[Tool]).validate_python(data)


@app.post("/d")
async def checked(data: dict[str, str]) -> None:  # silent
    if set(data) != {"name"}:
        raise ValueError
    await store.add(**data)


class Settings(BaseModel):
    name: str


def to_settings(data: dict) -> Settings:
    return to_model(data, Settings)


@app.patch("/e")
async def merged(data: dict) -> Settings:  # silent: the helper makes a model of it
    return to_settings({**known(), **data})


@app.patch("/f")
async def kept(data: dict) -> None:  # expect: free-mapping-input
    keep(data)


def keep(data: dict) -> None:
    store.write({**known(), **data})


@app.patch("/stock/{stock_id}")
async def restock(stock_id: int, data: dict) -> None:  # expect: free-mapping-input
    stock = await store.stock(stock_id)
    if "quantity" in data:
        stock.quantity = data["quantity"]
    if "shelf" in data:
        stock.shelf = data["shelf"]


@app.patch("/stock/{stock_id}/shelf")
async def move(stock_id: int, data: dict) -> None:  # silent: it is asked what may stand there
    if "shelf" in data and data["shelf"] in SHELVES:
        await store.move(stock_id, data["shelf"])


@app.patch("/stock/{stock_id}/note")
async def note(stock_id: int, data: dict) -> None:  # silent: what has no note is refused
    if "note" not in data:
        raise ValueError
    await store.note(stock_id, str(data["note"]))


@app.post("/unread")
async def unread(data: dict | None = None) -> str:  # silent: nothing uses it
    return "ok"


# As a field of a body


@dataclass
class Action:
    name: str
    payload: dict


class Step(BaseModel):
    action: dict  # expect: free-mapping-input
    element: dict[str, Any]  # expect: free-mapping-input
    options: dict | None = None  # expect: free-mapping-input
    labels: dict[str, str] = {}  # silent: kept as it is
    note: dict[str, Any] = {}  # silent: one key that may be missing
    tool: dict[str, Any] = {}  # silent: becomes a model
    sizes: dict[str, int] = {}  # silent: numbers by name


@app.post("/step")
async def step(body: Step) -> None:
    run(Action(**body.action))
    element = cast(Any, body.element)
    place(element)
    resize(body)
    store.label(body.labels, body.note.get("author"), body.sizes["width"])
    store.add(Tool(**body.tool))


def place(element: dict) -> None:
    store.put(element["id"], element["name"])


def resize(body: Step) -> None:
    options = body.options
    store.resize(options.get("width"), options.get("height"))


class Change(BaseModel):
    changes: dict[str, Any]  # expect: free-mapping-input
    known: dict[str, Any]  # silent: only known keys


@app.patch("/tool")
async def change(body: Change, tool: Tool = Depends(found)) -> None:
    for key, value in body.changes.items():
        setattr(tool, key, value)
    for name, value in body.known.items():
        if name in Tool.model_fields:
            setattr(tool, name, value)


@app.post("/untyped")
async def untyped(data=Body(...)) -> None:  # expect: free-mapping-input
    await store.add(data["name"])


class Checked(BaseModel):
    config: dict  # silent: looked at before it is used


@app.post("/config")
async def config(body: Checked) -> None:
    if body.config["kind"] not in {"a", "b"} or "kind" not in body.config:
        raise ValueError
    store.put(body.config["kind"], body.config)


class Order(BaseModel):
    lines: list[dict] = []  # expect: free-mapping-input
    extras: list[dict[str, Any]] | None = None  # expect: free-mapping-input
    notes: list[dict] = []  # silent: nobody looks into them
    names: list[str] = []  # silent


@app.post("/orders")
async def order(data: Order) -> None:
    await fill(lines=data.lines)
    for extra in data.extras or []:
        await price(extra)
    store.write(data.notes, data.names)


async def fill(lines: list[dict]) -> None:
    for line in lines:
        await store.add(tool=line.get("tool"), count=line.get("count"))


async def price(extra: dict) -> float:
    return extra["price"]


class Parcel(BaseModel):
    lines: list[dict] = []  # silent: each becomes a model


@app.post("/parcels")
async def parcel(data: Parcel) -> list[Tool]:
    return [Tool.model_validate(line) for line in data.lines]


class Options(BaseModel):
    env: dict[str, Any] = {}  # expect: free-mapping-input
    metadata: dict[str, Any] = {}  # silent: only kept


class Agent(BaseModel):
    config: Annotated[dict, Field(description="how it works")]  # expect: free-mapping-input
    options: Options
    settings: Annotated[dict, AfterValidator(known_settings)]  # silent: checked
    filters: dict[str, Any] | None = None  # silent: nobody uses it


@app.post("/agents")
def make_agent(body: Agent) -> None:
    runner.start(config=body.config, env=body.options.env, settings=body.settings, metadata=body.options.metadata)


class Board(BaseModel):
    board_config: dict[str, Any]  # silent: only kept


@app.post("/boards")
def create_board(body: Board) -> None:
    store.write(body.board_config)


@app.put("/boards/{board_id}")
def replace_board(board_id: int, body: Board) -> None:
    store.update_board(board_id, body.board_config)


class Crawl(BaseModel):
    config: dict[str, Any]  # silent: becomes an object that takes what it knows
    env: dict[str, str]  # silent: names and texts, whatever they are called


@app.post("/crawls")
async def crawl(body: Crawl) -> None:
    await start(body.config, env=body.env)


async def start(config: dict, env: dict) -> None:
    store.put(CrawlConfig.load(config), env)


class Amendment(BaseModel):
    config: dict[str, Any] | None = None  # expect: free-mapping-input
    labels: dict[str, Any] | None = None  # silent: only kept


@app.post("/amend")
async def amend(body: Amendment) -> None:
    await amend_with(body.config or {"at": {}}, body.labels or {})


async def amend_with(config: dict[str, Any], labels: dict[str, Any]) -> None:
    await store.merge({**config["at"], "labels": labels})


@app.post("/prices")
async def add_prices(prices: list[dict]) -> None:  # silent: each is parsed, and only what the parser gives goes on
    good = [parsed for price in prices if (parsed := _parse_price(price))]
    await store.add(good)


@app.post("/prices/rows")
async def add_price_rows(prices: list[dict]) -> None:  # silent
    for price in prices:
        parsed = _parse_price(price)
        if parsed is not None:
            await store.add(parsed)


def _parse_price(price: dict) -> dict | None:
    try:
        return {"cents": int(price["cents"]), "tool": str(price["tool"])}
    except (KeyError, TypeError, ValueError):
        return None


@app.post("/members")
async def add_member(body: dict) -> None:  # silent: what may be wrong is refused
    name = str(body.get("name") or "").strip()
    role = str(body.get("role") or "member")
    if role not in ("owner", "member"):
        raise HTTPException(422)
    await store.add(name, role)


class Receipt(BaseModel):
    state: dict[str, Any] | None = None  # silent: whoever has signed it is trusted with it


@app.post("/receipts")
async def take_receipt(request: Request, receipt: Receipt) -> None:
    if not verify_hmac(await request.body(), request.headers.get("x-signature")):
        raise HTTPException(401)
    await store.merge({**receipt.state["at"]})


@app.post("/groups")
async def add_groups(groups: dict) -> None:  # silent: each element is looked at
    found = []
    for group in groups.get("groups", []):
        if isinstance(group, str):
            found.append(group)
        else:
            raise HTTPException(422)
    await store.add(found)


def whole_number(value: object) -> int | None:
    return value if isinstance(value, int) and value >= 0 else None


@app.put("/policy")
async def put_policy(policy: dict) -> None:  # silent: a helper tells what fits
    days = whole_number(policy.get("days"))
    cents = whole_number(policy.get("cents"))
    if days is None or cents is None:
        raise HTTPException(422)
    await store.add(days, cents)
