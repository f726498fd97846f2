"""An app on a database of its own for each test, and overrides that end with the test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.main import app

Override = Callable[[Callable[..., Any], Callable[..., Any]], None]


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that the app's tables are in."""
    path = tmp_path / "shed.db"
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{path.as_posix()}")
    return path


@pytest.fixture
def client(database: Path) -> Iterator[TestClient]:
    """Speaks to the app, which starts with the rows of `example.json`."""
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def override(monkeypatch: pytest.MonkeyPatch) -> Override:
    """Replaces a dependency for this test alone: pytest puts back what stood there before."""

    def replace(dependency: Callable[..., Any], stand_in: Callable[..., Any]) -> None:
        monkeypatch.setitem(app.dependency_overrides, dependency, stand_in)

    return replace
