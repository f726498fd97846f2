"""Who sees what, and what the document says of it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.main import app

PRIVATE = ("supplier_email", "purchase_note", "example")


@pytest.fixture
def client() -> Iterator[TestClient]:
    """A client of the app with the sample tools, loaded anew for each test."""
    with TestClient(app) as client:
        yield client


@pytest.fixture
def document(client: TestClient) -> dict[str, Any]:
    """The OpenAPI document."""
    found: dict[str, Any] = client.get("/openapi.json").json()
    return found


@pytest.mark.parametrize("path", ["/tools", "/tools/3", "/tools/featured", "/categories", "/noticeboard"])
def test_public_sees_nothing_private(client: TestClient, path: str) -> None:
    text = client.get(path).text
    assert not [word for word in PRIVATE if word in text]


def test_stewards_see_more(client: TestClient) -> None:
    tool = client.get("/staff/tools/3").json()
    assert tool["supplier_email"] == "orders@volt.example"
    assert tool["available"] is False
    assert client.get("/staff/tools/99").status_code == 404


def test_wall_shows_the_latest(client: TestClient) -> None:
    assert [tool["id"] for tool in client.get("/noticeboard").json()] == [7, 6, 5, 4, 3]
    rows = [(row["slug"], row["tools"], row["latest"]["id"]) for row in client.get("/categories").json()]
    assert rows == [("drills", 1, 3), ("hammers", 2, 2), ("ladders", 2, 5), ("saws", 2, 7)]


def test_operations_have_names_of_their_own(document: dict[str, Any]) -> None:
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))
    assert "read_tool" in names
    assert all(operation["tags"] for operation in operations)


def test_refusals_are_documented(document: dict[str, Any]) -> None:
    tool = document["paths"]["/tools/{tool_id}"]
    assert tool["get"]["responses"].keys() == {"200", "404", "422"}
    assert tool["patch"]["responses"].keys() == {"200", "404", "409", "412", "422", "428"}
    assert tool["delete"]["responses"].keys() == {"204", "404", "409", "422"}


def test_example_is_accepted(client: TestClient, document: dict[str, Any]) -> None:
    (example,) = document["components"]["schemas"]["ToolIn"]["examples"]
    assert client.post("/tools", json=example).status_code in (201, 409)


def test_seed_file_replaces_the_samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seed = tmp_path / "seed.json"
    awl = {"id": 40, "name": "Awl", "category": "awls", "condition": "new", "value_cents": 500, "copies": 1}
    seed.write_text(json.dumps({"tools": [awl]}))
    monkeypatch.setenv("TOOLSHED_SEED_FILE", str(seed))
    with TestClient(app) as client:
        assert [tool["id"] for tool in client.get("/tools").json()] == [40]
        assert client.get("/health/live").json() == {"status": "ok"}
