from sqlalchemy import Engine, create_engine
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


def make_engine(url: str) -> Engine:
    return create_engine(url)  # expect: sync-sql-driver


def engine_of(name: str) -> Engine:
    engine = make_engine(f"sqlite:///{name}.db")  # silent: the factory is reported
    return engine


def async_engine() -> AsyncEngine:
    return create_async_engine("sqlite+aiosqlite://")  # silent
