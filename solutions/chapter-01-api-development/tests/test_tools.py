"""The catalogue over HTTP, on the sample tools."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app.main import app

LEVEL = {"name": "Spirit level", "category": "levels", "value_cents": 2400}
ANY_VERSION = {"If-Match": "*"}


@pytest.fixture
def client() -> Iterator[TestClient]:
    """A client of the app with the sample tools, loaded anew for each test."""
    with TestClient(app) as client:
        yield client


def stored(client: TestClient, tool_id: int) -> dict[str, object]:
    """What the shed holds under this number."""
    rows: list[dict[str, object]] = client.get("/staff/inventory").json()
    return next(row for row in rows if row["id"] == tool_id)


def numbers(client: TestClient, query: str) -> list[int]:
    """The numbers of the tools that a search finds."""
    return [tool["id"] for tool in client.get(f"/tools?{query}").json()]


@pytest.mark.parametrize(
    ("number", "status"), [("7", 200), ("8", 404), ("0", 422), ("-1", 422), ("abc", 422), ("1.5", 422)]
)
def test_number_is_found_missing_or_refused(client: TestClient, number: str, status: int) -> None:
    assert client.get(f"/tools/{number}").status_code == status


def test_featured_are_the_most_lent(client: TestClient) -> None:
    assert [tool["id"] for tool in client.get("/tools/featured").json()] == [3, 1, 4]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [1, 2, 3, 4, 5, 6, 7]),
        ("limit=2&offset=3", [4, 5]),
        ("q=HAMMER", [1, 2]),
        ("q=blades", [7]),
        ("q=(6", [4]),
        ("category=saws&category=drills", [3, 6, 7]),
        ("available=false", [3, 7]),
        ("available=true&category=saws", [6]),
        ("q=nothing", []),
    ],
)
def test_search_finds(client: TestClient, query: str, expected: list[int]) -> None:
    assert numbers(client, query) == expected


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=-1", "offset=-1", "q=", "available=2", "page=1"]
)
def test_search_refuses(client: TestClient, query: str) -> None:
    assert client.get(f"/tools?{query}").status_code == 422


def test_new_tool_is_created_once(client: TestClient) -> None:
    reply = client.post("/tools", json=LEVEL)
    assert reply.status_code == 201
    assert reply.headers["Location"] == "/tools/8"
    assert client.get(reply.headers["Location"]).json() == reply.json()
    assert client.post("/tools", json=LEVEL).status_code == 409
    assert client.post("/tools", json=LEVEL | {"category": "tools"}).headers["Location"] != "/tools/8"


@pytest.mark.parametrize(
    "change", [{"id": 99}, {"name": "x"}, {"name": None}, {"copies": 51}, {"category": "A b"}]
)
def test_new_tool_is_checked(client: TestClient, change: dict[str, object]) -> None:
    assert client.post("/tools", json=LEVEL | change).status_code == 422
    assert client.patch("/tools/1", json=change, headers=ANY_VERSION).status_code == 422


def test_put_takes_absent_keys_back_to_their_defaults(client: TestClient) -> None:
    loans = stored(client, 1)["loans"]
    assert client.put("/tools/1", json=LEVEL, headers=ANY_VERSION).status_code == 200
    empty = {"description": None, "supplier_email": None, "purchase_note": None}
    assert stored(client, 1) == LEVEL | empty | {"id": 1, "condition": "good", "copies": 1, "loans": loans}


@pytest.mark.parametrize(
    "change", [{}, {"copies": 9}, {"description": None}, {"purchase_note": None, "value_cents": 0}]
)
def test_patch_changes_what_was_sent(client: TestClient, change: dict[str, object]) -> None:
    before = stored(client, 1)
    assert client.patch("/tools/1", json=change, headers=ANY_VERSION).status_code == 200
    assert stored(client, 1) == before | change


def test_change_is_refused_where_it_makes_no_sense(client: TestClient) -> None:
    sledgehammer = {"name": "Sledgehammer", "category": "hammers"}
    assert client.patch("/tools/1", json=sledgehammer, headers=ANY_VERSION).status_code == 409
    assert client.patch("/tools/2", json=sledgehammer, headers=ANY_VERSION).status_code == 200
    assert client.patch("/tools/99", json={}, headers=ANY_VERSION).status_code == 404


def test_lost_update_is_refused(client: TestClient) -> None:
    tag = client.get("/tools/1").headers["ETag"]
    first = client.patch("/tools/1", json={"copies": 4}, headers={"If-Match": tag})
    assert first.status_code == 200
    assert client.patch("/tools/1", json={"copies": 5}, headers={"If-Match": tag}).status_code == 412
    assert client.patch("/tools/1", json={"copies": 5}).status_code == 428
    several = f'"other", {first.headers["ETag"]}'
    assert client.patch("/tools/1", json={"copies": 5}, headers={"If-Match": several}).status_code == 200


def test_delete_leaves_what_is_out(client: TestClient) -> None:
    refused = client.delete("/tools/7")
    assert refused.status_code == 409
    assert "108" in refused.json()["detail"]
    gone = client.delete("/tools/4")
    assert (gone.status_code, gone.content) == (204, b"")
    assert client.delete("/tools/4").status_code == 404
