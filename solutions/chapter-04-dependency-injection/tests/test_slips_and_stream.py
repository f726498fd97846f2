"""Slips with two numbers, and the loan book as a stream."""

import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.main import app

AMINA = {"Authorization": "Bearer amina"}
BRUNO = {"Authorization": "Bearer bruno"}
DALIA = {"Authorization": "Bearer dalia"}


def test_slip_and_copy_have_numbers_of_their_own(client: TestClient) -> None:
    first, second = (client.post("/counter/slips", headers=AMINA).json() for _ in range(2))
    assert [first["slip_number"], first["copy_number"], second["slip_number"], second["copy_number"]] == [
        1,
        2,
        3,
        4,
    ]
    assert first | {"slip_number": 0, "copy_number": 0} == {
        "greeting": "Hello, Amina.",
        "balance_cents": 0,
        "trainings": ["ladders", "saws"],
        "open_loans": 1,
        "standing": "good",
        "slip_number": 0,
        "copy_number": 0,
    }


def test_slip_shows_debt_and_is_refused_to_the_blocked(client: TestClient) -> None:
    assert client.post("/counter/slips", headers=BRUNO).json()["standing"] == "in debt"
    assert client.post("/counter/slips", headers=DALIA).status_code == 403


def test_stream_gives_its_connection_back(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOOLSHED_POOL_SIZE", "1")
    monkeypatch.setenv("TOOLSHED_POOL_TIMEOUT", "0.5")
    with TestClient(app) as client:
        for _ in range(3):
            with client.stream("GET", "/counter/loans.jsonl", headers=AMINA) as reply:
                assert json.loads(next(reply.iter_lines()))["id"] == 1
        lines = client.get("/counter/loans.jsonl", headers=AMINA).text.splitlines()
        assert [json.loads(line)["id"] for line in lines] == [1, 2]
