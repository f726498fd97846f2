import re
from datetime import date
from typing import Annotated

from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel
from sqlalchemy import text

app = FastAPI()
TABLE = "tools"


class Search(BaseModel):
    name: str
    shelf: int = 1


@app.get("/a")
def direct(session, name: str) -> list[str]:  # expect: query-text-from-client
    return session.execute(text(f"SELECT * FROM tools WHERE name = '{name}'")).all()


@app.get("/b")
async def through_helper(
    start: str | None = None,  # expect: query-text-from-client
    end: Annotated[str | None, Query()] = None,  # expect: query-text-from-client
) -> list[str]:
    return await used_between(from_=start, to_=end)


async def used_between(from_: str | None, to_: str | None) -> list[str]:
    first = re.sub(r"(\d{4})(\d{2})", r"\1/\2", from_) if from_ is not None else ""
    query = f"""
WITH used AS (SELECT * FROM {TABLE} WHERE day BETWEEN '{first}' AND '{to_}')
SELECT * FROM used
"""
    return await run(query)


@app.post("/c")
def in_body(cursor, search: Search) -> list[str]:
    return found(cursor, search)


def found(cursor, search: Search) -> list[str]:
    cursor.execute("SELECT * FROM tools WHERE name LIKE '%s'" % search.name)  # expect: query-text-from-client
    cursor.execute("DELETE FROM seen WHERE name = '{}'".format(search.name))
    return cursor.fetchall()


@app.get("/d/{name}")
def added(cursor, name: str) -> list[str]:  # expect: query-text-from-client
    return cursor.execute("SELECT * FROM tools WHERE name = '" + name + "'").fetchall()


@app.get("/e")
def graph(driver, name: str) -> list[str]:  # expect: query-text-from-client
    return driver.run(f"MATCH (t:Tool {{name: '{name}'}}) RETURN t")


@app.get("/f")
def bound(session, name: str, number: int, day: date) -> list[str]:
    session.execute(text(f"SELECT * FROM tools WHERE number = {number} AND day = '{day}'"))  # silent: no texts
    session.execute("SELECT * FROM tools WHERE name = %s", (name,))  # silent
    return session.execute(text(f"SELECT * FROM {TABLE} WHERE name = :name"), {"name": name}).all()  # silent


@app.get("/g")
def checked(session, name: str) -> list[str]:
    if not name.isalnum():
        raise HTTPException(422)
    return session.execute(text(f"SELECT * FROM tools WHERE name = '{name}'")).all()  # silent


@app.get("/h")
def quoted(session, name: str) -> list[str]:
    return session.execute(text(f"SELECT * FROM tools WHERE name = {quote_literal(name)}")).all()  # silent


@app.get("/i")
async def prompt(llm, name: str) -> str:
    return await llm.ask(f"Select the best tool from this list: {name}")  # silent: no query


@app.get("/j")
def constrained(session, name: Annotated[str, Query(pattern="^[a-z]+$")]) -> list[str]:
    return session.execute(text(f"SELECT * FROM tools WHERE name = '{name}'")).all()  # silent


def _countries(name: str) -> str:
    query = "Select name From countries c"
    if name:
        query += f" WHERE name ILIKE '%{name}%'"
    return query


@app.get("/pieces")
def in_pieces(session, name: str = "", sort: str = "") -> list[str]:  # expect: query-text-from-client
    return session.execute(text(_countries(name)))


@app.get("/ordered")
def ordered(
    session,
    sort: str,  # expect: query-text-from-client
    shelf: int = 1,  # silent: a number
) -> list[str]:
    parts = [f"AND shelf = {shelf}", f"ORDER BY {sort}"]
    return session.execute(text(TABLE + " ".join(parts)))


@app.get("/said")
def said(name: str, shelf: str) -> str:  # silent: a sentence
    return f"Tools on {shelf} and Where they are: {name}. AND NOW {shelf}"
