"""What comes in and what goes out."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.main import app

SAW: dict[str, Any] = {
    "name": "Circular saw",
    "serial": "TS-1234-0",
    "value_cents": 15_000,
    "bought_on": "2020-02-02",
    "received_at": "2025-06-01T12:00:00-05:00",
    "tool": {"kind": "power", "source": {"type": "mains", "watts": 1200}},
    "donor": {"name": "Grace", "phone": "01234 567", "access_code": "graces-own-code"},
}


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setenv("TOOLSHED_KIOSK_SECRET", "0123456789abcdef")
    with TestClient(app) as client:
        yield client


def test_donation_in_and_out(client: TestClient) -> None:
    created = client.post("/donations", json=SAW)
    assert created.status_code == 201
    shown = created.json()
    assert shown == SAW | {
        "id": 1,
        "received_at": "2025-06-01T17:00:00Z",
        "donor": {"name": "Grace"},
        "deposit_cents": 1500,
    }
    assert client.get("/donations").json() == [client.get("/donations/1").json()] == [shown]
    assert client.put("/donations/1", json=shown).json() == shown


def test_change_of_one_key(client: TestClient) -> None:
    client.post("/donations", json=SAW)
    changed = client.patch("/donations/1", json={"name": "Saw", "tool": {"kind": "ladder", "rungs": 3}})
    assert changed.json()["name"] == "Saw"
    assert changed.json()["tool"] == {"kind": "ladder", "rungs": 3}
    assert client.get("/donations/1").json() == changed.json()
    assert client.patch("/donations/1", json={"bought_on": "2025-07-07"}).status_code == 422
    assert client.get("/donations/2").status_code == 404


@pytest.mark.parametrize(
    "field",
    [
        {"serial": "TS-1234-1"},
        {"serial": "?"},
        {"value_cents": True},
        {"bought_on": 3},
        {"bought_on": "2999-01-01"},
        {"received_at": "2025-06-01T12:00:00"},
        {"tool": {"kind": "hand", "handle": "glass"}},
        {"tool": {"kind": "power", "source": {"type": "battery"}}},
        {"name": 3},
    ],
)
def test_refusals_repeat_nothing(client: TestClient, field: dict[str, Any]) -> None:
    reply = client.post("/donations", json=SAW | field)
    assert reply.status_code == 422
    assert "graces-own-code" not in reply.text


def test_box_desk_and_kiosk(client: TestClient) -> None:
    headers = {"Content-Type": "application/x-ndjson"}
    assert client.post("/donations/bulk", content="{}", headers=headers).json()["refused"][0]["line"] == 1
    assert client.get("/desk").json()["timezone"] == "Europe/Madrid"
    assert client.post("/kiosk/sign-on", json={"secret": "0123456789abcdef"}).status_code == 204
    assert client.post("/kiosk/sign-on", json={"secret": "0"}).status_code == 403
    loan = {"kind": "ladder", "valueCents": 20_000, "startsOn": "2027-01-01", "endsOn": "2027-01-03"}
    assert client.post("/kiosk/loan-checks", json=loan | {"depositCents": 2000}).json()["days"] == 2
    assert len(client.post("/kiosk/loan-checks", json=loan | {"endsOn": "2026-01-01"}).json()["detail"]) == 2
    assert client.get("/health/live").json() == {"alive": True}


@pytest.mark.parametrize(
    ("name", "value"),
    [("KIOSK_SECRET", ""), ("TIMEZONE", "Mars"), ("DESK__OPENS", "17"), ("DESK__OPENS", "x")],
)
def test_no_start(client: TestClient, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"TOOLSHED_{name}", value)
    with pytest.raises(RuntimeError, match="TOOLSHED"), TestClient(app):
        pass
