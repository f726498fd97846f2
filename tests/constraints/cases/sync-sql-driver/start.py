from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI

from engines import async_engine, engine_of, make_engine

router = APIRouter()
engine = make_engine("sqlite://")  # expect: sync-sql-driver


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.reports = engine_of("reports")  # expect: sync-sql-driver
    app.state.engine = async_engine()  # silent
    yield


@router.get("/a")
def read() -> int:
    return make_engine("sqlite://").connect().scalar("x")  # silent: the factory is reported


def export() -> None:
    engine = make_engine("sqlite://")  # silent: the factory is reported
    engine.connect()


def open_all() -> None:
    global engine
    engine = make_engine("sqlite://")  # expect: sync-sql-driver


if __name__ == "__main__":
    make_engine("sqlite://")  # silent: a script's
