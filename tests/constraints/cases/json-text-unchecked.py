import json
from json import loads as parse
from typing import Annotated, Optional

from fastapi import Depends, FastAPI, Form, HTTPException, Query, UploadFile
from pydantic import BaseModel, Json

app = FastAPI()


class Filters(BaseModel):
    kind: str


@app.get("/a")
async def read(
    filters: Optional[str] = Query(None),  # expect: json-text-unchecked
    kind: str = "",  # silent: it is no JSON
) -> list[int]:
    if filters:
        filters = json.loads(filters)  # expect: json-text-unchecked
    return await store.find(filters, kind)


@app.post("/b")
async def through(
    metadata: Annotated[str, Form()],  # expect: json-text-unchecked
) -> None:
    await store.add(decoded(metadata))


def decoded(text: str) -> dict:
    return parse(text)  # expect: json-text-unchecked


@app.get("/c")
async def typed(filters: Annotated[Json[Filters], Query()]) -> list[int]:  # silent
    return await store.find(filters)


@app.get("/d")
async def checked(filters: str) -> list[int]:  # silent: a model checks it
    return await store.find(Filters(**json.loads(filters)))


@app.get("/e")
async def caught(filters: str) -> list[int]:  # silent: looked at
    try:
        found = json.loads(filters)
    except ValueError:
        raise HTTPException(422) from None
    if not isinstance(found, list):
        raise HTTPException(422)
    return await store.find(found)


@app.get("/f")
async def refused(filters: str) -> list[int]:  # expect: json-text-unchecked
    try:
        found = json.loads(filters)  # expect: json-text-unchecked
    except ValueError:
        raise HTTPException(422) from None
    return await store.find(found)


async def mapping_of(mapping: str = Form(...)) -> dict[str, str]:  # expect: json-text-unchecked
    try:
        return json.loads(mapping)  # expect: json-text-unchecked
    except json.JSONDecodeError as error:
        raise HTTPException(400) from error


@app.get("/g")
async def either(tags: str, mapping: dict = Depends(mapping_of)) -> list[int]:  # silent: any text is right
    try:
        found = json.loads(tags)
    except ValueError:
        found = tags.split(",")
    return await store.find(found)


def helper(text: str) -> dict:  # silent: no client sends it
    return json.loads(text)


@app.post("/import")
async def from_file(
    file: UploadFile,  # expect: json-text-unchecked
) -> None:
    rows = json.loads(await file.read())  # expect: json-text-unchecked
    for row in rows:
        await store.add(row["name"])


@app.post("/import/checked")
async def checked_file(file: UploadFile) -> None:  # silent: a model checks each row
    content = (await file.read()).decode()
    rows = json.loads(content)
    for row in rows:
        await store.add(Filters(**row))


@app.post("/import/looked-at")
async def looked_at_file(file: UploadFile) -> None:  # silent: looked at
    rows = json.load(file.file)
    if not isinstance(rows, list) or any("name" not in row for row in rows):
        raise HTTPException(422)
    await store.add(rows)


@app.post("/import/kept")
async def kept_file(file: UploadFile) -> None:  # silent: nothing is parsed
    await store.add(await file.read())


@app.post("/import/each-checked")
async def each_checked(file: UploadFile) -> None:  # silent: a model checks each row
    rows = json.loads(await file.read())
    await store.add([Filters.model_validate(row) for row in rows])


@app.post("/run")
def run(checks: list = Form(...), metadata: str = Form(...)) -> list[str]:
    found = eval(checks[0])  # expect: json-text-unchecked
    metadata = eval(metadata)  # expect: json-text-unchecked
    return [one for one in found if one in metadata]


@app.post("/run-known")
def run_known(name: str, own: str = "") -> list[str]:
    if name not in {"sum", "max"}:
        raise HTTPException(422)
    own = settings.formula
    return [eval(name), eval("1 + 1")]  # silent: one of two words


class Found(BaseModel):
    filters: dict[str, object] = {}
    page: int = 1


class Known(BaseModel):
    filters: Filters
    page: int = 1


def free_query(
    filters: Annotated[str | None, Query()] = None,  # expect: json-text-unchecked
    page: int = 1,
) -> Found:
    wanted = {}
    if filters:
        wanted = json.loads(filters)  # expect: json-text-unchecked
    return Found(filters=wanted, page=page)


def known_query(filters: str, page: int = 1) -> Known:  # silent: the model says what they are
    wanted = json.loads(filters)
    return Known(filters=wanted, page=page)


@app.get("/by-query")
async def by_query(found: Annotated[Found, Depends(free_query)]) -> list[int]:
    return await store.find(Found(**found.model_dump()))


@app.get("/by-known")
async def by_known(known: Annotated[Known, Depends(known_query)]) -> list[int]:
    return await store.find(known)
