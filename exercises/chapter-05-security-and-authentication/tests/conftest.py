"""An app of its own for each test, on a database of its own, with hashes that cost nothing."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.main import app


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """Speaks to the app, which starts with the rows of `example.json`."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{(tmp_path / 'shed.db').as_posix()}")
    monkeypatch.setenv("TOOLSHED_JWT_KEY", secrets.token_urlsafe(32))
    monkeypatch.setenv("TOOLSHED_HASH_MEMORY_KIB", "64")
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client
