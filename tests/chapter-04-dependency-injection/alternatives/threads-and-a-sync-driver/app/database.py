"""The database: opened when the app starts, closed when it stops."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import Session, sessionmaker

from app.models import Base, Member, Token
from app.settings import Settings

SessionMaker = sessionmaker[Session]


@contextmanager
def open_database(settings: Settings) -> Iterator[SessionMaker]:
    """Make the tables where they are missing, and hand out sessions on at most `pool_size` connections."""
    engine = create_engine(  # check: flex S1 -- the shed's accounting library works on sync sessions only
        settings.database_url.replace("+aiosqlite", ""),
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=settings.pool_timeout,
    )
    event.listen(engine, "connect", _keep_foreign_keys)
    try:
        Base.metadata.create_all(engine)
        yield sessionmaker(engine, expire_on_commit=False)
    finally:
        engine.dispose()


def _keep_foreign_keys(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def find_member(session: Session, token: str) -> Member | None:
    """The member who holds this token."""
    held = session.get(Token, token)
    return session.get(Member, held.member_id) if held else None
