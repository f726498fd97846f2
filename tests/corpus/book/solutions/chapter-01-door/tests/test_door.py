"""The door greets and remembers."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app.main import app


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(app) as client:
        yield client


def test_greets_by_name(client: TestClient) -> None:
    assert client.get("/greetings/Ada").json()["message"].endswith(", Ada")


def test_refuses_a_long_name(client: TestClient) -> None:
    assert client.get(f"/greetings/{'x' * 21}").status_code == 422


def test_remembers_a_visitor(client: TestClient) -> None:
    created = client.post("/visitors", json={"name": "Ada"})
    assert created.status_code == 201
    assert client.get(created.headers["location"]).json() == created.json()


def test_unknown_visitor_is_not_found(client: TestClient) -> None:
    assert client.get("/visitors/99").status_code == 404


def test_sleeps(client: TestClient) -> None:
    assert client.get("/naps/1").json() == {"status": "rested"}
