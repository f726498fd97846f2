"""What may be given, and what is answered to the rest."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response


def faults(reply: Response) -> list[list[Any]]:
    """The places that a 422 names."""
    return [fault["loc"] for fault in reply.json()["detail"]]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " x "),
        ("name", "n" * 81),
        ("serial", "TS-0043-8"),
        ("serial", "TS-43-7"),
        ("serial", "TS-٠٠٤٣-7"),
        ("value_cents", "1290"),
        ("value_cents", True),
        ("value_cents", 12.5),
        ("value_cents", 1_000_001),
        ("bought_on", 0),
        ("bought_on", "31/05/2024"),
        ("received_at", "2026-03-09T10:00:00"),
    ],
)
def test_fault_is_named_by_its_field(
    client: TestClient, hammer: dict[str, Any], field: str, value: object
) -> None:
    reply = client.post("/donations", json=hammer | {field: value})
    assert (reply.status_code, faults(reply)) == (422, [["body", field]])


def test_all_faults_are_reported_at_once(client: TestClient, hammer: dict[str, Any]) -> None:
    reply = client.post("/donations", json=hammer | {"name": "", "serial": "", "value_cents": -1})
    assert faults(reply) == [["body", "name"], ["body", "serial"], ["body", "value_cents"]]


@pytest.mark.parametrize("spelling", ["ts 0043 7", "TS00437", " Ts-00-43-7 "])
def test_serial_has_one_spelling(client: TestClient, hammer: dict[str, Any], spelling: str) -> None:
    reply = client.post("/donations", json=hammer | {"serial": spelling, "name": "  Claw hammer "})
    assert (reply.json()["serial"], reply.json()["name"]) == ("TS-0043-7", "Claw hammer")


def test_today_is_no_future(client: TestClient, hammer: dict[str, Any]) -> None:
    today = datetime.now(UTC).date()
    for ahead, status in ((0, 201), (2, 422)):
        body = hammer | {"bought_on": str(today + timedelta(days=ahead)), "received_at": "2199-01-01T00:00Z"}
        assert client.post("/donations", json=body).status_code == status


@pytest.mark.parametrize(
    "tool",
    [
        {"kind": "hand", "handle": "plastic"},
        {"kind": "power", "source": {"type": "mains", "watts": 800}},
        {"kind": "power", "source": {"type": "battery", "volts": 18.0, "amp_hours": 4.0}},
        {"kind": "ladder", "rungs": 12},
    ],
)
def test_kind_keeps_its_fields(client: TestClient, hammer: dict[str, Any], tool: dict[str, Any]) -> None:
    created = client.post("/donations", json=hammer | {"tool": tool})
    assert created.status_code == 201
    shown = client.get(created.headers["location"]).json()
    assert shown == created.json()
    assert shown["tool"] == tool
    assert shown["donor"] == {"name": "Ada"}


@pytest.mark.parametrize(
    ("tool", "place"),
    [
        ({"kind": "stairs"}, []),
        ({"kind": "ladder", "rungs": 1}, ["ladder", "rungs"]),
        ({"kind": "ladder", "rungs": 5, "handle": "wood"}, ["ladder", "handle"]),
        ({"kind": "power", "source": {"type": "petrol"}}, ["power", "source"]),
        ({"kind": "power", "source": {"type": "mains", "watts": 0}}, ["power", "source", "mains", "watts"]),
    ],
)
def test_fault_carries_the_tags(
    client: TestClient, hammer: dict[str, Any], tool: dict[str, Any], place: list[str]
) -> None:
    reply = client.post("/donations", json=hammer | {"tool": tool})
    assert faults(reply) == [["body", "tool", *place]]
