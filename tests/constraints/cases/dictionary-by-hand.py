import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Annotated, Any, TypedDict

from fastapi import Depends, FastAPI
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from marshmallow import Schema
from pydantic import BaseModel

app = FastAPI()


class Tool(BaseModel):
    name: str


@app.get("/a")
async def message():
    return {"message": "ok"}  # expect: dictionary-by-hand


@app.get("/b")
async def dumped(tool: str) -> dict[str, Any]:
    found = Tool(name=tool)
    return found.model_dump()  # expect: dictionary-by-hand


@app.get("/c")
async def listed() -> list:
    return [{"name": n} for n in "abc"]  # expect: dictionary-by-hand


@app.get("/d")
async def checked() -> Tool:
    return {"name": "saw"}  # silent: the model checks it


@app.get("/e", response_model=Tool)
async def modelled():
    return {"name": "saw"}  # silent


@app.get("/f", include_in_schema=False)
async def hidden():
    return {"name": "saw"}  # expect: dictionary-by-hand


def helper():
    return {"name": "saw"}  # silent


@app.get("/under-a-name")
async def under_a_name(n: int):
    if n:
        return {"n": n}  # expect: dictionary-by-hand
    answer = {"n": 0}
    answer["more"] = 1
    return answer  # expect: dictionary-by-hand


@app.get("/one-by-one")
async def one_by_one():
    found = []
    for n in range(3):
        found.append({"n": n})
    return found  # expect: dictionary-by-hand


@app.get("/other-things")
async def other_things():
    found = []
    for n in range(3):
        found.append(n)
    return found  # silent: no dictionaries


def envelope(data, text="ok"):
    return {"data": data, "text": text}


def read_stock(name):
    return {"left": len(name)}


@app.get("/wrapped")
async def wrapped():
    return envelope([1, 2])  # expect: dictionary-by-hand


@app.get("/computed")
async def computed():
    return read_stock("saw")  # expect: dictionary-by-hand


class Loan:
    def __init__(self, tool: str) -> None:
        self.tool = tool

    def to_dict(self) -> dict[str, Any]:
        return {"tool": self.tool}


class LoanSchema(Schema):
    pass


class Exporter:
    def dump(self, loan: Loan) -> Loan:
        return loan


class Catalogue:
    async def to_dict(self) -> Tool:
        return Tool(name="saw")


def written_out(row):
    """One row for the answer."""
    return {"id": str(row["id"]), "since": row.since.isoformat(), "tags": [t.name for t in row.tags]}


def looked_up(session, name):
    return {"tools": session.query(name)}


@app.get("/encoded")
async def encoded():
    return jsonable_encoder(Loan("saw"))  # expect: dictionary-by-hand


@app.get("/own-method")
async def own_method():
    return [loan.to_dict() for loan in [Loan("saw")]]  # expect: dictionary-by-hand


@app.get("/schema")
async def by_schema():
    return LoanSchema(many=True).dump([Loan("saw")])  # expect: dictionary-by-hand


@app.get("/rows")
async def rows(names: str):
    return [written_out(name) for name in names]  # expect: dictionary-by-hand


@app.get("/joined")
async def joined():
    return {"name": "saw"} | {"left": 1}  # expect: dictionary-by-hand


@app.get("/with-status")
async def with_status():
    return {"name": "saw"}, 200  # expect: dictionary-by-hand


@app.get("/other-dump")
async def other_dump():
    return Exporter().dump(Loan("saw"))  # silent: what it gives is not known to be a dictionary


@app.get("/fetched")
async def fetched():
    return await Catalogue().to_dict()  # silent: it is fetched, and it is a model


@app.get("/looked-up")
async def from_query(names: str):
    return looked_up(names, "saw")  # expect: dictionary-by-hand


@app.get("/checked")
async def checked_rows(names: str) -> list[Tool]:
    return [written_out(name) for name in names]  # silent: the model checks it


@app.get("/inner")
async def inner(n: int):
    def status(worker):
        found = {"alive": worker.ping()}
        return found

    return status(n)  # expect: dictionary-by-hand


@app.get("/changed")
async def changed(text: str, secret: bool = False):
    answer = json.loads(text)
    if secret:
        answer["secret"] = True
    return answer  # expect: dictionary-by-hand


@app.get("/as-it-came")
async def as_it_came(text: str):
    answer = json.loads(text)
    return answer  # expect: dictionary-by-hand


@app.get("/marked")
async def marked(n: int):
    loan = find_loan(n)
    loan["seen"] = True
    return loan  # expect: dictionary-by-hand


@app.get("/filled")
async def filled(names: str):
    by_letter = defaultdict(list)
    for name in names:
        by_letter[name].append(1)
    return by_letter  # expect: dictionary-by-hand


@app.get("/counted")
async def counted(names: str):
    return Counter(names)  # expect: dictionary-by-hand


@app.get("/or-else")
async def or_else(n: int):
    return find_loan(n) or {"left": 0}  # expect: dictionary-by-hand


@app.get("/each-under-a-name")
async def each_under_a_name(names: str):
    found = []
    for name in names:
        one = {"name": name}
        one["left"] = 1
        found.append(one)
    return found  # expect: dictionary-by-hand


@app.get("/wrapped-in-list")
async def wrapped_in_list(names: str):
    if names:
        return list(map(lambda name: {"name": name}, names))  # expect: dictionary-by-hand
    return sorted({"name": name} for name in names)  # expect: dictionary-by-hand


UP = {"status": "up"}
NOTHING: dict[str, str] = {}


@app.get("/constant")
async def constant():
    return UP  # expect: dictionary-by-hand


@app.get("/empty")
async def empty():
    return NOTHING  # silent: what it holds is not known


@app.get("/by-name")
async def by_name(names: str):
    return {name: len(name) for name in names}  # expect: dictionary-by-hand


@app.get("/by-name-declared")
async def by_name_declared(names: str) -> dict[str, int]:
    return {name: len(name) for name in names}  # silent: its keys are data, and its type is declared


@app.get("/names")
async def listed_names(names: str):
    return sorted(name for name in names)  # silent: no dictionaries


class Lender:
    def serialize(self):
        return {"name": "x"}

    def summarise(self, names):
        return {"left": find_loan(names)}


@app.get("/serialized")
async def serialized():
    return Lender().serialize()  # expect: dictionary-by-hand


@app.get("/summarised")
async def summarised(names: str):
    return Lender().summarise(names)  # expect: dictionary-by-hand


@app.get("/object-changed")
async def object_changed():
    tool = Shelf()
    tool["name"] = "saw"
    return tool  # silent: an object of the project's own


class Shelf:
    def __setitem__(self, key, value): ...


@app.get("/documents")
async def documents():
    found = []
    async for document in all_documents():
        document["id"] = str(document.pop("_id"))
        found.append(document)
    return found  # expect: dictionary-by-hand


def each_written_out(rows):
    return [written_out(row) for row in rows]


@app.get("/each-written-out")
async def each_row(names: str):
    return each_written_out(names)  # expect: dictionary-by-hand


class Source:
    def scopes(self):
        return {"read": True}


class Archive(Source):
    def scopes(self):
        return find_loan("scopes")


@app.get("/scopes")
async def scopes(source: Annotated[Source, Depends()]):
    return source.scopes()  # silent: another class answers otherwise


@app.get("/first")
async def first(names: str):
    rows = [written_out(name) for name in names]
    return rows[0]  # expect: dictionary-by-hand


@app.get("/first-under-a-name")
async def first_under_a_name(names: str):
    rows = [written_out(name) for name in names]
    tool = rows[0]
    return tool  # expect: dictionary-by-hand


@app.get("/own-first")
async def own_first(names: str):
    rows = find_loan(names)
    return rows[0]  # silent: whatever they are


@app.get("/promised-otherwise")
async def promised_otherwise(tool: str) -> JSONResponse:
    return jsonable_encoder(Tool(name=tool))  # expect: dictionary-by-hand


@app.get("/from-file")
async def from_file(path: str):
    return json.loads(Path(path).read_text())  # expect: dictionary-by-hand


@app.get("/from-file/checked", response_model=Tool)
async def from_file_checked(path: str):
    return json.loads(Path(path).read_text())  # silent: the model checks it


class Document(TypedDict):
    name: str


async def stocktaking() -> Document:
    return {"name": "stock"}


async def stocktaken():
    return {"name": "stock"}


class Source:
    def give(self):
        return {"name": "none"}


class Shelf(Source):
    def give(self):
        return Tool(name="saw")


@app.get("/typed-helper")
async def typed_helper():
    return await stocktaking()  # silent: the helper promises a type


@app.get("/helper-under-a-name")
async def helper_under_a_name():
    found = await stocktaken()
    return found  # expect: dictionary-by-hand


@app.get("/several")
async def several(source: Annotated[Source, Depends()]):
    return source.give()  # silent: another class may give something else


class MailTemplateResponse(BaseModel):
    name: str


@app.get("/mail-template", response_model=MailTemplateResponse)
async def mail_template():
    return {"name": "loan is late"}  # silent: a model, whatever it is called
