"""An app on a database of its own for each test, with hashes that cost nothing."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.main import app

Headers = dict[str, str]
LogIn = Callable[..., dict[str, Any]]
PASSWORDS = {"amina": "amina likes rakes", "bruno": "bruno likes drills", "chen": "chen likes ladders"}


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the app starts with; returns the file of its database."""
    path = tmp_path / "shed.db"
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{path.as_posix()}")
    monkeypatch.setenv("TOOLSHED_JWT_KEY", secrets.token_urlsafe(32))
    monkeypatch.setenv("TOOLSHED_HASH_MEMORY_KIB", "64")
    monkeypatch.setenv("TOOLSHED_CLOCK_OFFSET_FILE", str(tmp_path / "offset"))
    (tmp_path / "offset").write_text("0", encoding="utf-8")
    return path


@pytest.fixture
def client(environment: Path) -> Iterator[TestClient]:
    """Speaks to the app, which starts with the rows of `example.json`."""
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def log_in(client: TestClient) -> LogIn:
    """Logs one of the example's people in, and gives back the reply's JSON."""

    def log_in(who: str) -> dict[str, Any]:
        reply = client.post("/token", data={"username": f"{who}@example.org", "password": PASSWORDS[who]})
        assert reply.status_code == 200, reply.text
        found: dict[str, Any] = reply.json()
        return found

    return log_in


@pytest.fixture
def bearer(log_in: LogIn) -> Callable[[str], Headers]:
    """The header with which one of the example's people is known."""
    return lambda who: {"Authorization": f"Bearer {log_in(who)['access_token']}"}


@pytest.fixture
def turn(tmp_path: Path) -> Callable[[float], None]:
    """Turns the shed's clock so many seconds forward from now."""

    def turn(seconds: float) -> None:
        (tmp_path / "offset").write_text(str(seconds), encoding="utf-8")

    return turn
