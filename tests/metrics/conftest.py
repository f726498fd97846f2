"""A chapter and submissions to measure, made from a few lines each."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from checker.app_under_test.launcher import Launcher
from checker.book import Chapter, ChapterFile, Limits, LoadSpec
from checker.metrics import MetricContext
from checker.submission import take_snapshot

Files = dict[str, str | bytes]

CLEAN_APP: Files = {
    "app/__init__.py": "",
    "app/main.py": '''
        """One tool at a time."""

        from typing import Annotated

        from fastapi import Depends, FastAPI, HTTPException, Query, status
        from pydantic import BaseModel, Field
        from pydantic_settings import BaseSettings


        class Settings(BaseSettings):
            """What the environment says."""

            database_url: str


        class Tool(BaseModel):
            """A tool."""

            name: Annotated[str, Field(min_length=2)]


        app = FastAPI()


        def read_settings() -> Settings:
            """The settings of this process."""
            return Settings()


        @app.get("/tools/{number}")
        async def read_tool(number: int, limit: Annotated[int, Query(ge=1)] = 5) -> Tool:
            """One tool."""
            if number > limit:
                raise HTTPException(status.HTTP_404_NOT_FOUND)
            return Tool(name=f"tool {number}")


        @app.get("/url")
        async def read_url(settings: Annotated[Settings, Depends(read_settings)]) -> str:
            """Where the database lies."""
            return settings.database_url
    ''',
    "tests/test_main.py": '''
        """What the app answers."""

        import pytest
        from fastapi.testclient import TestClient

        from app.main import app

        client = TestClient(app)


        def test_reads_a_tool() -> None:
            assert client.get("/tools/3").json() == {"name": "tool 3"}


        def test_no_such_tool() -> None:
            assert client.get("/tools/6").status_code == 404


        def test_url(monkeypatch: pytest.MonkeyPatch) -> None:
            monkeypatch.setenv("DATABASE_URL", "sqlite://")
            assert client.get("/url").json() == "sqlite://"
    ''',
}


def write_files(folder: Path, files: Files) -> Path:
    """Write a tree; text is dedented."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            content = textwrap.dedent(content).lstrip("\n").encode()
        path.write_bytes(content)
    return folder


@pytest.fixture
def clean_app() -> Files:
    """A submission that every metric is content with; change it at will."""
    return dict(CLEAN_APP)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for all tests, since the first run of mypy takes ten seconds."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def make_context(tmp_path: Path, cache: Path) -> Callable[..., MetricContext]:
    """A context for a submission of the given files; keywords go into chapter.toml and the context."""
    numbers = itertools.count(1)

    def make(
        files: Files,
        *,
        limits: dict[str, Any] | None = None,
        load: LoadSpec | None = None,
        load_module: str | None = None,
        reference: Files | None = None,
        graded: tuple[str, ...] = ("M1", "M2", "M3", "M4", "M5"),
        cache_folder: Path | None = None,
    ) -> MetricContext:
        room = tmp_path / f"run-{next(numbers)}"
        suite = room / "suite"
        write_files(suite, {"load.py": load_module} if load_module else {})
        chapter = make_chapter(room, limits=limits or {}, load=load, graded=graded)
        write_files(chapter.solution, reference or files)
        snapshot = take_snapshot(write_files(room / "mine", files), room / "snapshot")

        def launch(folder: Path) -> Launcher:
            box = room / f"launcher-{next(numbers)}"
            return Launcher(folder, "app.main:app", box=box, limits=chapter.file.limits, watch=False)

        return MetricContext(
            chapter=chapter,
            folder=snapshot.folder,
            snapshot=snapshot,
            scratch=room / "scratch",
            cache=cache_folder or cache,
            seed=7,
            launch=launch,
        )

    return make


def make_chapter(
    room: Path, *, limits: dict[str, Any], load: LoadSpec | None, graded: tuple[str, ...]
) -> Chapter:
    """The smallest chapter that the types allow."""
    file = msgspec.convert(
        {
            "title": "A chapter",
            "summary": "Only for tests.",
            "goals": ["See one thing.", "See another."],
            "teaches": ["2.1.1"],
            "grades": {"constraints": [], "metrics": list(graded)},
            "section": [{"heading": "A heading", "minutes": 1}],
            "task": [
                {
                    "id": "1.1",
                    "title": "A task",
                    "minutes": 5,
                    "covers": ["2.1.1"],
                    "acceptance": "Something holds.",
                    "lesson": "a-heading",
                    "docs": "https://fastapi.tiangolo.com/",
                    "hints": ["An idea of it.", "A place for it.", "Code in part."],
                    "suite": "test_1_1_it.py",
                }
            ],
        },
        ChapterFile,
    )
    file = msgspec.structs.replace(file, limits=Limits(**limits), load=load)
    return Chapter(
        number=1,
        name="chapter-01-test",
        file=file,
        toml=room / "chapter.toml",
        lesson=room / "lesson.md",
        notebook=room / "lesson.ipynb",
        starter=room / "starter",
        solution=room / "solution",
        suite=room / "suite",
        proofs=room / "proofs",
    )
