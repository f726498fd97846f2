"""A box: good lines in, bad lines reported."""

import json
from typing import Any

from fastapi.testclient import TestClient


def send(client: TestClient, *lines: str) -> Any:
    """Post these lines."""
    headers = {"Content-Type": "application/x-ndjson"}
    return client.post("/donations/bulk", content="\n".join(lines), headers=headers)


def test_good_lines_are_taken_and_bad_ones_reported(client: TestClient, hammer: dict[str, Any]) -> None:
    bad = json.dumps(hammer | {"serial": "TS-0043-8"})
    report = send(client, json.dumps(hammer), "", bad, "{", json.dumps(hammer)).json()
    assert report["taken"] == len(client.get("/donations").json()) == 2
    assert [line["line"] for line in report["refused"]] == [3, 4]
    assert report["refused"][0]["faults"][0]["loc"] == ["serial"]


def test_report_repeats_nothing(client: TestClient, hammer: dict[str, Any]) -> None:
    del hammer["name"]
    assert "ada-may-change-it" not in send(client, json.dumps(hammer)).text


def test_box_has_at_most_500_lines(client: TestClient, hammer: dict[str, Any]) -> None:
    assert send(client, *["{}"] * 500).status_code == 200
    assert send(client, json.dumps(hammer), *["{}"] * 500).status_code == 413
    assert client.get("/donations").json() == []
