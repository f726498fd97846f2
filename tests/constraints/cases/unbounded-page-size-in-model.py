from dataclasses import dataclass
from typing import Annotated

from fastapi_pagination import Params
from fastapi import Depends, FastAPI, Query
from pydantic import BaseModel, Field, field_validator

app = FastAPI()


class Base(BaseModel):
    offset: int = 0  # expect: unbounded-page-size-in-model


class Search(Base):
    q: str = ""
    limit: int = 20  # expect: unbounded-page-size-in-model


class Bounded(BaseModel):
    limit: Annotated[int, Field(ge=1, le=100)] = 20  # silent
    offset: int = Field(default=0, ge=0)  # silent


class Checked(BaseModel):
    limit: int = 20  # silent: a validator looks at it

    @field_validator("limit")
    @classmethod
    def bound(cls, value: int) -> int:
        return min(max(value, 1), 100)


class Answer(BaseModel):
    limit: int = 20  # silent: never comes in


@app.get("/a")
async def search(query: Annotated[Search, Query()]) -> Answer:
    return Answer()


@app.get("/b")
async def bounded(query: Annotated[Bounded, Query()], more: Annotated[Checked, Query()]) -> Answer:
    return Answer()


class Wanted(BaseModel):
    text: str
    top_k: int = 5  # expect: unbounded-page-size-in-model
    page_size: int = 5  # silent: nothing uses it


class QuotaCreate(BaseModel):
    limit: int  # silent: kept, and no page


@app.post("/quotas")
async def create_quota(quota: QuotaCreate) -> Answer:
    return store.create(limit=quota.limit)


@app.post("/c")
async def find(wanted: Wanted) -> Answer:
    return found(wanted)


def found(wanted: Wanted) -> Answer:
    return store.search(wanted.text, limit=wanted.top_k)


class Cut(BaseModel):
    limit: int = 5  # silent: cut in the function


@app.post("/d")
async def cut(body: Cut) -> Answer:
    if body.limit > 50:
        raise ValueError
    return store.search("", limit=body.limit)


class Paging(BaseModel):
    skip: int = 0  # expect: unbounded-page-size-in-model


@app.get("/e")
async def paged(paging: Annotated[Paging, Depends()]) -> Answer:
    return store.search("", paging.skip)


@dataclass
class Window:
    limit: int = 10  # expect: unbounded-page-size-in-model
    offset: Annotated[int, Query(ge=0)] = 0  # silent


@app.get("/f")
async def windowed(window: Annotated[Window, Depends()]) -> Answer:
    return store.search("", window.limit)


class Pagination(BaseModel):
    first: int  # expect: unbounded-page-size-in-model
    cursor: str | None = None


class Queue(BaseModel):
    first: int  # silent: no page


class Listing(BaseModel):
    pagination: Pagination
    queue: Queue


@app.post("/g")
async def listed(listing: Listing) -> Answer:
    return page_of(listing.pagination, listing.queue.first)


def page_of(pagination: Pagination, number: int) -> Answer:
    return store.search("", number, limit=pagination.first + 1)


class Completion(BaseModel):
    prompt: str
    top_p: float = 1.0
    top_k: int = -1  # silent: how a language model draws its words


@app.post("/h")
async def complete(completion: Completion) -> Answer:
    return store.generate(completion.prompt, completion.top_p, completion.top_k)


class Asked(BaseModel):
    text: str
    limit: int | None = None  # expect: unbounded-page-size-in-model


@app.post("/i")
async def asked(body: Asked) -> Answer:
    params = {}
    if body.limit is not None:
        params["limit"] = body.limit
    return store.search(body.text, **params)


class Dumped(BaseModel):
    limit: int = 10  # expect: unbounded-page-size-in-model


@app.post("/j")
async def dumped(body: Dumped) -> Answer:
    return store.search(**body.model_dump())


class Said(BaseModel):
    limit: int = 10  # silent: only said again


@app.post("/k")
async def said(body: Said) -> dict:
    answer = {}
    answer["limit"] = body.limit
    return answer


class Question(BaseModel):
    text: str
    top_k: int | None = 3  # expect: unbounded-page-size-in-model


class Questions(BaseModel):
    questions: list[Question]


@app.post("/l")
async def several(body: Questions) -> Answer:
    return await store.search_all(body.questions)


class BoundedQuestion(BaseModel):
    text: str
    top_k: int = Field(3, ge=1, le=50)  # silent


class BoundedQuestions(BaseModel):
    questions: list[BoundedQuestion]


@app.post("/m")
async def several_bounded(body: BoundedQuestions) -> Answer:
    return await store.search_all(body.questions)


class WideParams(Params):
    size: int = Query(20, gt=0)  # expect: unbounded-page-size-in-model


class NarrowParams(Params):
    size: int = Query(20, gt=0, le=50)  # silent
