from dataclasses import dataclass
from typing import Annotated, Union

from annotated_types import Ge, Le
from fastapi import Depends, FastAPI, Query
from fastapi_pagination import Params
from pydantic import AfterValidator, BaseModel, field_validator

app = FastAPI()
Limit = Annotated[int, Query(ge=1, le=100)]


def even(n: int) -> int:
    return n


def page(
    skip: int = 0,  # expect: unbounded-page-size
    limit: Limit = 20,
) -> tuple[int, int]:
    return skip, limit


class Paging:
    def __init__(self, offset: int = 0) -> None:  # expect: unbounded-page-size
        self.offset = offset


@app.get("/a")
async def direct(limit: int = 100) -> list[int]:  # expect: unbounded-page-size
    return tools[:limit]


@app.get("/b")
async def cut_on_one_side(limit: int = 100) -> list[int]:  # silent: nobody gets more than a hundred
    size = min(limit, 100)
    return await store.page(size=size)


@app.get("/c")
async def half(
    limit: Annotated[int, Query(le=100)] = 20,  # expect: unbounded-page-size
    offset: int = Query(default=0),  # expect: unbounded-page-size
) -> list[int]:
    return query.limit(limit).offset(offset)


@app.get("/d")
async def bounded(limit: Limit, offset: Annotated[int, Ge(0)] = 0, page: Annotated[int, Query(ge=1)] = 1) -> list[int]:
    return query.limit(limit).offset(offset + page)  # silent


@app.get("/e")
async def checked(limit: int = 100) -> list[int]:  # silent
    if not 1 <= limit <= 100:
        raise ValueError
    return tools[:limit]


@app.get("/f")
async def clamped(limit: int = 100) -> list[int]:  # silent
    return tools[: max(1, min(limit, 100))]


@app.get("/g")
async def validated(limit: Annotated[int, AfterValidator(even)] = 2) -> list[int]:  # silent
    return tools[:limit]


@app.get("/h")
async def echoed(limit: int = 10) -> str:  # silent: it reaches nothing
    return str(limit)


@app.get("/i")
async def other(limit: float = 1.0, size: str = "m", page: Annotated[int, Depends(page)] = 1) -> list[int]:  # silent
    return tools[limit]


@app.get("/j")
async def through(bounds: Annotated[tuple[int, int], Depends(page)], paging: Annotated[Paging, Depends()]) -> list[int]:
    return tools[bounds[0] : bounds[1]]


def helper(limit: int) -> list[int]:  # silent: no path operation
    return tools[:limit]


@app.get("/k")
async def annotated(limit: Annotated[int, Ge(1), Le(50)] = 5) -> list[int]:  # silent
    return helper(limit)


@app.get("/l")
async def cut_above(limit: int = Query(10, ge=0)) -> list[int]:  # silent: the open end is cut
    return helper(min(limit, 100))


@app.get("/m")
async def sized(size: int = 20) -> list[int]:  # expect: unbounded-page-size
    return query().limit(size).all()


@app.get("/n")
async def scaled(size: int = 20) -> list[int]:  # silent: no page
    return draw(size)


@app.get("/o")
async def handed_on(n: int = 5) -> list[int]:  # expect: unbounded-page-size
    return found(count=n)


def found(count: int) -> list[int]:
    wanted = count or 5
    return tools[:wanted]


@app.get("/p")
async def cut_there(n: int = 5) -> list[int]:  # silent: the helper cuts it
    return few(n)


def few(count: int) -> list[int]:
    return tools[: min(count, 5)]


@app.get("/q")
async def cut_further(limit: int = 100, page: int = 0) -> dict:  # silent: the helpers cut and check both
    rows = await page_of(limit, skipped(page) * 20)
    return {"rows": rows}


async def page_of(limit: int, skip: int) -> list[int]:
    size = min(limit, 100)
    return await store.page(size, skip)


def skipped(page: int) -> int:
    if page < 0:
        raise ValueError
    return page


@app.get("/r")
async def told(limit: int = 100) -> dict:  # expect: unbounded-page-size
    logger.info("asked", extra={"limit": limit})
    rows = await all_of(limit=limit)
    return {"rows": rows}


async def all_of(limit: int) -> list[int]:
    return await inner_of(limit)


async def inner_of(limit: int) -> list[int]:
    return await query.limit(limit).all()


@app.get("/s")
async def sliced_in_helper(limit: int = 100) -> list[int]:  # silent: never more than fifty
    return first_of(limit)


def first_of(limit: int) -> list[int]:
    if limit > 50:
        limit = 50
    return tools[:limit]


def open_limit():
    return Query(None, description="how many")


def bounded_limit():
    return Query(20, ge=1, le=100)


def usual() -> int:
    return 20


@app.get("/helpers")
async def defaults_made_by_helpers(
    limit: int = open_limit(),  # expect: unbounded-page-size
    top_k: int = bounded_limit(),  # silent: the helper bounds it
    page_size: int = usual(),  # expect: unbounded-page-size
) -> list[int]:
    return [*tools[:limit], *tools[:top_k], *tools[:page_size]]


class Commons:
    def __init__(
        self,
        skip: int = 0,  # expect: unbounded-page-size
        first: int = Query(default=100),  # expect: unbounded-page-size
    ) -> None:
        self.skip, self.last = skip, first


@app.get("/commons")
async def with_commons(commons: Commons = Depends(Commons)) -> list[int]:
    return await store.find(commons)


@app.get("/connection")
async def connection(
    first: int = 20,  # expect: unbounded-page-size
    after: str = "",
) -> list[int]:
    return await store.find(first=first, after=after)


class Filters(BaseModel):
    word: str = ""
    limit: int = 20


class Bounded(BaseModel):
    limit: Annotated[int, Le(100), Ge(1)] = 20


@dataclass
class Page:
    offset: int
    limit: int | None


async def find(session: object, filters: Filters) -> list[int]:
    return await session.find({"word": filters.word}, limit=filters.limit)


@app.get("/object/a")
async def in_object(word: str, limit: int = Query(20, gt=0)) -> list[int]:  # expect: unbounded-page-size
    filters = Filters(word=word, limit=limit)
    return await find(session, filters)


@app.get("/object/b")
async def in_object_directly(limit: int = 20) -> list[int]:  # expect: unbounded-page-size
    return await find(session, Filters(limit=limit))


@app.get("/object/c")
async def in_bounded_object(limit: int = 20) -> list[int]:  # silent: the field has bounds
    bounded = Bounded(limit=limit)
    return await session.find({}, limit=bounded.limit)


class Answer(BaseModel):
    limit: int
    tools: list[int]


@app.get("/object/d")
async def echoed(limit: int = 20) -> Answer:  # silent: it is only told again
    return Answer(limit=limit, tools=[])


def window_of(
    offset: int = 0,  # expect: unbounded-page-size
    limit: int | None = None,  # expect: unbounded-page-size
) -> Page:
    return Page(offset=offset, limit=limit)


@app.get("/object/e")
async def paged(page: Annotated[Page, Depends(window_of)]) -> list[int]:
    return await session.page(page)


class Filled:
    def __init__(
        self,
        count: int = 100,  # expect: unbounded-page-size
        first: int = 1,  # silent: nothing pages by it
        take: int = 5,  # silent: looked at before it is used
    ) -> None:
        self.count = count
        self.first = first
        self.taken = take


@app.get("/object/f")
async def through_class(paging: Annotated[Filled, Depends()]) -> list[int]:
    if paging.taken > 50:
        raise HTTPException(422)
    return await session.find(limit=paging.count) + await session.find(limit=paging.taken)


def window_or_default(limit: int | None = None) -> Page:  # expect: unbounded-page-size
    return Page(offset=0, limit=20 if limit is None else limit)


@app.get("/object/g")
async def paged_or_default(page: Annotated[Page, Depends(window_or_default)]) -> list[int]:
    return await session.page(page)


class Cursored(BaseModel):
    limit: int | None
    sort_by: list[str]

    @field_validator("sort_by")
    def split(cls, value: list[str]) -> list[str]:  # noqa: N805
        return value


def cursor_or_default(limit: int | None = None) -> Cursored:  # expect: unbounded-page-size
    return Cursored(limit=20 if limit is None else limit, sort_by=[])


@app.get("/object/h")
async def paged_by_cursor(page: Annotated[Cursored, Depends(cursor_or_default)]) -> list[int]:
    return await session.page(page)


@app.get("/union")
async def in_a_union(
    limit: Union[int, None] = Query(15),  # expect: unbounded-page-size
    skip: Union[int, str] = 0,  # silent: it may be a text
) -> list[int]:
    return query.limit(limit).offset(skip)


@app.get("/counted")
async def counted(limit: int = 10, per_page: int = 10) -> dict[str, object]:  # expect: unbounded-page-size
    total = await query.count()
    pages = total // limit + (total % limit > 0)
    rows = await query.limit(limit).all()
    if per_page > settings.largest_page:  # silent: refused
        raise HTTPException(422)
    return {"rows": rows, "pages": pages, "more": len(rows) == limit, "last": await query.limit(per_page).all()}


async def posts_of(member: str, cursor: int, count: int) -> list[int]:
    wanted = PostQuery(member=member, cursor=cursor, count=count)
    return await upstream.read(wanted.model_dump())


class PostQuery(BaseModel):
    member: str
    cursor: int
    count: int


@app.get("/posts")
async def posts(member: str, cursor: int = 0, count: int = 20) -> list[int]:  # expect: unbounded-page-size
    return await posts_of(member, cursor, count)


@app.get("/alone")
async def alone(member: str, count: int = 20) -> list[int]:  # silent: nothing says that it is a page
    return await posts_of(member, 0, count)


@app.get("/points")
async def points(max_points: int = 1000) -> list[int]:  # expect: unbounded-page-size
    return rows[:max_points]


@app.get("/words")
async def words(max_tokens: int = 1000) -> str:  # silent: goes to no query
    return await model.answer(max_tokens)


class Window:
    def __init__(
        self,
        page_limit: Annotated[int, Query(ge=0)] = 20,  # silent: compared with a bound where it is read
        page_offset: int = 0,  # expect: unbounded-page-size
    ) -> None:
        self.page_limit = page_limit
        self.page_offset = page_offset


def seen_through(window: Window) -> list[int]:
    size = window.page_limit
    if size > settings.largest_page:
        raise HTTPException(403)
    return rows[window.page_offset : window.page_offset + size]


@app.get("/window")
async def through_a_window(window: Annotated[Window, Depends()]) -> list[int]:
    return seen_through(window)


async def page_of_library(limit: int) -> object:
    return await paginate(select(Tool), Params(size=limit))


@app.get("/of-library")
async def of_library(limit: int = 50) -> object:  # silent: the library's model takes a hundred at most
    return await page_of_library(limit)
