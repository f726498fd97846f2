"""The database, through a synchronous driver: whoever uses it does so in a thread."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from fastapi import HTTPException, status
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import create_engine, delete, make_url
from sqlalchemy.orm import Session, sessionmaker

from app.models import Base, Recall, Tool
from app.schemas import Found

T = TypeVar("T")


class Database:
    """Hands out sessions for one thread each."""

    def __init__(self, url: str, pool_size: int) -> None:
        driver = make_url(url).set(drivername="sqlite")
        self.engine = (
            create_engine(  # check: flex S1 -- the shed's statistics package knows sync engines only
                driver,
                pool_size=pool_size,
                max_overflow=0,
                connect_args={"check_same_thread": False},
            )
        )
        self.sessions = sessionmaker(self.engine, expire_on_commit=False)

    def open(self) -> None:
        """Make the tables."""
        Base.metadata.create_all(self.engine)

    def close(self) -> None:
        """Give up all connections."""
        self.engine.dispose()

    async def ask(self, work: Callable[[Session], T]) -> T:
        """Do the work in a thread, in a session and a transaction of its own."""

        def in_session() -> T:
            with self.sessions.begin() as session:
                return work(session)

        return await run_in_threadpool(in_session)


def find_tool(session: Session, tool_id: int) -> Tool:
    """The tool of that number; 404 where there is none."""
    tool = session.get(Tool, tool_id)
    if tool is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such tool.")
    return tool


def remember(session: Session, tool_id: int, source: str, found: Sequence[Found]) -> None:
    """Put what a source said in place of what it said before."""
    session.execute(delete(Recall).where(Recall.tool_id == tool_id, Recall.source == source))
    session.add_all(Recall(tool_id=tool_id, source=source, **one.model_dump()) for one in found)
    session.flush()
