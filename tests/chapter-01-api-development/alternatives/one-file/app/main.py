"""The catalogue desk in one file."""

import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path as FilePath
from typing import Annotated, Any, Literal

from fastapi import (
    Body,
    Depends,
    FastAPI,
    HTTPException,
    Path,
    Query,
    Request,
    Response,
)
from pydantic import BaseModel, ConfigDict, Field, field_validator

SAMPLE = FilePath(__file__).with_name("sample_tools.json")
Condition = Literal["new", "good", "worn", "broken"]


class Public(BaseModel):
    id: int
    name: str
    category: str
    description: str | None = None
    condition: Condition
    value_cents: int
    copies: int
    available: bool


class Steward(Public):
    supplier_email: str | None = None
    purchase_note: str | None = None


class Loan(BaseModel):
    id: int
    due_on: str
    returned_at: str | None = None


class Stored(BaseModel):
    id: int
    name: str
    category: str
    description: str | None = None
    condition: Condition
    value_cents: int
    copies: int
    supplier_email: str | None = None
    purchase_note: str | None = None
    loans: list[Loan]


class Category(BaseModel):
    slug: str
    tools: int
    latest: Public


class Health(BaseModel):
    status: str


class Refusal(BaseModel):
    detail: str


class OpenLoan(BaseModel):
    message: str
    loan: int


class OutRefusal(BaseModel):
    detail: OpenLoan


class New(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=2, max_length=80)
    category: str = Field(pattern="^[a-z][a-z0-9-]{1,39}$")
    description: str | None = Field(default=None, max_length=500)
    condition: Condition = "good"
    value_cents: int = Field(ge=0, le=1_000_000)
    copies: int = Field(default=1, gt=0, lt=51)
    supplier_email: str | None = Field(default=None, max_length=254)
    purchase_note: str | None = Field(default=None, max_length=500)


class Change(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(default=None, min_length=2, max_length=80)
    category: str | None = Field(default=None, pattern="^[a-z][a-z0-9-]{1,39}$")
    description: str | None = Field(default=None, max_length=500)
    condition: Condition | None = None
    value_cents: int | None = Field(default=None, ge=0, le=1_000_000)
    copies: int | None = Field(default=None, ge=1, le=50)
    supplier_email: str | None = Field(default=None, max_length=254)
    purchase_note: str | None = Field(default=None, max_length=500)

    @field_validator("name", "category", "condition", "value_cents", "copies")
    @classmethod
    def never_null(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("this key cannot be empty")
        return value


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    rows = json.loads(FilePath(os.environ.get("TOOLSHED_SEED_FILE") or SAMPLE).read_text(encoding="utf-8"))
    app.state.tools = {
        row["id"]: {"loans": [], "condition": "good", "copies": 1, "gone": False} | row
        for row in rows["tools"]
    }
    yield


Row = dict[str, Any]
app = FastAPI(title="Toolshed", lifespan=lifespan)


def get_tools(request: Request) -> dict[int, Row]:
    tools: dict[int, Row] = request.app.state.tools
    return tools


Tools = Annotated[dict[int, Row], Depends(get_tools)]
Number = Annotated[int, Path(gt=0)]
MISSING: dict[int | str, dict[str, Any]] = {404: {"model": Refusal}}
CLASH: dict[int | str, dict[str, Any]] = {409: {"model": Refusal}}


def there(tools: dict[int, Row]) -> Iterator[Row]:
    for number in sorted(tools):
        if not tools[number]["gone"]:
            yield tools[number]


def out(row: Row) -> list[Row]:
    return [loan for loan in row["loans"] if not loan.get("returned_at")]


def seen(row: Row) -> Row:
    return row | {"available": len(out(row)) < row["copies"]}


def one(tools: dict[int, Row], number: int) -> Row:
    row = tools.get(number)
    if row is None or row["gone"]:
        raise HTTPException(404, "no such tool")
    return row


def no_clash(tools: dict[int, Row], name: str, category: str, but: int | None = None) -> None:
    for row in there(tools):
        if row["name"] == name and row["category"] == category and row["id"] != but:
            raise HTTPException(status_code=409, detail="there is one of these already")


KNOWN = {"q", "category", "available", "limit", "offset"}


def only_known(request: Request) -> None:
    if unknown := sorted(set(request.query_params) - KNOWN):
        raise HTTPException(
            422, [{"loc": ["query", name], "msg": "unknown", "type": "extra"} for name in unknown]
        )


@app.get("/health/live", tags=["wall"], operation_id="health", response_model=Health)
def health() -> Any:
    return Health(status="ok")


@app.get("/categories", tags=["wall"], operation_id="categories", response_model=list[Category])
def categories(tools: Tools) -> Any:
    rows = [Public(**seen(row)) for row in there(tools)]
    found = []
    for slug in sorted({row.category for row in rows}):
        group = [row for row in rows if row.category == slug]
        found.append(Category(slug=slug, tools=len(group), latest=group[-1]))
    return found


@app.get("/noticeboard", tags=["wall"], operation_id="noticeboard", response_model=list[Public])
def noticeboard(tools: Tools) -> Any:
    return [seen(row) for row in there(tools)][::-1][:5]


@app.get("/staff/inventory", tags=["staff"], operation_id="inventory", response_model=list[Stored])
def inventory(tools: Tools) -> Any:
    return list(there(tools))


@app.get(
    "/staff/tools/{number}",
    tags=["staff"],
    operation_id="staffTool",
    response_model=Steward,
    responses=MISSING,
)
def staff_tool(number: Number, tools: Tools) -> Any:
    return seen(one(tools, number))


@app.get(
    "/tools",
    tags=["tools"],
    operation_id="search",
    response_model=list[Public],
    dependencies=[Depends(only_known)],
)
def search(
    tools: Tools,
    q: Annotated[str | None, Query(min_length=1, max_length=80)] = None,
    category: Annotated[list[str] | None, Query()] = None,
    available: bool | None = None,
    limit: Annotated[int, Query(gt=0, lt=101)] = 20,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> Any:
    rows = [seen(row) for row in there(tools)]
    if q is not None:
        rows = [
            row
            for row in rows
            if q.lower() in row["name"].lower() or q.lower() in (row["description"] or "").lower()
        ]
    if category:
        rows = [row for row in rows if row["category"] in category]
    if available is not None:
        rows = [row for row in rows if row["available"] == available]
    return rows[offset:][:limit]


@app.get("/tools/featured", tags=["tools"], operation_id="featured", response_model=list[Public])
def featured(tools: Tools) -> Any:
    rows = sorted(there(tools), key=lambda row: len(row["loans"]), reverse=True)
    return [seen(row) for row in rows[:3]]


@app.get("/tools/{number}", tags=["tools"], operation_id="tool", response_model=Public, responses=MISSING)
def tool(number: Number, tools: Tools) -> Any:
    return seen(one(tools, number))


EXAMPLES: Any = {"plane": {"value": {"name": "Block plane", "category": "planes", "value_cents": 3100}}}


@app.post(
    "/tools", tags=["tools"], operation_id="addTool", response_model=Public, status_code=201, responses=CLASH
)
def add_tool(
    body: Annotated[New, Body(openapi_examples=EXAMPLES)], tools: Tools, request: Request, response: Response
) -> Any:
    no_clash(tools, body.name, body.category)
    number = max(tools, default=0) + 1
    tools[number] = {"id": number, "loans": [], "gone": False} | body.model_dump()
    response.headers["location"] = str(request.url_for("tool", number=number))
    return seen(tools[number])


@app.put(
    "/tools/{number}",
    tags=["tools"],
    operation_id="replaceTool",
    response_model=Public,
    responses={**MISSING, **CLASH},
)
def replace_tool(number: Number, body: New, tools: Tools) -> Any:
    row = one(tools, number)
    no_clash(tools, body.name, body.category, number)
    row.update(body.model_dump())
    return seen(row)


@app.patch(
    "/tools/{number}",
    tags=["tools"],
    operation_id="changeTool",
    response_model=Public,
    responses={**MISSING, **CLASH},
)
def change_tool(number: Number, body: Change, tools: Tools) -> Any:
    row = one(tools, number)
    wanted = row.copy()
    for key in body.model_fields_set:
        wanted[key] = getattr(body, key)
    no_clash(tools, wanted["name"], wanted["category"], number)
    tools[number] = wanted
    return seen(wanted)


@app.delete(
    "/tools/{number}",
    tags=["tools"],
    operation_id="removeTool",
    status_code=204,
    response_class=Response,
    responses={**MISSING, 409: {"model": OutRefusal}},
)
def remove_tool(number: Number, tools: Tools) -> Response:
    row = one(tools, number)
    if open_loans := out(row):
        raise HTTPException(409, {"message": "the tool is out", "loan": open_loans[0]["id"]})
    row["gone"] = True
    return Response(status_code=204)
