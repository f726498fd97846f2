"""The door answers."""

from fastapi.testclient import TestClient

from app.main import app


def test_greets() -> None:
    with TestClient(app) as client:
        assert client.get("/greetings/Ada").status_code == 200
