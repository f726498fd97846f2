"""The database, and the two questions that everybody asks it."""

from collections.abc import Sequence

from fastapi import HTTPException, status
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from app.models import Base, Recall, Tool
from app.schemas import Found

SessionMaker = async_sessionmaker[AsyncSession]


class Database:
    """Connections to the database; `sessions()` makes a session, and whoever makes one closes it."""

    def __init__(self, url: str, pool_size: int) -> None:
        self._engine = create_async_engine(url, pool_size=pool_size, max_overflow=0)
        self.sessions: SessionMaker = async_sessionmaker(self._engine, expire_on_commit=False)

    async def open(self) -> None:
        """Make the tables where they are missing; fails where there can be no database."""
        async with self._engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)

    async def close(self) -> None:
        """Give up all connections."""
        await self._engine.dispose()


async def find_tool(sessions: SessionMaker, tool_id: int) -> Tool:
    """The tool of that number, read in a session of its own; 404 where there is none."""
    async with sessions() as session:
        tool = await session.get(Tool, tool_id)
    if tool is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such tool.")
    return tool


async def remember(session: AsyncSession, tool_id: int, source: str, found: Sequence[Found]) -> None:
    """Put what a source said in place of what it said before; the caller commits."""
    await session.execute(delete(Recall).where(Recall.tool_id == tool_id, Recall.source == source))
    session.add_all(Recall(tool_id=tool_id, source=source, **one.model_dump()) for one in found)
    await session.flush()


async def remembered(session: AsyncSession, tool_id: int) -> Sequence[Recall]:
    """What the sources said last: the first hundred recalls."""
    query = select(Recall).where(Recall.tool_id == tool_id).order_by(Recall.id).limit(100)
    return (await session.scalars(query)).all()
