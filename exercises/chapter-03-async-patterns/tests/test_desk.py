"""What the desk does already; extend it as you go. `httpx2.MockTransport` can play the catalogue."""

from fastapi.testclient import TestClient


def test_health(client: TestClient) -> None:
    assert client.get("/health/live").json() == {"status": "ok"}


def test_label_says_number_and_name(client: TestClient) -> None:
    reply = client.post("/tools/2/label")
    assert (reply.status_code, reply.json()) == (201, {"tool_id": 2, "text": "No. 2: Spade"})


def test_unknown_tool_has_no_label(client: TestClient) -> None:
    assert client.post("/tools/99/label").status_code == 404
