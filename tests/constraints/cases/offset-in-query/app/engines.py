"""Search engines and databases with words of their own for an offset."""

import httpx
from django.core.paginator import Paginator
from fastapi import APIRouter
from pydantic import BaseModel, conint

router = APIRouter()


class WordQuery(BaseModel):
    start: int = 0
    rows: int = 20


@router.get("/solr")
def by_start_and_rows(solr, words: str, offset: int = 0, limit: int = 20):
    return solr.search(words, start=offset, rows=limit)  # expect: offset-in-query


@router.get("/solr/model")
def by_model(solr, offset: int = 0, limit: int = 20):
    return solr.run(WordQuery(start=offset, rows=limit))  # expect: offset-in-query


@router.get("/solr/parameters")
def by_parameters(words: str, offset: int = 0):
    asked = {"q": words, "start": offset, "rows": 20}  # expect: offset-in-query
    return httpx.get("http://search/select", params=asked)


@router.get("/graph")
async def in_a_graph(driver, skip: int = 0):
    return await driver.execute_query("MATCH (t:Tool) RETURN t SKIP $skip LIMIT 20", skip=skip)  # expect: offset-in-query


@router.get("/pair")
def as_a_pair(cursor, page: int = 1, size: int = 20):
    first = (page - 1) * size
    cursor.execute(f"SELECT * FROM tools LIMIT {first}, {size}")  # expect: offset-in-query
    cursor.execute("SELECT * FROM loans LIMIT %s, %s", (first, size))  # expect: offset-in-query
    cursor.execute("SELECT * FROM tools WHERE id > %s LIMIT %s", (size, size))  # silent: no offset


@router.get("/small-letters")
def in_small_letters(session, offset: int = 0, limit: int = 20):
    order = " order by id"
    first = f" offset {offset}"  # expect: offset-in-query
    return session.execute(f"select * from tools{order} limit {limit}" + first).all()


@router.get("/joined")
def joined(session, offset: int = 0):
    rows = session.execute("SELECT * FROM tools ORDER BY id LIMIT 20 OFFSET " + str(offset))  # expect: offset-in-query
    filled = session.execute("SELECT * FROM {} LIMIT 20 OFFSET {}".format("tools", offset))  # expect: offset-in-query
    first = session.execute("SELECT * FROM tools ORDER BY id LIMIT " + str(20))  # silent: a size
    return rows, filled, first


@router.get("/documents")
def in_documents(index, engine, words: str, page: int = 1):
    found = index.search(words, {"offset": (page - 1) * 20, "limit": 20})  # expect: offset-in-query
    body = {"query": words, "size": 20}
    body["from"] = (page - 1) * 20  # expect: offset-in-query
    letter = {"to": "desk"}
    letter["from"] = page  # silent: a letter
    return found, engine.search(body=body), letter


@router.get("/pages")
def in_pages(rows, page: conint(ge=1) = 1):
    return Paginator(rows, 20).get_page(page)  # expect: offset-in-query


@router.get("/text")
def as_text(query, page: str = "1"):
    number = int(page)
    return query.offset((number - 1) * 20).limit(20).all()  # expect: offset-in-query


@router.get("/token")
def as_token(client, offset: str = ""):
    return client.records(offset=offset)  # silent: an opaque text
