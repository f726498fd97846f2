"""2.8 A box of donations: one JSON object a line, the good ones stored, the others reported."""

from __future__ import annotations

import json
from collections.abc import Sequence
from random import Random
from typing import Any

from checker.suite import App, Reply, check, expect, require
from checker.suites.chapter_02.intake import Body, make_battery, make_donation, token

PATH = "/donations/bulk"
ADAPTERS = "https://docs.pydantic.dev/latest/concepts/type_adapter/"


def send(app: App, lines: Sequence[str | bytes], end: bytes = b"\n") -> Reply:
    """Post these lines, each with an end."""
    content = b"".join((line.encode() if isinstance(line, str) else line) + end for line in lines)
    return app.post(PATH, content=content, headers={"Content-Type": "application/x-ndjson"})


def listed(app: App) -> list[Body]:
    reply = app.get("/donations")
    expect(reply).status(200)
    rows: list[Body] = reply.json
    return rows


def names(app: App) -> set[str]:
    return {row["name"] for row in listed(app)}


def require_report(reply: Reply, taken: int, refused: list[int]) -> None:
    """So many were taken, and these lines refused, in their order, each with a reason."""
    expect(reply).status(200).having({"taken": taken})
    entries = reply.json.get("refused")
    found = [entry.get("line") for entry in entries]
    require(
        found == refused, expected={"refused lines": refused}, received={"refused lines": found}, reply=reply
    )
    for entry in entries:
        for fault in entry["faults"] or [{}]:
            require(
                isinstance(fault.get("loc"), list) and fault.get("type") and fault.get("msg"),
                expected="`loc`, `type` and `msg` for each fault of a line",
                received=entry,
                reply=reply,
            )


@check(
    "2.8-good-lines",
    "The good lines of a box are stored.",
    say="Every line that is a right donation has to be stored, as if it had been posted alone, and counted in `taken`. The "
    "body is `application/x-ndjson`: one JSON object a line; empty lines are passed over.",
    docs=ADAPTERS,
)
def test_good_lines_are_stored(app: App, rng: Random) -> None:
    expect(send(app, ["", " "])).status(200).json({"taken": 0, "refused": []})
    for end in (b"\n", b"\r\n"):
        bodies = [make_donation(rng) for _ in range(rng.randint(3, 6))]
        bodies.append(make_donation(rng, tool=make_battery(rng)))
        require_report(send(app, [json.dumps(body) for body in bodies], end), len(bodies), [])
        rows = {row["name"]: row for row in listed(app)}
        for body in bodies:
            alone = app.post("/donations", json=body)
            expect(alone).status(201)
            row = rows.get(body["name"], {})
            wanted = {key: alone.json.get(key) for key in ("serial", "value_cents", "bought_on", "tool")}
            held = {key: row.get(key) for key in wanted}
            require(row and held == wanted, expected=wanted, received=held if row else "not in the list")


@check(
    "2.8-bad-lines",
    "A bad line is reported by its number, and keeps no other from being stored.",
    say="A bad line is refused alone: its number, counted from 1 with empty lines, stands in `refused` with what is wrong, "
    "and the good lines before and after it are stored. Ask a `TypeAdapter` line by line, and catch the "
    "`ValidationError` of each; broken JSON is one, too, with `validate_json`.",
    docs=ADAPTERS,
)
def test_bad_lines_are_reported(app: App, rng: Random) -> None:
    good = [make_donation(rng) for _ in range(4)]
    texts = [json.dumps(body) for body in good]
    serial = make_donation(rng, serial=[])
    lines: list[str | bytes] = [texts[0], "", json.dumps(serial), "  ", texts[1], "{", "[]", "12"]
    lines += [texts[2], b"\xff\xfe{}", json.dumps({}), texts[3], texts[3][:-2]]
    reply = send(app, lines)
    require_report(reply, 4, [3, 6, 7, 8, 10, 11, 13])
    places = [fault["loc"] for fault in reply.json["refused"][0]["faults"]]
    require(
        any("serial" in place for place in places),
        expected="a fault that names `serial` for line 3",
        received=places,
        reply=reply,
    )
    lost = [body["name"] for body in good if body["name"] not in names(app)]
    require(not lost, expected="all good lines stored", received=f"{len(lost)} of 4 are missing", reply=reply)


@check(
    "2.8-as-strict-as-post",
    "A line is refused if and only if POST would refuse it.",
    say="The same donation is judged in one way line by line and in another by POST. Both have to ask the same model: "
    "`TypeAdapter(DonationIn)`. A model rebuilt from a dictionary by hand, or one that skips validation "
    "(`model_construct`), lets through what nobody checked.",
    docs=ADAPTERS,
)
def test_lines_are_judged_as_by_post(app: App, rng: Random) -> None:
    variants: list[dict[str, Any]] = [
        {"name": ""},
        {"name": None},
        {"serial": "TS-0043-8"},
        {"value_cents": "12"},
        {"value_cents": True},
        {"value_cents": -1},
        {"bought_on": 0},
        {"bought_on": "2199-01-01", "received_at": "2199-01-02T00:00:00Z"},
        {"received_at": "2025-01-01T00:00:00"},
        {"bought_on": "2020-05-05", "received_at": "2019-01-01T00:00:00Z"},
        {"tool": {"kind": "stairs"}},
        {"donor": {"name": "Ada"}},
        {token(rng): 1},
    ]
    bodies = [make_donation(rng) | fields for fields in variants]
    bodies.append(make_donation(rng))
    alone = [app.post("/donations", json=body).status for body in bodies]
    refused = [number for number, status in enumerate(alone, start=1) if status == 422]
    reply = send(app, [json.dumps(body) for body in bodies])
    require_report(reply, len(bodies) - len(refused), refused)


@check(
    "2.8-most-lines",
    "A box has at most 500 lines; a bigger one is 413, and nothing of it is stored.",
    say="500 lines are a box, 501 are too many: 413, before anything is stored. Count first, then store.",
    docs="https://fastapi.tiangolo.com/tutorial/handling-errors/",
)
def test_box_is_bounded(app: App, rng: Random) -> None:
    one = make_donation(rng)
    many = [json.dumps(one)] + ["{}"] * 499
    require_report(send(app, many), 1, list(range(2, 501)))
    other = make_donation(rng)
    before = len(listed(app))
    expect(send(app, [json.dumps(other)] + ["{}"] * 500)).status(413)
    after = len(listed(app))
    require(after == before, expected="nothing stored", received=f"{after - before} donations more")


@check(
    "2.8-tells-nothing",
    "The report repeats nothing of what a donor has sent.",
    say="The report on a bad line holds something of the donor's. `error.errors()` carries `input`, here as in a 422: "
    "take `loc`, `type` and `msg` of each.",
    docs="https://docs.pydantic.dev/latest/errors/errors/",
)
def test_report_repeats_nothing(app: App, rng: Random) -> None:
    bodies = [make_donation(rng) for _ in range(3)]
    private = [body["donor"][key] for body in bodies for key in ("access_code", "phone")]
    del bodies[0]["name"]
    bodies[1]["donor"]["access_code"] = [bodies[1]["donor"]["access_code"]]
    del bodies[2]["donor"]["name"]
    reply = send(app, [json.dumps(body) for body in bodies])
    require_report(reply, 0, [1, 2, 3])
    expect(reply).without(*private)
