from contextlib import ExitStack, contextmanager
from typing import Annotated

import pymongo
from fastapi import Depends, FastAPI, Request
from sqlmodel import Session, create_engine, select
from sqlalchemy.ext.asyncio import AsyncSession

app = FastAPI()
engine = create_engine("sqlite://")
tools = pymongo.MongoClient().shed.tools


def get_session():
    with Session(engine) as session:
        yield session


@app.get("/a")
async def direct(session: Session = Depends(get_session)) -> None:
    session.exec(select(1))  # expect: blocking-database-call-in-async
    tools.find_one({})  # expect: blocking-database-call-in-async


@app.get("/b")
async def inferred(session=Depends(get_session)) -> None:
    session.commit()  # expect: blocking-database-call-in-async


@app.get("/c")
async def either(session: Session | AsyncSession = Depends(get_session)) -> None:
    session.commit()  # silent: may be either


@app.get("/d")
async def asynchronous(session: Annotated["AsyncSession", Depends(get_session)]) -> None:
    await session.commit()  # silent
    session.add(1)  # silent


@app.get("/e")
def plain(session: Session = Depends(get_session)) -> None:
    session.commit()  # silent


@app.get("/rows")
async def rows(session: Session) -> list[str]:
    return [str(row) for row in session.query(int)]  # expect: blocking-database-call-in-async


session_for_a_while = contextmanager(get_session)


@app.get("/while")
async def for_a_while() -> None:
    with session_for_a_while() as session:
        session.commit()  # expect: blocking-database-call-in-async
        session.expunge_all()  # silent


@app.get("/stack")
async def on_stack(session: Session) -> None:
    with ExitStack() as stack:
        kept = stack.enter_context(session_for_a_while())
        kept.commit()  # expect: blocking-database-call-in-async
    found = session.query(int).filter_by(a=1)  # silent: asked when it is read
    later = session.query(int).filter_by(a=2)  # silent: nothing reads it
    for row in found:  # expect: blocking-database-call-in-async
        str(row)
    str(later)
    narrowed = session.query(int)
    narrowed = narrowed.filter_by(a=3)  # silent
    print([row for row in narrowed])  # expect: blocking-database-call-in-async
