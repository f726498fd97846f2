"""Money and time on their way out and back in, PUT and PATCH."""

from typing import Any

import pytest
from fastapi.testclient import TestClient


def test_moment_is_shown_in_utc(client: TestClient, hammer: dict[str, Any]) -> None:
    assert client.post("/donations", json=hammer).json()["received_at"] == "2026-03-09T09:00:00Z"


@pytest.mark.parametrize(
    ("value", "deposit"), [(9_999, 0), (10_000, 1000), (10_001, 1100), (900_000, 90_000)]
)
def test_deposit_is_a_tenth_rounded_up(
    client: TestClient, hammer: dict[str, Any], value: int, deposit: int
) -> None:
    created = client.post("/donations", json=hammer | {"value_cents": value}).json()
    assert created["deposit_cents"] == deposit
    assert client.get("/donations").json() == [created]


def test_reply_comes_back_unchanged(client: TestClient, hammer: dict[str, Any]) -> None:
    shown = client.post("/donations", json=hammer).json()
    for _ in range(2):
        assert client.put("/donations/1", json=shown).json() == shown
    assert client.get("/donations/1").json() == shown


def test_put_replaces_all_but_number_and_donor(client: TestClient, hammer: dict[str, Any]) -> None:
    shown = client.post("/donations", json=hammer).json()
    other = hammer | {"name": "Step ladder", "tool": {"kind": "ladder", "rungs": 5}, "id": 7}
    replaced = client.put("/donations/1", json=other | {"donor": {"name": "Bob"}}).json()
    assert replaced == shown | {"name": "Step ladder", "tool": {"kind": "ladder", "rungs": 5}}
    assert client.put("/donations/1", json={"name": "Step ladder"}).status_code == 422


def test_patch_changes_what_was_sent(client: TestClient, hammer: dict[str, Any]) -> None:
    shown = client.post("/donations", json=hammer).json()
    amended = client.patch("/donations/1", json={"serial": "ts 1111 4", "value_cents": 20_000})
    wanted = shown | {"serial": "TS-1111-4", "value_cents": 20_000, "deposit_cents": 2000}
    assert amended.json() == wanted
    assert client.patch("/donations/1", json={}).json() == wanted


@pytest.mark.parametrize(
    "change",
    [
        {"name": None},
        {"tool": None},
        {"tool": {"kind": "ladder"}},
        {"id": 2},
        {"donor": {"name": "Bob"}},
        {"bought_on": "2026-04-01"},
        {"received_at": "2024-05-01T00:00:00Z"},
    ],
)
def test_patch_refuses(client: TestClient, hammer: dict[str, Any], change: dict[str, Any]) -> None:
    shown = client.post("/donations", json=hammer).json()
    assert client.patch("/donations/1", json=change).status_code == 422
    assert client.get("/donations/1").json() == shown


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH"])
def test_unknown_donation_is_404(client: TestClient, hammer: dict[str, Any], method: str) -> None:
    body = None if method == "GET" else {"name": "Saw"} if method == "PATCH" else hammer
    assert client.request(method, "/donations/1", json=body).status_code == 404
