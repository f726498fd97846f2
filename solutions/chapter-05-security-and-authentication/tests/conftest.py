"""An app on a database of its own for each test, with hashes that cost next to nothing."""

import json
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bcrypt
import pytest
from fastapi.testclient import TestClient
from pwdlib.hashers.argon2 import Argon2Hasher

from app.main import app

Headers = dict[str, str]
LogIn = Callable[..., dict[str, Any]]
HASH_KIB = 64
MEMBER = ["me", "loans:own"]
STEWARD = [*MEMBER, "loans:write", "tools:write", "members:read"]
PEOPLE = {"amina": MEMBER, "bruno": STEWARD, "chen": [*STEWARD, "admin"], "dalia": MEMBER}


def password_of(who: str) -> str:
    """What this person of the tests logs in with."""
    return f"{who} likes rakes"


@pytest.fixture(scope="session")
def seed() -> str:
    """The first rows; Dalia's hash is one of long ago."""
    hasher = Argon2Hasher(memory_cost=HASH_KIB)
    hashes = {who: hasher.hash(password_of(who)) for who in PEOPLE}
    hashes["dalia"] = bcrypt.hashpw(password_of("dalia").encode(), bcrypt.gensalt(4)).decode()
    members = [
        {
            "id": number,
            "name": who.title(),
            "email": f"{who}@example.org",
            "password_hash": hashes[who],
            "scopes": scopes,
        }
        for number, (who, scopes) in enumerate(PEOPLE.items(), start=1)
    ]
    tools = [{"id": number, "name": f"tool {number}", "available": 4 - number} for number in (1, 2, 3)]
    return json.dumps({"members": members, "tools": tools})


@pytest.fixture
def environment(seed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the app starts with; returns the file of its database."""
    for name, text in {"seed": seed, "offset": "0"}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    database = tmp_path / "shed.db"
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{database.as_posix()}")
    monkeypatch.setenv("TOOLSHED_JWT_KEY", secrets.token_urlsafe(32))
    monkeypatch.setenv("TOOLSHED_HASH_MEMORY_KIB", str(HASH_KIB))
    monkeypatch.setenv("TOOLSHED_SEED_FILE", str(tmp_path / "seed"))
    monkeypatch.setenv("TOOLSHED_CLOCK_OFFSET_FILE", str(tmp_path / "offset"))
    return database


@pytest.fixture
def client(environment: Path) -> Iterator[TestClient]:
    """Speaks to the app."""
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def log_in(client: TestClient) -> LogIn:
    """Logs somebody in, and gives back the reply's JSON."""

    def log_in(who: str) -> dict[str, Any]:
        form = {"username": f"{who}@example.org", "password": password_of(who)}
        reply = client.post("/token", data=form)
        assert reply.status_code == 200, reply.text
        found: dict[str, Any] = reply.json()
        return found

    return log_in


@pytest.fixture
def bearer(log_in: LogIn) -> Callable[[str], Headers]:
    """The header with which somebody is known."""
    return lambda who: {"Authorization": f"Bearer {log_in(who)['access_token']}"}


@pytest.fixture
def turn(tmp_path: Path) -> Callable[[float], None]:
    """Turns the shed's clock so many seconds forward from now."""

    def turn(seconds: float) -> None:
        (tmp_path / "offset").write_text(str(seconds), encoding="utf-8")

    return turn
