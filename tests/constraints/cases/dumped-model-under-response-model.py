from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, FastAPI
from fastapi.encoders import jsonable_encoder
from fastapi.encoders import jsonable_encoder as encode
from pydantic import BaseModel

app = FastAPI()


class Tool(BaseModel):
    name: str
    price: int | None = None


class Page(BaseModel):
    tools: list[Tool]
    count: int


@dataclass
class Row:
    name: str

    def dict(self) -> dict[str, str]:
        return {"name": self.name}


class ToolStore:
    def get(self) -> Tool:
        return Tool(name="saw")

    def all(self) -> list[Tool]:
        return [self.get()]


Store = Annotated[ToolStore, Depends()]


@app.get("/a")
async def dumped(store: Store) -> Tool:
    return store.get().model_dump()  # expect: dumped-model-under-response-model


@app.get("/b", response_model=Tool)
async def named_before(store: Store):
    tool = store.get()
    data = tool.dict(exclude_unset=True)
    return data  # expect: dumped-model-under-response-model


@app.get("/c", response_model=list[Tool])
async def each(store: Store):
    return [tool.model_dump(mode="json") for tool in store.all()]  # expect: dumped-model-under-response-model


@app.get("/d", response_model=Tool)
async def encoded(store: Store, brief: bool = False):
    if brief:
        return encode(store.get())  # expect: dumped-model-under-response-model
    return jsonable_encoder(store.get())  # expect: dumped-model-under-response-model


@app.get("/f")
async def as_it_is(store: Store) -> Tool:
    return store.get()  # silent


@app.get("/g")
async def put_together(store: Store) -> Page:
    return {"tools": store.all(), "count": 1}  # silent: somebody has to build it once


@app.get("/h")
async def without_model(store: Store):
    return store.get().model_dump()  # silent: no model checks it again


@app.get("/i")
async def narrowed(store: Store) -> Tool:
    return store.get().model_dump(exclude={"price"})  # silent: another answer than the object's


@app.get("/j")
async def changed(store: Store) -> Tool:
    data = store.get().model_dump()
    data["price"] = 3
    return data  # silent: it was changed on the way


@app.get("/k")
async def own_method() -> Tool:
    return Row("saw").dict()  # silent: no model is dumped


@app.get("/l", response_model=Tool)
async def inner_function(store: Store):
    def plain() -> dict[str, object]:
        return store.get().model_dump()  # silent: not what the path operation returns

    plain()
    return store.get()
