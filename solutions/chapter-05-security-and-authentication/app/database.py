"""The database: opened when the app starts, closed when it stops."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from app.models import Base
from app.settings import Settings

SessionMaker = async_sessionmaker[AsyncSession]


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[SessionMaker]:
    """Make the tables where they are missing, and hand out sessions."""
    engine = create_async_engine(settings.database_url)
    event.listen(engine.sync_engine, "connect", _keep_foreign_keys)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        yield async_sessionmaker(engine, expire_on_commit=False)
    finally:
        await engine.dispose()


def _keep_foreign_keys(connection: DBAPIConnection, _record: object) -> None:
    """SQLite checks foreign keys only on connections that ask for it."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()
