"""What the door does already; extend it as you go."""

from fastapi.testclient import TestClient

AMINA = {"username": "amina@example.org", "password": "amina likes rakes"}


def test_health_is_open(client: TestClient) -> None:
    assert client.get("/health/live").json() == {"status": "ok"}


def test_member_logs_in_and_sees_their_account(client: TestClient) -> None:
    tokens = client.post("/token", data=AMINA).json()
    me = client.get("/me", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    assert me.json()["name"] == "Amina"


def test_whoever_joins_has_an_account(client: TestClient) -> None:
    form = {"name": "Eva", "email": "eva@example.org", "password": "eva likes wrenches"}
    assert client.post("/members", json=form).status_code == 201
