"""Access tokens that are not ours, and refresh tokens that come again."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from fastapi.testclient import TestClient

from app.main import app
from tests.conftest import Headers, LogIn, password_of

Turn = Callable[[float], None]


def refresh(client: TestClient, token: str) -> Any:
    return client.post("/token/refresh", json={"refresh_token": token})


def test_nobody_is_let_in_without_a_token(client: TestClient) -> None:
    reply = client.get("/me")
    assert (reply.status_code, reply.headers["www-authenticate"]) == (401, "Bearer")


def test_only_fresh_access_tokens_open_doors(client: TestClient) -> None:
    soon = datetime.now(UTC) + timedelta(minutes=5)
    right = {"sub": "1", "aud": "toolshed", "type": "access", "exp": soon, "scope": "me"}
    changes: list[dict[str, Any]] = [
        {"sub": "alice"},
        {"sub": "9" * 30},
        {"sub": "4711"},
        {"aud": "kiosk"},
        {"type": "refresh"},
        {"exp": datetime(2026, 1, 1, tzinfo=UTC)},
        {"exp": None},
        {"type": None},
    ]

    def status(claims: dict[str, Any]) -> int:
        sent = {name: value for name, value in claims.items() if value is not None}
        token = jwt.encode(sent, os.environ["TOOLSHED_JWT_KEY"], "HS256")
        return client.get("/me", headers={"Authorization": f"Bearer {token}"}).status_code

    assert status(right) == 200
    for change in changes:
        assert status(right | change) == 401, change


def test_token_of_somebody_who_has_left_opens_nothing(
    client: TestClient, bearer: Callable[[str], Headers]
) -> None:
    amina = bearer("amina")
    assert client.delete("/me", headers=amina).status_code == 204
    assert client.get("/me", headers=amina).status_code == 401


def test_reuse_ends_the_family_and_no_other(client: TestClient, log_in: LogIn) -> None:
    first, elsewhere = log_in("amina")["refresh_token"], log_in("amina")["refresh_token"]
    second = refresh(client, first)
    assert (second.status_code, second.headers["cache-control"]) == (200, "no-store")
    assert refresh(client, first).status_code == 401
    assert refresh(client, second.json()["refresh_token"]).status_code == 401
    assert refresh(client, elsewhere).status_code == 200


def test_logout_ends_the_login(client: TestClient, log_in: LogIn) -> None:
    token = log_in("amina")["refresh_token"]
    assert client.post("/logout", json={"refresh_token": token}).status_code == 204
    assert refresh(client, token).status_code == 401
    assert client.post("/logout", json={"refresh_token": "nobody's"}).status_code == 204


def test_refresh_token_is_over_after_two_weeks(client: TestClient, log_in: LogIn, turn: Turn) -> None:
    token = log_in("amina")["refresh_token"]
    turn(timedelta(days=14, seconds=5).total_seconds())
    assert refresh(client, token).status_code == 401


def test_guesser_is_asked_for_patience(client: TestClient, turn: Turn) -> None:
    amina = {"username": "amina@example.org", "password": password_of("amina")}
    for email in (amina["username"], "nobody@example.org"):
        guess = {"username": email, "password": "likes nothing"}
        assert [client.post("/token", data=guess).status_code for _ in range(6)] == [401] * 5 + [429]
    refused = client.post("/token", data=amina)
    assert refused.status_code == 429
    assert 890 <= int(refused.headers["retry-after"]) <= 900
    turn(901)
    assert client.post("/token", data=amina).status_code == 200


def test_key_of_the_tokens_is_no_secret_of_the_document(client: TestClient) -> None:
    assert os.environ["TOOLSHED_JWT_KEY"] not in str(app.openapi())
