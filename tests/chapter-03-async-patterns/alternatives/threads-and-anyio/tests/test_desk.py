"""The desk in a folder of its own; nobody answers at the catalogue's address."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.main import app


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{(tmp_path / 'shed.db').as_posix()}")
    monkeypatch.setenv("TOOLSHED_FOLDER", str(tmp_path))
    monkeypatch.setenv("TOOLSHED_PRINTER_SECONDS", "0.01")
    monkeypatch.setenv("CATALOGUE_URL", "http://127.0.0.1:9")
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client
    assert not (tmp_path / "printer.lock").exists()
    assert "Day ends" in (tmp_path / "labels.txt").read_text("utf-8")


def test_label_says_number_and_name(client: TestClient) -> None:
    assert client.post("/tools/2/label").json() == {"tool_id": 2, "text": "No. 2: Spade"}


def test_tool_is_lent_once(client: TestClient) -> None:
    loan = {"tool_id": 3, "member_id": 4}
    assert [client.post("/loans", json=loan).status_code for _ in range(2)] == [201, 409]
    assert client.get("/loans").json() == [{"id": 1, **loan}]


def test_receipt_that_nobody_takes_has_failed(client: TestClient) -> None:
    client.post("/loans", json={"tool_id": 3, "member_id": 4})
    for _ in range(200):
        state = client.get("/loans/1/receipt").json()["status"]
        if state != "pending":
            break
        time.sleep(0.02)
    assert state == "failed"


def test_catalogue_that_is_down_is_a_bad_gateway(client: TestClient) -> None:
    assert client.get("/tools/2/manual").status_code == 502
    assert client.get("/tools/2/parts").status_code == 502
    assert len(client.get("/tools/2/recalls").json()["failed"]) == 5
