"""N+1 is seen from outside, whatever the app's process says of its statements."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from checker.app_under_test.furnishing import furnish
from checker.app_under_test.launcher import Launcher
from checker.book import Limits
from checker.suite import App, Clock, call, measure_growth

SOURCE = """
from fastapi import FastAPI
from sqlalchemy import ForeignKey, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, selectinload
from sqlalchemy.pool import StaticPool

app = FastAPI()
engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})

class Base(DeclarativeBase):
    pass

class Tool(Base):
    __tablename__ = "tools"
    id: Mapped[int] = mapped_column(primary_key=True)
    photos: Mapped[list["Photo"]] = relationship()

class Photo(Base):
    __tablename__ = "photos"
    id: Mapped[int] = mapped_column(primary_key=True)
    tool_id: Mapped[int] = mapped_column(ForeignKey("tools.id"))

Base.metadata.create_all(engine)
with Session(engine) as session:
    session.add_all(Tool(photos=[Photo(), Photo()]) for _ in range(60))
    session.commit()

@app.get("/tools")
def list_tools(limit: int) -> list[list[int]]:
    with Session(engine) as session:
        query = select(Tool).limit(limit)
        tools = session.scalars(query.options(selectinload(Tool.photos)) if JOINED else query)
        return [[photo.id for photo in tool.photos] for tool in tools]
"""


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., App]]:
    launchers: list[Launcher] = []

    def start(*, joined: bool) -> App:
        folder = tmp_path / f"{joined}"
        (folder / "code" / "app").mkdir(parents=True)
        source = SOURCE.replace("JOINED", str(joined))
        (folder / "code" / "app" / "main.py").write_text(source)
        launcher = Launcher(
            folder / "code",
            "app.main:app",
            box=folder / "box",
            limits=Limits(start_s=20, answer_s=5),
            watch=False,
        )
        launchers.append(launcher)
        furnishing = furnish(folder / "box" / "world")
        server = launcher.start(furnishing.env, database=furnishing.database)
        return App(server, answer_s=5, clock=Clock(furnishing.clock))

    yield start
    for launcher in launchers:
        launcher.close()


FEW, MANY = (call("GET", "/tools", params={"limit": limit}) for limit in (3, 60))


def test_a_statement_for_each_row_shows_in_the_books_of_the_system(serve: Callable[..., App]) -> None:
    growth = measure_growth(serve(joined=False), FEW, MANY)
    assert growth.told == 57
    assert growth.processor > 3


def test_loading_at_once_hardly_grows(serve: Callable[..., App]) -> None:
    growth = measure_growth(serve(joined=True), FEW, MANY)
    assert growth.told == 0
    assert growth.processor < 3
