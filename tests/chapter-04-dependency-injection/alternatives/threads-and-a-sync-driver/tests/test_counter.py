"""What the counter does already; extend it as you go."""

from fastapi.testclient import TestClient

AMINA = {"Authorization": "Bearer amina"}


def test_health_is_open(client: TestClient) -> None:
    assert client.get("/health/live").json() == {"status": "ok"}


def test_checkout_takes_a_copy_from_the_shelf(client: TestClient) -> None:
    lent = client.post("/counter/tools/2/loans", headers=AMINA)
    assert lent.status_code == 201
    assert client.get(lent.headers["location"], headers=AMINA).json()["tool_id"] == 2
    shelf = {tool["id"]: tool["available"] for tool in client.get("/counter/shelf", headers=AMINA).json()}
    assert shelf[2] == 4


def test_notices_come_from_the_settings(client: TestClient) -> None:
    assert client.get("/counter/notices/holidays", headers=AMINA).json() == {"text": "Closed on 3 May"}
