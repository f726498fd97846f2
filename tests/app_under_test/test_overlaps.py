"""Two tasks or two threads in one session are seen, whether or not they do damage."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncSession,
    async_scoped_session,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from checker.app_under_test.overlaps import record_overlaps

ONE = text("select 1")
Seen = list[str]
Sessions = async_sessionmaker[AsyncSession]


@pytest.fixture
def seen() -> Iterator[Seen]:
    """What the recorder says, until the end of the test."""
    kept = [(owner, dict(owner.__dict__)) for owner in (AsyncSession, AsyncConnection, Session)]
    said: Seen = []

    def say(what: str, site: dict[str, Any]) -> None:
        said.append(f"{what} in {site['name']}")

    record_overlaps(Path(__file__).parent, say)
    yield said
    for owner, names in kept:
        for name, value in names.items():
            if owner.__dict__[name] is not value:
                setattr(owner, name, value)


@asynccontextmanager
async def database(folder: Path, **options: Any) -> AsyncIterator[Sessions]:
    engine = create_async_engine(f"sqlite+aiosqlite:///{(folder / 'x.db').as_posix()}", **options)
    try:
        yield async_sessionmaker(engine, expire_on_commit=False)
    finally:
        await engine.dispose()


@pytest.mark.asyncio
async def test_gather_over_a_warm_session_is_seen(tmp_path: Path, seen: Seen) -> None:
    async with database(tmp_path) as sessions, sessions() as session:
        await session.scalar(ONE)
        assert seen == []
        # No exception: that is the trouble with it.
        assert await asyncio.gather(session.scalar(ONE), session.scalar(ONE)) == [1, 1]
    assert seen == ["AsyncSession.scalar in test_gather_over_a_warm_session_is_seen"]


@pytest.mark.asyncio
async def test_gather_over_a_cold_session_is_seen(tmp_path: Path, seen: Seen) -> None:
    async with database(tmp_path, poolclass=NullPool) as sessions:
        session = sessions()
        await asyncio.gather(session.scalar(ONE), session.execute(ONE), return_exceptions=True)
        await session.close()
    assert seen == ["AsyncSession.execute in test_gather_over_a_cold_session_is_seen"]


@pytest.mark.asyncio
async def test_gather_over_one_connection_is_seen(tmp_path: Path, seen: Seen) -> None:
    async with database(tmp_path) as sessions, sessions.kw["bind"].connect() as connection:
        await asyncio.gather(connection.scalar(ONE), connection.scalar(ONE), return_exceptions=True)
    assert seen[0].startswith("AsyncConnection.scalar in ")


@pytest.mark.asyncio
async def test_sessions_of_their_own_are_not_seen(tmp_path: Path, seen: Seen) -> None:
    async with database(tmp_path) as sessions:
        scoped = async_scoped_session(sessions, scopefunc=asyncio.current_task)

        async def own() -> None:
            async with sessions.begin() as session:
                await session.scalar(ONE)
                await session.run_sync(lambda inner: inner.execute(ONE))
            await scoped.scalar(ONE)
            await scoped.remove()

        await asyncio.gather(*[own() for _ in range(8)])
    assert seen == []


@pytest.mark.asyncio
async def test_a_session_that_goes_from_task_to_task_is_not_seen(tmp_path: Path, seen: Seen) -> None:
    async with database(tmp_path) as sessions, sessions() as session:
        for _ in range(3):
            await asyncio.create_task(_scalar(session))
    assert seen == []


@pytest.mark.asyncio
async def test_a_session_that_is_closed_after_a_cancelled_query_is_not_seen(
    tmp_path: Path, seen: Seen
) -> None:
    async with database(tmp_path) as sessions:
        with pytest.raises(TimeoutError):
            async with sessions() as session, asyncio.timeout(0.05):
                while True:
                    await session.scalar(ONE)
    assert seen == []


def test_threads_in_one_session_are_seen_and_apart_are_not(tmp_path: Path, seen: Seen) -> None:
    engine = create_engine(
        f"sqlite:///{(tmp_path / 'x.db').as_posix()}", connect_args={"check_same_thread": False}
    )
    inside, go_on = threading.Event(), threading.Event()

    def wait() -> int:
        inside.set()
        go_on.wait(5)
        return 1

    with Session(engine) as shared, Session(engine) as own:
        raw = shared.connection().connection.driver_connection
        assert raw is not None
        raw.create_function("wait", 0, wait)
        thread = threading.Thread(target=lambda: shared.execute(text("select wait()")))
        thread.start()
        assert inside.wait(5)
        own.execute(ONE)
        assert seen == []
        second = threading.Thread(target=lambda: shared.execute(ONE))
        second.start()
        for _ in range(500):
            if seen:
                break
            threading.Event().wait(0.01)
        go_on.set()
        thread.join()
        second.join()
    engine.dispose()
    assert seen[0].split(" in ")[0] == "Session.execute"


async def _scalar(session: AsyncSession) -> None:
    await session.scalar(ONE)


pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
