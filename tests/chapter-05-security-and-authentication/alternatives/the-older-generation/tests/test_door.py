"""The member door over HTTP, whatever stands behind it."""

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.main import app

PASSWORD = "a password for the tests"


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{(tmp_path / 'shed.db').as_posix()}")
    monkeypatch.setenv("TOOLSHED_JWT_KEY", secrets.token_urlsafe(32))
    monkeypatch.setenv("TOOLSHED_HASH_MEMORY_KIB", "64")
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def join(client: TestClient, email: str) -> int:
    reply = client.post("/members", json={"name": "Eva", "email": email, "password": PASSWORD})
    return reply.status_code


def log_in(client: TestClient, email: str, password: str = PASSWORD) -> Any:
    return client.post("/token", data={"username": email, "password": password})


def bearer(tokens: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens.json()['access_token']}"}


def refresh(client: TestClient, token: str) -> Any:
    return client.post("/token/refresh", json={"refresh_token": token})


def admin(client: TestClient) -> dict[str, str]:
    return bearer(log_in(client, "chen@example.org", "chen likes ladders"))


def test_one_account_for_one_email(client: TestClient) -> None:
    assert [join(client, email) for email in ("eva@example.org", "EVA@example.org")] == [201, 409]
    assert PASSWORD not in client.post("/members", json={"password": PASSWORD}).text


def test_login_takes_the_right_password_only(client: TestClient) -> None:
    join(client, "eva@example.org")
    assert log_in(client, "Eva@Example.org").status_code == 200
    assert log_in(client, "eva@example.org", "another one").status_code == 401
    assert log_in(client, "nobody@example.org").status_code == 401
    assert log_in(client, "dalia@example.org", "dalia likes saws").status_code == 200


def test_account_is_for_its_owner(client: TestClient) -> None:
    assert client.get("/me").status_code == 401
    assert client.get("/me", headers={"Authorization": "Bearer a.b.c"}).status_code == 401
    join(client, "eva@example.org")
    eva = bearer(log_in(client, "eva@example.org"))
    assert client.get("/me", headers=eva).json()["name"] == "Eva"
    assert client.delete("/me", headers=eva).status_code == 204
    assert client.get("/me", headers=eva).status_code == 401


def test_refresh_token_works_once(client: TestClient) -> None:
    join(client, "eva@example.org")
    token = log_in(client, "eva@example.org").json()["refresh_token"]
    newest = refresh(client, token).json()["refresh_token"]
    assert refresh(client, token).status_code == 401
    assert refresh(client, newest).status_code == 401


def test_logout_ends_the_login(client: TestClient) -> None:
    join(client, "eva@example.org")
    token = log_in(client, "eva@example.org").json()["refresh_token"]
    assert client.post("/logout", json={"refresh_token": token}).status_code == 204
    assert refresh(client, token).status_code == 401


def test_scopes_are_asked_for(client: TestClient) -> None:
    join(client, "eva@example.org")
    eva, chen = bearer(log_in(client, "eva@example.org")), admin(client)
    for method, path in (("GET", "/members"), ("GET", "/keys"), ("DELETE", "/tools/1")):
        assert client.request(method, path, headers=eva).status_code == 403
        assert client.request(method, path, headers=chen).status_code in (200, 204)
    made = client.post("/tools", json={"name": "spirit level", "available": 1}, headers=chen)
    assert made.status_code == 201
    assert client.put("/members/1/scopes", json={"scopes": ["me"]}, headers=chen).json()["scopes"] == ["me"]


def test_kiosk_lends_until_its_key_is_revoked(client: TestClient) -> None:
    chen = admin(client)
    made = client.post("/keys", json={"name": "kiosk", "scopes": ["loans:write"]}, headers=chen).json()
    key, order = {"X-API-Key": made["key"]}, {"tool_id": 2, "member_id": 1}
    assert client.post("/loans", json=order).status_code == 401
    assert client.post("/loans", json=order, headers=key).status_code == 201
    assert client.delete(f"/keys/{made['id']}", headers=chen).status_code == 204
    assert client.post("/loans", json=order, headers=key).status_code == 401
    assert made["key"] not in json.dumps(client.get("/keys", headers=chen).json())
