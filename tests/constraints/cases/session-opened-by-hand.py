import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, FastAPI
from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session, sessionmaker
from warehouse.database import get_session

app = FastAPI()
tools = APIRouter()
SessionLocal = sessionmaker(create_engine("sqlite://"))
sessions = async_sessionmaker(create_async_engine("sqlite+aiosqlite://"))


def get_db() -> Iterator[Session]:
    with SessionLocal() as session:  # silent: the dependency
        yield session


@asynccontextmanager
async def session_scope() -> AsyncIterator[AsyncSession]:
    async with sessions() as session:  # silent: what opens it is reported where it is used
        yield session


def make_session() -> Session:
    return SessionLocal()  # silent: a factory


@app.get("/a")
def with_next() -> int:
    session = next(get_db())  # expect: session-opened-by-hand
    return session.scalar("x")


@app.get("/b")
async def with_scope() -> int:
    async with session_scope() as session:  # expect: session-opened-by-hand
        return await session.scalar("x")


@app.get("/c")
def with_factory() -> int:
    session = make_session()  # expect: session-opened-by-hand
    return session.scalar("x")


def count_tools() -> int:
    with SessionLocal() as session:  # expect: session-opened-by-hand
        return session.scalar("x")


async def count_loans() -> int:
    async with sessions() as session:  # expect: session-opened-by-hand
        return await session.scalar("x")


@app.get("/d")
async def with_helpers() -> int:
    return count_tools() + await count_loans()


async def write_log() -> None:
    async with sessions() as session:  # silent: a task has its own session
        await session.commit()


async def send_mail() -> None:
    async with sessions() as session:  # silent: so has a background task
        await session.commit()


@app.get("/e")
async def with_tasks(tasks: BackgroundTasks) -> None:
    tasks.add_task(send_mail)
    running.add(asyncio.create_task(write_log()))


def current_user(token: str) -> str:
    with SessionLocal() as session:  # silent: a dependency opens what it needs
        return session.scalar(token)


def refreshed(session: Session) -> Session:
    session.refresh(1)
    return session


@app.get("/f")
async def injected(session: Annotated[Session, Depends(get_db)], user: Annotated[str, Depends(current_user)]) -> None:
    refreshed(session).commit()  # silent: the session of the request


def nightly() -> None:
    with SessionLocal() as session:  # silent: no request leads here
        session.commit()


async def each_session() -> AsyncIterator[AsyncSession]:
    async with sessions() as session:  # silent: the dependency's generator
        yield session


def session_manager():
    return asynccontextmanager(each_session)()


async def each_number() -> AsyncIterator[int]:
    yield 1


def number_manager():
    return asynccontextmanager(each_number)()


@app.get("/managed")
async def managed() -> None:
    async with session_manager() as session:  # expect: session-opened-by-hand
        await session.commit()
    async with number_manager() as number:  # silent: no session
        print(number)


@app.get("/elsewhere")
def elsewhere() -> None:
    with get_session() as session:  # expect: session-opened-by-hand
        session.execute("select 1")
    with get_session() as web:  # silent: nothing says that it is a database's
        web.get("/")
    with get_session("eu") as session:  # silent: one of its own for this work
        session.execute("select 1")


def registered(router: APIRouter, path: str):
    return router.get(path, tags=["tools"])


def plain_mark(path: str):
    return print


@registered(tools, "/registered")
def through_helper() -> None:
    with SessionLocal() as session:  # silent: reported by the rule for globals
        session.commit()
    with get_session() as session:  # expect: session-opened-by-hand
        session.execute("select 1")


@plain_mark("/registered")
def no_operation() -> None:
    with get_session() as session:  # silent: nothing serves it
        session.execute("select 1")


def applied() -> None:
    with get_session() as session:  # expect: session-opened-by-hand
        session.execute("select 1")


tools.post("/applied", status_code=201)(applied)
