"""2.7 A refusal that tells nothing: field, rule and message, and nothing of what was sent."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from checker.suite import App, Reply, check, expect, require
from checker.suites.chapter_02.intake import Body, create, faults, make_donation, make_donor, token

ERRORS = "https://fastapi.tiangolo.com/tutorial/handling-errors/"
JSON = {"Content-Type": "application/json"}


def without(body: Body, key: str) -> Body:
    return {name: value for name, value in body.items() if name != key}


def wrong_bodies(rng: Random, donor: Body) -> list[Any]:
    """Bodies that are wrong in one place each, with this donor's values somewhere in them."""
    body = make_donation(rng, donor=donor)
    return [
        without(body, "name"),
        body | {"donor": without(donor, "name")},
        body | {"donor": donor | {"name": "x"}},
        body | {"donor": donor | {"access_code": [donor["access_code"]]}},
        body | {"donor": donor | {"access_code": {"is": donor["access_code"]}}},
        body | {"donor": donor | {"phone": [donor["phone"]]}},
        body | {"donor": donor | {"pin": donor["access_code"]}},
        body | {"donor": donor["access_code"]},
        body | {"donor": [donor]},
        body | {"access_code": donor["access_code"]},
        body | {"bought_on": "2020-05-05", "received_at": "2019-01-01T00:00:00Z"},
        [body],
        json.dumps(body),
    ]


def refusals(app: App, rng: Random, donor: Body) -> list[Reply]:
    """What all these are answered with, and broken JSON, text of no declared type, and PUT."""
    replies = [app.post("/donations", json=body) for body in wrong_bodies(rng, donor)]
    text = json.dumps(make_donation(rng, donor=donor))
    replies.append(app.post("/donations", content=text[:-1], headers=JSON))
    replies.append(app.post("/donations", content=text, headers={"Content-Type": "text/plain"}))
    known = create(app, make_donation(rng))
    nameless = without(make_donation(rng, donor=donor), "name")
    replies.append(app.put(f"/donations/{known['id']}", json=nameless))
    for reply in replies:
        expect(reply).status(422)
    return replies


@check(
    "2.7-reply-tells-nothing",
    "No refusal repeats what the donor has sent.",
    say="The refusal holds something of the donor's: each fault carries `input`, and where a field is missing that is the "
    "whole body, taken before any `SecretStr` has wrapped anything. Write the reply anew from `loc`, `type` and `msg`, "
    "for every fault: a secret may stand under a wrong key, too.",
    docs=ERRORS,
)
def test_no_reply_repeats_the_donor(app: App, rng: Random) -> None:
    donor = make_donor(rng)
    for reply in refusals(app, rng, donor):
        expect(reply).without(donor["access_code"], donor["phone"], donor["name"])
    short = token(rng, 7)
    reply = app.post("/donations", json=make_donation(rng, donor=donor | {"access_code": short}))
    expect(reply).status(422).without(short)


@check(
    "2.7-log-tells-nothing",
    "No line of the log repeats what the donor has sent.",
    say="The log holds something of the donor's. `error.errors()`, `error.body` and `str(error)` all repeat what was sent: "
    "write down `loc` and `type` of each fault, and the path.",
    docs=ERRORS,
)
def test_no_log_line_repeats_the_donor(fresh_app: App, rng: Random) -> None:
    donor = make_donor(rng)
    refusals(fresh_app, rng, donor)
    short = token(rng, 7)
    fresh_app.post("/donations", json=make_donation(rng, donor=donor | {"access_code": short}))
    fresh_app.terminate()
    for value in (*donor.values(), short):
        leaks = [line.replace(value, "[…]") for line in fresh_app.logs() if value in line]
        require(
            not leaks, expected="a log without what the donor sent", received=[one[:200] for one in leaks[:3]]
        )


@check(
    "2.7-reply-still-helps",
    "Every fault is still named: where, by which rule, in words.",
    say="A refusal that says nothing at all helps nobody. It stays FastAPI's shape, `detail` with one entry for each "
    "fault, and each entry keeps `loc`, `type` and `msg`; only `input` and `ctx` go.",
    docs=ERRORS,
)
def test_refusal_still_names_every_fault(app: App, rng: Random) -> None:
    body = make_donation(rng)
    del body["name"], body["serial"], body["donor"]["phone"]
    body["value_cents"] = "a lot"
    reply = app.post("/donations", json=body)
    expect(reply).status(422)
    found = {tuple(fault["loc"]): fault for fault in faults(reply)}
    wanted = [("body", "name"), ("body", "serial"), ("body", "value_cents"), ("body", "donor", "phone")]
    require(
        set(found) == set(wanted),
        expected=[list(place) for place in wanted],
        received=[list(place) for place in found] or reply.json,
        reply=reply,
    )
    kept = [{key: fault.get(key) for key in ("type", "msg")} for fault in found.values()]
    require(
        all(isinstance(text, str) and text for fault in kept for text in fault.values())
        and found["body", "name"]["type"] == "missing",
        expected="`type` and `msg` in each entry, as FastAPI gives them",
        received=kept,
        reply=reply,
    )
    require(
        not any({"input", "ctx"} & fault.keys() for fault in found.values()),
        expected="neither `input` nor `ctx`",
        received=reply.json,
        reply=reply,
    )
    odd = app.get(f"/donations/{token(rng)}")
    expect(odd).status(422)
    require(
        [fault["loc"] for fault in faults(odd)] == [["path", "donation_id"]],
        expected='a fault at ["path", "donation_id"]',
        received=odd.json,
        reply=odd,
    )


@check(
    "2.7-log-still-helps",
    "The log says which field was refused, and by which rule.",
    say="Whoever runs the shed wants to see what clients get wrong: the log has to hold the path, and of each fault the "
    "field and the `type`. The logger `toolshed.refusals` is there; a warning is printed without any configuration.",
    docs=ERRORS,
)
def test_log_still_names_field_and_rule(fresh_app: App, rng: Random) -> None:
    body = make_donation(rng)
    body["donor"] |= {"phone": 5, f"colour_{token(rng)}": "red"}
    reply = fresh_app.post("/donations", json=without(body, "serial"))
    expect(reply).status(422)
    fresh_app.terminate()
    log = "\n".join(line for line in fresh_app.logs() if "HTTP/1.1" not in line)
    wanted = ["/donations", "serial", "missing", "phone"]
    for fault in faults(reply):
        wanted += [str(fault["loc"][-1]), str(fault.get("type") or "missing")]
    lost = sorted({text for text in wanted if text not in log})
    require(
        not lost,
        expected="a log that names path, field and rule of each fault",
        received=f"nothing of {', '.join(f'`{text}`' for text in lost)} in the log",
        reply=reply,
    )
