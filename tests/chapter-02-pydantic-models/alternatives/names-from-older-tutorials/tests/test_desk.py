"""The desk over HTTP."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app.main import app


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setenv("TOOLSHED_KIOSK_SECRET", "a-secret-for-the-tests")
    with TestClient(app) as client:
        yield client


def body(**fields: object) -> dict[str, object]:
    return {
        "name": "Step ladder",
        "serial": "TS-0043-7",
        "value_cents": 12_000,
        "bought_on": "2024-05-31",
        "received_at": "2026-03-09T10:00:00+01:00",
        "tool": {"kind": "ladder", "rungs": 7},
        "donor": {"name": "Ada", "phone": "555 1234", "access_code": "ada-may-change-it"},
        **fields,
    }


def test_ladder_comes_back_whole(client: TestClient) -> None:
    shown = client.post("/donations", json=body()).json()
    assert shown["tool"] == {"kind": "ladder", "rungs": 7}
    assert shown["donor"] == {"name": "Ada"}
    assert shown["deposit_cents"] == 1200
    assert shown["received_at"] == "2026-03-09T09:00:00+00:00"


def test_wrong_serial_is_refused_without_the_code(client: TestClient) -> None:
    reply = client.post("/donations", json=body(serial="TS-0043-8"))
    assert reply.status_code == 422
    assert "ada-may-change-it" not in reply.text


def test_name_can_be_amended(client: TestClient) -> None:
    client.post("/donations", json=body())
    assert client.patch("/donations/1", json={"name": "Ladder"}).json()["name"] == "Ladder"
    assert client.get("/donations/1").json()["name"] == "Ladder"
    assert client.patch("/donations/1", json={"name": None}).status_code == 422


def test_put_and_box(client: TestClient) -> None:
    shown = client.post("/donations", json=body()).json()
    assert client.put("/donations/1", json=shown).json() == shown
    headers = {"Content-Type": "application/x-ndjson"}
    assert client.post("/donations/bulk", content="{}\nx", headers=headers).json()["taken"] == 0


def test_kiosk(client: TestClient) -> None:
    loan = {"kind": "hand", "valueCents": 5, "startsOn": "2027-01-01", "endsOn": "2027-01-03"}
    assert client.post("/kiosk/loan-checks", json=loan).json()["days"] == 2
    assert (
        client.post("/kiosk/loan-checks", json=loan | {"kind": "ladder", "valueCents": 10**5}).status_code
        == 422
    )
    assert client.post("/kiosk/sign-on", json={"secret": "x"}).status_code == 403
    assert client.get("/desk").json()["opens"] == 9
    assert client.get("/donations/9").status_code == 404
