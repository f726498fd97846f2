import sqlite3
from collections.abc import AsyncIterator, Iterator
from typing import Annotated

import peewee
import redis
import redis.asyncio as aredis
from fastapi import Depends, FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from sqlalchemy import create_engine, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

app = FastAPI()
engine = create_engine("sqlite://")
Local = sessionmaker(engine)
sessions = async_sessionmaker()


def get_db() -> Iterator[Session]:
    with Local() as session:
        yield session
        session.commit()  # silent: a plain dependency runs in a thread


async def get_async() -> AsyncIterator[AsyncSession]:
    async with sessions() as session:
        yield session


Db = Annotated[Session, Depends(get_db)]
AsyncDb = Annotated[AsyncSession, Depends(get_async)]


class Cache:
    def __init__(self) -> None:
        self._r = redis.Redis()
        self._a = aredis.Redis()

    async def read(self, key: str) -> str:
        await self._a.get(key)  # silent
        return self._r.get(key)  # expect: sync-database-driver-in-async


@app.get("/a")
async def direct(db: Db, cache: Annotated[Cache, Depends(Cache)]) -> int:
    await cache.read("x")
    db.query(1).filter(2).first()  # expect: sync-database-driver-in-async
    return db.scalar(text("1"))  # expect: sync-database-driver-in-async


@app.get("/b")
async def asynchronous(db: AsyncDb) -> int:
    await db.run_sync(lambda session: session.execute(text("1")))  # silent
    return await db.scalar(text("1"))  # silent


@app.get("/c")
def plain(db: Db) -> int:
    return db.scalar(text("1"))  # silent


@app.get("/d")
async def connect() -> None:
    sqlite3.connect("x.db").execute("select 1")  # expect: sync-database-driver-in-async


@app.get("/e")
async def unknown(request: Request) -> None:
    request.state.db.execute("select 1")  # silent: type unknown


class Shelf(redis.Redis):
    def count(self) -> int:
        return self.dbsize()  # expect: sync-database-driver-in-async

    def label(self) -> str:
        return "shelf"


class Base(DeclarativeBase): ...


class Box(Base):
    __tablename__ = "box"

    def tools(self) -> list[int]:
        with Local() as session:
            return session.execute(text("1")).all()  # expect: sync-database-driver-in-async


class Rows:
    def __init__(self, session) -> None:
        self.session = session

    def all(self) -> list[int]:
        return self.session.execute(text("1")).all()  # expect: sync-database-driver-in-async


@app.get("/f")
async def driver_of_its_own(shelf: Shelf, db: Db) -> None:
    shelf.count()  # expect: sync-database-driver-in-async
    shelf.label()  # silent
    Box().tools()  # silent: a row is no client
    Rows(db).all()  # silent: the line that does the I/O is reported here, the call under H3


@app.get("/iterated")
async def iterated(db: Db) -> int:
    query = db.query(1).filter(2)  # silent: nothing is asked yet
    for row in db.query(1):  # expect: sync-database-driver-in-async
        del row
    for row in [query]:
        del row
    return len(list(db.query(1)))  # expect: sync-database-driver-in-async


class Key(peewee.Model):
    name = peewee.CharField()


@app.get("/keys")
async def keys() -> list[str]:
    wanted = Key.select().where(Key.name != "")  # silent: nothing is asked yet
    Key.select().where(Key.name == "first").get()  # expect: sync-database-driver-in-async
    for key in Key.select().order_by(Key.name):  # expect: sync-database-driver-in-async
        print(key.name)
    return sorted({key.name for key in Key.select(Key.name)})  # expect: sync-database-driver-in-async


@app.get("/later")
async def read_later(db: Db, name: str = "") -> list[str]:
    query = Key.select().order_by(Key.name)  # silent: nothing is asked yet
    if name:
        query = query.where(Key.name == name)  # silent
    query = query.limit(10).dicts().iterator()  # silent
    rows = db.query(1)  # silent
    found = list(rows)  # expect: sync-database-driver-in-async
    kept = db.query(1).all()  # expect: sync-database-driver-in-async
    first = db.query(1).first()  # expect: sync-database-driver-in-async
    for part in first:  # silent: it has been asked
        found.append(part)
    for number in kept:  # silent: a list
        found.append(number)
    return [row["name"] for row in query]  # expect: sync-database-driver-in-async


@app.get("/inside")
async def read_inside() -> StreamingResponse:
    query = Key.select()  # silent

    async def rows():
        for row in query:  # expect: sync-database-driver-in-async
            yield row.name

    return StreamingResponse(rows())


@app.get("/thread")
async def read_in_thread() -> list[str]:
    query = Key.select()  # silent
    return await run_in_threadpool(lambda: [row.name for row in query])  # silent
