"""The catalogue: read, search, add, change, remove."""

from typing import Annotated

from fastapi import (
    APIRouter,
    Header,
    HTTPException,
    Path,
    Query,
    Request,
    Response,
    status,
)
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.schemas import Refusal, ToolBody, ToolChanges, ToolOut, ToolRow
from app.shed import Shed, ShedNow

router = APIRouter(
    tags=["tools"],
    responses={code: {"model": Refusal} for code in (404, 409, 412, 428)},
)
Number = Annotated[int, Path(ge=1)]
IfMatch = Annotated[list[str] | None, Header()]


class Filters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    q: str | None = Field(None, min_length=1, max_length=80)
    category: set[str] = Field(default_factory=set)
    available: bool | None = None


class Page(BaseModel):
    limit: int = Field(20, ge=1, le=100)
    offset: int = Field(0, ge=0)


class Query_(Filters, Page):
    """Both, so that unknown names are refused."""


def need(shed: Shed, number: int) -> ToolRow:
    try:
        return shed.rows[number]
    except KeyError:
        raise HTTPException(status.HTTP_404_NOT_FOUND, f"no tool {number}") from None


def tag(shed: Shed, number: int) -> str:
    return f'"{number}-{shed.versions[number]}"'


def need_match(shed: Shed, number: int, given: list[str] | None) -> None:
    if not given:
        raise HTTPException(428, "If-Match is missing")
    wanted = {part.strip() for line in given for part in line.split(",")}
    if "*" not in wanted and tag(shed, number) not in wanted:
        raise HTTPException(412, "somebody was faster")


def need_free(shed: Shed, name: str, category: str, own: int | None = None) -> None:
    if shed.twin(name, category) not in (None, own):
        raise HTTPException(409, "name and category are taken")


@router.get("")
async def search(query: Annotated[Query_, Query()], shed: ShedNow) -> list[ToolOut]:
    hits = []
    for number in sorted(shed.rows):
        row = shed.rows[number]
        shown = row.public()
        if query.q and query.q.lower() not in f"{row.name}\n{row.description or ''}".lower():
            continue
        if query.category and row.category not in query.category:
            continue
        if query.available is not None and shown.available != query.available:
            continue
        hits.append(shown)
    return hits[query.offset : query.offset + query.limit]


@router.get("/{number}")
async def read(number: Number, shed: ShedNow, response: Response) -> ToolOut:
    row = need(shed, number)
    response.headers["etag"] = tag(shed, number)
    return row.public()


@router.post("", status_code=201)
async def add(body: ToolBody, shed: ShedNow, request: Request, response: Response) -> ToolOut:
    async with shed.lock:
        need_free(shed, body.name, body.category)
        row = ToolRow(id=max(shed.rows, default=0) + 1, **body.model_dump())
        shed.put(row)
    response.headers["Location"] = f"{request.url.path}/{row.id}"
    return row.public()


@router.put("/{number}")
async def replace(number: Number, body: ToolBody, shed: ShedNow, if_match: IfMatch = None) -> ToolOut:
    async with shed.lock:
        row = need(shed, number)
        need_match(shed, number, if_match)
        need_free(shed, body.name, body.category, number)
        shed.put(ToolRow(id=number, loans=row.loans, **body.model_dump()))
    return shed.rows[number].public()


@router.patch("/{number}")
async def amend(number: Number, body: ToolChanges, shed: ShedNow, if_match: IfMatch = None) -> ToolOut:
    """The merged tool is checked by the model of the whole, so that no bound stands twice."""
    async with shed.lock:
        row = need(shed, number)
        need_match(shed, number, if_match)
        whole = row.model_dump(include=set(ToolBody.model_fields))
        whole |= body.model_dump(include=body.model_fields_set)
        try:
            checked = ToolBody.model_validate(whole)
        except ValidationError as error:
            raise RequestValidationError(error.errors()) from error
        need_free(shed, checked.name, checked.category, number)
        shed.put(row.model_copy(update=checked.model_dump()))
    return shed.rows[number].public()


@router.delete("/{number}", status_code=204)
async def remove(number: Number, shed: ShedNow) -> None:
    async with shed.lock:
        row = need(shed, number)
        for loan in row.out():
            raise HTTPException(409, f"loan {loan.id} is open")
        del shed.rows[number]
