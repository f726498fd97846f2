"""Joining, and logging in with old and new hashes."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from tests.conftest import password_of

NEW = {"name": "Eva", "email": "Eva@Example.org", "password": "eva likes wrenches"}


def kept_for(database: Path, email: str) -> str:
    with closing(sqlite3.connect(database)) as connection:
        query = "SELECT password_hash FROM members WHERE email = ?"
        return str(connection.execute(query, (email,)).fetchone()[0])


def test_whoever_joins_can_log_in_with_any_spelling_of_the_email(client: TestClient) -> None:
    joined = client.post("/members", json=NEW)
    assert (joined.status_code, joined.json()["scopes"]) == (201, ["me", "loans:own"])
    for email in ("eva@example.org", "EVA@example.org"):
        reply = client.post("/token", data={"username": email, "password": NEW["password"]})
        headers = {"Authorization": f"Bearer {reply.json()['access_token']}"}
        assert client.get("/me", headers=headers).json() == joined.json()


def test_one_email_opens_one_account(client: TestClient) -> None:
    assert client.post("/members", json=NEW).status_code == 201
    for email in ("eva@example.org", "EVA@EXAMPLE.ORG"):
        assert client.post("/members", json=NEW | {"email": email}).status_code == 409


def test_hash_is_argon2id_and_the_password_stands_nowhere(client: TestClient, environment: Path) -> None:
    client.post("/members", json=NEW)
    assert kept_for(environment, "eva@example.org").startswith("$argon2id$")
    assert NEW["password"].encode() not in environment.read_bytes()


def test_refusal_does_not_repeat_the_password(client: TestClient) -> None:
    changes: list[dict[str, Any]] = [{"name": None}, {"email": "nobody"}, {"hobby": "saws"}]
    for change in changes:
        reply = client.post("/members", json=NEW | change)
        assert reply.status_code == 422
        assert NEW["password"] not in reply.text
        assert isinstance(reply.json()["detail"], str)


def test_wrong_password_and_unknown_email_are_refused_alike(client: TestClient) -> None:
    refused = [
        client.post("/token", data={"username": email, "password": "likes nothing"})
        for email in ("amina@example.org", "nobody@example.org")
    ]
    assert [reply.status_code for reply in refused] == [401, 401]
    assert refused[0].content == refused[1].content
    assert refused[0].headers["www-authenticate"] == refused[1].headers["www-authenticate"] == "Bearer"


def test_old_hash_is_replaced_once(client: TestClient, environment: Path) -> None:
    dalia = {"username": "dalia@example.org", "password": password_of("dalia")}
    assert client.post("/token", data=dalia | {"password": "d" * 100}).status_code == 401
    assert kept_for(environment, dalia["username"]).startswith("$2b$")
    hashes = []
    for _ in range(2):
        assert client.post("/token", data=dalia).status_code == 200
        hashes.append(kept_for(environment, dalia["username"]))
    assert hashes[0].startswith("$argon2id$")
    assert hashes[0] == hashes[1]
