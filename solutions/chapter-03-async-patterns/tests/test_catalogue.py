"""Manuals, parts and recalls, before a catalogue in every mood."""

import asyncio
import json

import httpx2
import pytest
from fastapi.testclient import TestClient
from httpx2 import ConnectError, Request, Response

from app import parts
from tests.conftest import Catalogue

MANUAL = {"url": "https://manuals.example/SP-1.pdf", "pages": 12}
FOUND = {"url": "https://recalls.example/7", "severity": "minor", "since": "2026-03-09"}
SOURCES = ["maker", "insurer", "state", "press", "neighbours"]


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (Response(200, json=MANUAL), 200),
        (Response(404), 404),
        (Response(403), 502),
        (Response(500), 502),
        (Response(200, text="<html>"), 502),
        (Response(200, json={"url": "x", "pages": 0}), 502),
        (ConnectError("down"), 502),
        (httpx2.ReadTimeout("slow"), 504),
    ],
)
def test_manual(client: TestClient, catalogue: Catalogue, answer: Response | Exception, status: int) -> None:
    catalogue.answer("/manuals/SP-1", answer)
    reply = client.get("/tools/2/manual")
    assert reply.status_code == status
    assert status != 200 or reply.json() == {"tool_id": 2, **MANUAL}


def test_silence_ends_with_the_deadline(
    client: TestClient, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(request: Request) -> Response:
        catalogue.asked.append(request)
        await asyncio.sleep(30)
        return Response(200)

    monkeypatch.setattr(client.app.state.workshop.client, "_transport", httpx2.MockTransport(silent))  # type: ignore[attr-defined]
    headers = {"X-Deadline-Ms": "300"}
    assert client.get("/tools/2/manual", headers=headers).status_code == 504
    assert 0 < int(catalogue.asked[0].headers["x-deadline-ms"]) <= 300
    recalls = client.get("/tools/2/recalls", headers=headers)
    assert recalls.json() == {"tool_id": 2, "recalls": [], "failed": SOURCES}
    assert len(catalogue.asked) == 4, "three sources at a time"


@pytest.mark.parametrize("value", ["0", "60001", "soon"])
def test_deadlines_that_make_no_sense_are_refused(client: TestClient, value: str) -> None:
    assert client.get("/tools/2/manual", headers={"X-Deadline-Ms": value}).status_code == 422


@pytest.mark.parametrize(
    ("answers", "status", "tries"),
    [
        ([Response(200, json={"parts": []})], 200, 1),
        ([Response(503), ConnectError("down"), Response(200, json={"parts": []})], 200, 3),
        ([Response(500)], 502, 3),
        ([ConnectError("down")], 502, 3),
        ([Response(404)], 404, 1),
        ([Response(400)], 502, 1),
        ([Response(200, text="?")], 502, 1),
    ],
)
def test_parts_are_asked_for_again(
    client: TestClient,
    catalogue: Catalogue,
    monkeypatch: pytest.MonkeyPatch,
    answers: list[Response | Exception],
    status: int,
    tries: int,
) -> None:
    monkeypatch.setattr(parts, "PAUSES", (0.001, 0.002))
    catalogue.answer("/parts/SP-1", *answers)
    assert client.get("/tools/2/parts").status_code == status
    assert len(catalogue.asked) == tries


def test_failing_sources_are_named_and_what_they_said_before_stays(
    client: TestClient, catalogue: Catalogue
) -> None:
    for source in SOURCES:
        catalogue.answer(f"/recalls/{source}/SP-1", Response(200, content=json.dumps({"recalls": [FOUND]})))
    first = client.get("/tools/2/recalls").json()
    assert sorted(one["source"] for one in first["recalls"]) == sorted(SOURCES)
    assert first["failed"] == []
    catalogue.answer("/recalls/press/SP-1", Response(500))
    catalogue.answer("/recalls/state/SP-1", Response(200, json={"recalls": []}))
    second = client.get("/tools/2/recalls").json()
    assert (len(second["recalls"]), second["failed"]) == (3, ["press"])
    stored = client.get("/tools/2/recalls/stored").json()["recalls"]
    assert sorted(one["source"] for one in stored) == ["insurer", "maker", "neighbours", "press"]


def test_tools_are_listed_and_unknown_ones_have_nothing(client: TestClient) -> None:
    assert [tool["id"] for tool in client.get("/tools").json()] == [1, 2, 3, 4, 5]
    for what in ("manual", "parts", "recalls", "recalls/stored"):
        assert client.get(f"/tools/99/{what}").status_code == 404
