"""The database: opened when the app starts, closed when it stops."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import event, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from app.models import Base, Member, Token
from app.settings import Settings

SessionMaker = async_sessionmaker[AsyncSession]


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[SessionMaker]:
    """Make the tables where they are missing, and hand out sessions on at most `pool_size` connections."""
    engine = create_async_engine(
        settings.database_url,
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=settings.pool_timeout,
    )
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


async def find_member(session: AsyncSession, token: str) -> Member | None:
    """The member who holds this token, in one statement."""
    return await session.scalar(
        select(Member).join(Token, Token.member_id == Member.id).where(Token.token == token)
    )
