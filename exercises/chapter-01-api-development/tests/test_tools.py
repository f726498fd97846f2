"""Your tests of the catalogue: run `pytest` in this folder, and add one whenever you finish a task."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app.main import app


@pytest.fixture
def client() -> Iterator[TestClient]:
    """A client of the app with the sample tools, loaded anew for each test."""
    with TestClient(app) as client:
        yield client


def test_catalogue_lists_the_sample_tools(client: TestClient) -> None:
    reply = client.get("/tools")
    assert reply.status_code == 200
    assert [tool["id"] for tool in reply.json()] == [1, 2, 3, 4, 5, 6, 7]


def test_new_tool_is_stored(client: TestClient) -> None:
    reply = client.post("/tools", json={"name": "Spirit level", "category": "levels", "value_cents": 2400})
    assert reply.is_success
    assert reply.json()["name"] == "Spirit level"
    assert "Spirit level" in client.get("/staff/inventory").text


def test_desk_is_open(client: TestClient) -> None:
    assert client.get("/health/live").json() == {"status": "ok"}
