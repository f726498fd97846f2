"""Labels and loans, and what happens when the desk opens and closes."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx2 import ConnectError, Response
from sqlalchemy.exc import OperationalError

from app.main import app
from tests.conftest import Catalogue

LOAN = {"tool_id": 2, "member_id": 8}


def test_health(client: TestClient) -> None:
    assert client.get("/health/live").json() == {"status": "ok"}


def test_label_is_printed(client: TestClient, folder: Path) -> None:
    reply = client.post("/tools/2/label")
    assert (reply.status_code, reply.json()) == (201, {"tool_id": 2, "text": "No. 2: Spade"})
    assert (folder / "labels.txt").read_text("utf-8").splitlines()[-1] == "No. 2: Spade"
    assert client.post("/tools/99/label").status_code == 404


def test_tool_is_lent_once(client: TestClient) -> None:
    assert client.post("/loans", json=LOAN).json() == {"id": 1, **LOAN}
    assert client.post("/loans", json={**LOAN, "member_id": 9}).status_code == 409
    assert client.get("/loans").json() == [{"id": 1, **LOAN}]


@pytest.mark.parametrize(
    ("answers", "status", "tries"),
    [
        ([Response(202)], "sent", 1),
        ([Response(503), Response(202)], "sent", 2),
        ([ConnectError("gone"), Response(202)], "sent", 2),
        ([Response(500)], "failed", 2),
    ],
)
def test_receipt(
    client: TestClient,
    catalogue: Catalogue,
    answers: list[Response | Exception],
    status: str,
    tries: int,
) -> None:
    catalogue.answer("/receipts", *answers)
    assert client.post("/loans", json=LOAN).status_code == 201
    # TestClient comes back when background tasks are done.
    assert client.get("/loans/1/receipt").json() == {"loan_id": 1, "status": status}
    assert len(catalogue.asked) == tries
    assert len({request.headers["idempotency-key"] for request in catalogue.asked}) == 1


def test_refused_loan_sends_no_receipt(client: TestClient, catalogue: Catalogue) -> None:
    catalogue.answer("/receipts", Response(202))
    assert [client.post("/loans", json=LOAN).status_code for _ in range(2)] == [201, 409]
    assert len(catalogue.asked) == 1
    assert client.get("/loans/7/receipt").status_code == 404


def test_day_begins_and_ends(folder: Path, catalogue: Catalogue) -> None:
    with TestClient(app) as client:
        client.post("/loans", json=LOAN)
        assert (folder / "printer.lock").exists()
    assert (folder / "labels.txt").read_text("utf-8").splitlines() == [
        "Day begins, loans: 0",
        "Day ends, loans: 1",
    ]
    assert not (folder / "printer.lock").exists()


def test_failing_start_gives_the_printer_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOOLSHED_SEED_FILE", str(folder / "missing.json"))
    with pytest.raises(FileNotFoundError), TestClient(app):
        pass
    assert not (folder / "printer.lock").exists()


def test_failing_end_gives_the_printer_back(folder: Path, catalogue: Catalogue) -> None:
    with pytest.raises(OperationalError, match="no such table"), TestClient(app):
        drop_loans(folder / "shed.db")
    assert not (folder / "printer.lock").exists()


def drop_loans(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("DROP TABLE loans")
