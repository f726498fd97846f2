"""One session a request: all of it is written before the reply, or nothing at all."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.ext.asyncio import AsyncSession

from app.dependencies import Sessions
from app.main import app
from app.session import get_session
from tests.conftest import Override

AMINA = {"Authorization": "Bearer amina"}
CHEN = {"Authorization": "Bearer chen"}


def spades(client: TestClient) -> int:
    shelf = client.get("/counter/shelf", headers=AMINA).json()
    return next(int(tool["available"]) for tool in shelf if tool["id"] == 2)


def refuse_at_commit(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(
            "CREATE TABLE nowhere (id INTEGER PRIMARY KEY);"
            "CREATE TABLE promise (nowhere_id INTEGER REFERENCES nowhere DEFERRABLE INITIALLY DEFERRED);"
            "CREATE TRIGGER late AFTER INSERT ON reservations WHEN NEW.tool_id = 1 "
            "BEGIN INSERT INTO promise VALUES (NEW.id); END;"
        )


def test_checkout_writes_shelf_loan_book_and_journal(client: TestClient) -> None:
    lent = client.post("/counter/tools/2/loans", headers=AMINA)
    assert lent.status_code == 201
    assert client.get(lent.headers["location"], headers=AMINA).json() == lent.json()
    assert spades(client) == 4
    assert client.get("/counter/events", headers=AMINA).json()[0]["kind"] == "tool.taken"


def test_second_spade_for_the_same_member_leaves_the_shelf_alone(client: TestClient) -> None:
    client.post("/counter/tools/2/loans", headers=AMINA)
    again = client.post("/counter/tools/2/loans", headers=AMINA)
    assert (again.status_code, again.json()) == (409, {"detail": "You have this tool already."})
    assert spades(client) == 4


def test_refusal_by_the_database_undoes_what_was_written_before(client: TestClient, database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(
            "CREATE TRIGGER full BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'full'); END;"
        )
    assert client.post("/counter/tools/2/loans", headers=AMINA).status_code == 409
    assert spades(client) == 5
    assert [loan["id"] for loan in client.get("/counter/loans", headers=AMINA).json()] == [2]


def test_refused_commit_is_a_conflict_and_harms_nobody_else(client: TestClient, database: Path) -> None:
    refuse_at_commit(database)
    refused = client.post("/counter/reservations", json={"tool_id": 1}, headers=AMINA)
    assert (refused.status_code, refused.json()) == (
        409,
        {"detail": "The database refused what was written."},
    )
    made = client.post("/counter/reservations", json={"tool_id": 2}, headers=AMINA)
    assert made.status_code == 201
    assert client.get(made.headers["location"], headers=AMINA).json() == made.json()
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("SELECT tool_id FROM reservations").fetchall() == [(2,)]


def test_unknown_tools_and_other_members_reservations_are_not_found(client: TestClient) -> None:
    assert client.post("/counter/reservations", json={"tool_id": 99}, headers=AMINA).status_code == 404
    made = client.post("/counter/reservations", json={"tool_id": 2}, headers=AMINA)
    assert client.get(made.headers["location"], headers=CHEN).status_code == 404


def test_pool_of_two_survives_failures(
    database: Path, monkeypatch: pytest.MonkeyPatch, override: Override
) -> None:
    monkeypatch.setenv("TOOLSHED_POOL_SIZE", "2")
    monkeypatch.setenv("TOOLSHED_POOL_TIMEOUT", "0.5")
    opened: list[AsyncSession] = []

    async def counted(sessions: Sessions) -> AsyncIterator[AsyncSession]:
        async for session in get_session(sessions):
            opened.append(session)
            yield session

    with TestClient(app, raise_server_exceptions=False) as client:
        override(get_session, counted)
        for _ in range(6):
            assert client.post("/counter/tools/99/loans", headers=AMINA).status_code == 404
        assert client.post("/counter/tools/2/loans", headers=AMINA).status_code == 201
    assert len(opened) == 7, "one session for each request, whoever asked for it"
    assert not any(session.in_transaction() for session in opened)
