"""An app of its own for each test, in a folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.main import app


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """Speaks to the app, which starts with the tools of `example.json`."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{(tmp_path / 'shed.db').as_posix()}")
    monkeypatch.setenv("TOOLSHED_FOLDER", str(tmp_path))
    monkeypatch.setenv("TOOLSHED_PRINTER_SECONDS", "0.01")
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client
