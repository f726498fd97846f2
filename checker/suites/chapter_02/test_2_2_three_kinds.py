"""2.2 Three kinds: a tagged union that keeps its fields on the way out, and a donor who stays private."""

from __future__ import annotations

from random import Random
from typing import Any

from checker.suite import App, check, expect, require, same
from checker.suites.chapter_02.intake import (
    KINDS,
    Body,
    create,
    donation,
    faults,
    make_battery,
    make_donation,
    make_hand,
    make_ladder,
    make_mains,
)

UNIONS = "https://docs.pydantic.dev/latest/concepts/unions/"
EXTRA = "https://fastapi.tiangolo.com/tutorial/extra-models/"


def source(rng: Random, kind: Any, **fields: Any) -> Body:
    """A power tool with something else in its source."""
    return {"kind": "power", "source": kind(rng)["source"] | fields}


def without(tool: Body, key: str) -> Body:
    return {name: value for name, value in tool.items() if name != key}


@check(
    "2.2-fields-kept",
    "A tool of each kind is stored and shown with its own fields.",
    say="What was sent as `tool` has to come back, in the reply to POST, in GET and in the list. Output follows the "
    "declared type, not the object's: a field declared as the base class shows the fields of the base class. Declare "
    "the union of the kinds, in all models of a donation.",
    docs=EXTRA,
)
def test_each_kind_keeps_its_fields(app: App, rng: Random) -> None:
    for make in KINDS:
        body = make_donation(rng, tool=make(rng))
        created = create(app, body)
        listed = app.get("/donations")
        expect(listed).status(200)
        found = [one for one in listed.json if one["id"] == created["id"]]
        for shown in (created, donation(app, created["id"]), *found):
            require(same(shown.get("tool"), body["tool"]), expected={"tool": body["tool"]}, received=shown)


@check(
    "2.2-only-the-kind-sent",
    "A fault is reported for the kind that was sent, and for no other.",
    say="One field of one kind is wrong, so there is one fault, and its `loc` ends with that field. A plain union tries "
    "every member and reports the faults of all. `Field(discriminator=...)` looks at one field first and asks "
    "only the model that it names; the `loc` then carries the tag.",
    docs=UNIONS,
)
def test_fault_names_the_kind_that_was_sent(app: App, rng: Random) -> None:
    battery = make_battery(rng)["source"]
    for tool, field in (
        (make_hand(rng) | {"handle": "glass"}, "handle"),
        ({"kind": "hand"}, "handle"),
        (make_ladder(rng) | {"rungs": "many"}, "rungs"),
        (source(rng, make_mains, watts=None), "watts"),
        ({"kind": "power", "source": without(battery, "amp_hours")}, "amp_hours"),
        ({"kind": "power"}, "source"),
    ):
        reply = app.post("/donations", json=make_donation(rng, tool=tool))
        expect(reply).status(422)
        places = [fault["loc"] for fault in faults(reply)]
        require(
            len(places) == 1 and places[0][:2] == ["body", "tool"] and places[0][-1] == field,
            expected=f'one fault, at ["body", "tool", ..., "{field}"]',
            received=places or reply.json,
            reply=reply,
        )


@check(
    "2.2-unknown-kind",
    "An unknown kind, and one that is missing, are 422.",
    say="There are three kinds of tools and two sources of power. Anything else, or nothing, is 422 at `tool`, never "
    "200 and never 500.",
    docs=UNIONS,
)
def test_unknown_kinds_are_refused(app: App, rng: Random) -> None:
    tools: list[Any] = [
        make_ladder(rng) | {"kind": "stairs"},
        without(make_hand(rng), "kind"),
        make_hand(rng) | {"kind": None},
        make_hand(rng) | {"kind": ["hand"]},
        source(rng, make_mains, type="petrol"),
        {"kind": "power", "source": without(make_battery(rng)["source"], "type")},
        "hand",
        None,
        [],
    ]
    for tool in tools:
        reply = app.post("/donations", json=make_donation(rng, tool=tool))
        expect(reply).status(422)
        places = [fault["loc"] for fault in faults(reply)]
        require(
            all(place[:2] == ["body", "tool"] for place in places) and places,
            expected='faults at ["body", "tool", ...]',
            received=places or reply.json,
            reply=reply,
        )


@check(
    "2.2-fields-of-another-kind",
    "A key that this kind does not have is 422.",
    say="The tool carries a key that its kind does not have. By default Pydantic drops what it does not know, and "
    'nobody learns that it was lost: `class Ladder(BaseModel, extra="forbid")`.',
)
def test_fields_of_another_kind_are_refused(app: App, rng: Random) -> None:
    for tool in (
        make_hand(rng) | {"rungs": 7},
        make_ladder(rng) | {"handle": "wood"},
        make_mains(rng) | {"rungs": 7},
        source(rng, make_mains, volts=18),
        source(rng, make_battery, watts=500),
    ):
        expect(app.post("/donations", json=make_donation(rng, tool=tool))).status(422)


@check(
    "2.2-bounds-of-each-kind",
    "The fields of each kind have the bounds of the task sheet.",
    say="This value is on one side of a bound of the task sheet, and was treated as if it were on the other. `ge` and "
    "`le` include the number itself, `gt` does not.",
    docs="https://fastapi.tiangolo.com/tutorial/body-fields/",
)
def test_fields_of_each_kind_are_bounded(app: App, rng: Random) -> None:
    ladder = make_ladder(rng)
    right = [
        *(make_hand(rng) | {"handle": handle} for handle in ("wood", "metal", "plastic")),
        *(ladder | {"rungs": rungs} for rungs in (2, 40)),
        *(source(rng, make_mains, watts=watts) for watts in (1, 5000)),
        *(source(rng, make_battery, volts=volts) for volts in (0.5, 120)),
        *(source(rng, make_battery, amp_hours=hours) for hours in (0.5, 100)),
    ]
    wrong = [
        *(ladder | {"rungs": rungs} for rungs in (1, 41, 3.5, -3)),
        *(source(rng, make_mains, watts=watts) for watts in (0, 5001)),
        *(source(rng, make_battery, volts=volts) for volts in (0, -1, 120.5)),
        *(source(rng, make_battery, amp_hours=hours) for hours in (0, -1, 100.5)),
    ]
    for tool in right:
        create(app, make_donation(rng, tool=tool))
    for tool in wrong:
        expect(app.post("/donations", json=make_donation(rng, tool=tool))).status(422)


@check(
    "2.2-donor-is-private",
    "A reply shows the donor's name, and neither phone nor access code.",
    say="Of the donor a reply holds the name and nothing else; stars in place of the access code are not nothing. The "
    "model of the reply says what leaves: give it a donor model that has the name alone. Writing out the fields of "
    "subclasses (`SerializeAsAny`, `serialize_as_any`, `polymorphic_serialization`) keeps the tool's, and those that "
    "nobody should see.",
    docs="https://fastapi.tiangolo.com/tutorial/response-model/",
)
def test_donor_stays_private(app: App, rng: Random) -> None:
    for make in KINDS:
        body = make_donation(rng, tool=make(rng))
        created = create(app, body)
        for path in (f"/donations/{created['id']}", "/donations"):
            reply = app.get(path)
            expect(reply).status(200).without(body["donor"]["phone"], body["donor"]["access_code"])
            for shown in reply.json if isinstance(reply.json, list) else [reply.json, created]:
                if shown["id"] == created["id"]:
                    name = {"name": body["donor"]["name"]}
                    require(shown.get("donor") == name, expected={"donor": name}, received=shown, reply=reply)
