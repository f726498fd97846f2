"""The desk answers."""

from fastapi.testclient import TestClient

from app.main import app


def test_tools_are_listed() -> None:
    with TestClient(app) as client:
        assert len(client.get("/tools").json()) == 7
