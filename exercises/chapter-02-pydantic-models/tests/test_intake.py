"""Your own tests: `pytest` runs them, and so does `check`. Add one whenever you finish a task."""

from fastapi.testclient import TestClient

HAMMER = {
    "name": "Claw hammer",
    "serial": "TS-0043-7",
    "value_cents": 1290,
    "bought_on": "2024-05-31",
    "received_at": "2026-03-09T10:00:00+01:00",
    "tool": {"kind": "hand", "handle": "wood"},
    "donor": {"name": "Ada", "phone": "+34 600 000 000", "access_code": "ada-may-change-it"},
}


def test_donation_is_taken(client: TestClient) -> None:
    created = client.post("/donations", json=HAMMER)
    assert created.status_code == 201
    assert client.get(created.headers["location"]).json()["name"] == "Claw hammer"
