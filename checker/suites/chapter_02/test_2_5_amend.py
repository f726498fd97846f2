"""2.5 Amend: keys that were sent, null, and the rules of the whole after a change."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from checker.suite import App, check, expect, require, same
from checker.suites.chapter_02.intake import (
    Body,
    create,
    donation,
    make_battery,
    make_donation,
    token,
)

UPDATES = "https://fastapi.tiangolo.com/tutorial/body-updates/"
MERGED = ("name", "serial", "value_cents", "bought_on", "received_at", "tool")


def without_number(shown: Body) -> Body:
    return {key: value for key, value in shown.items() if key != "id"}


@check(
    "2.5-only-what-was-sent",
    "PATCH changes the keys that were sent, and no others.",
    say="Exactly the keys of the body change; everything else stays as it was, the donor too. What comes out is the "
    "same as if the whole donation had been posted so. A dump of the body's model holds defaults for keys that nobody "
    "sent: `model_dump(exclude_unset=True)` leaves them out. And what was dumped is dictionaries all the way down: "
    "`model_copy(update=...)` puts them into the model unchecked.",
    docs=UPDATES,
)
def test_only_the_keys_that_were_sent_change(app: App, rng: Random) -> None:
    before = make_donation(rng)
    after = make_donation(rng, tool=make_battery(rng))
    chosen = [[key] for key in MERGED] + [rng.sample(MERGED, 3)]
    for keys in chosen:
        created = create(app, before)
        change = {key: after[key] for key in keys}
        wanted = without_number(create(app, before | change))
        reply = app.patch(f"/donations/{created['id']}", json=change)
        expect(reply).status(200)
        for shown in (reply.json, donation(app, created["id"])):
            require(
                same(without_number(shown), wanted) and shown["id"] == created["id"],
                expected=wanted | {"id": created["id"]},
                received=shown,
                reply=reply,
            )


@check(
    "2.5-empty",
    "A PATCH without keys changes nothing.",
    say="An empty body is a change of nothing: 200, and the donation as it was.",
    docs=UPDATES,
)
def test_empty_change_changes_nothing(app: App, rng: Random) -> None:
    created = create(app, make_donation(rng))
    expect(app.patch(f"/donations/{created['id']}", json={})).status(200).json(created)
    kept = donation(app, created["id"])
    require(same(kept, created), expected=created, received=kept)


@check(
    "2.5-null",
    "Null is 422 for each key, and changes nothing.",
    say="No field of a donation may be null, so no change to null either. `name: Name | None = None` in the model of the "
    "body allows it everywhere: a field may be left out without being nullable, with `MISSING` from Pydantic as type "
    "and default, or with a default of its own type that `exclude_unset` drops.",
    docs=UPDATES,
)
def test_null_is_refused(app: App, rng: Random) -> None:
    created = create(app, make_donation(rng))
    for key in MERGED:
        expect(app.patch(f"/donations/{created['id']}", json={key: None})).status(422)
    kept = donation(app, created["id"])
    require(same(kept, created), expected=created, received=kept)


@check(
    "2.5-unknown-keys",
    "A key that cannot be changed is 422; an unknown donation is 404.",
    say="The number, the donor, the deposit and keys that do not exist cannot be changed: 422 says so, silence would not. "
    "A donation that is not there is 404.",
    docs=UPDATES,
)
def test_other_keys_are_refused(app: App, rng: Random) -> None:
    created = create(app, make_donation(rng))
    path = f"/donations/{created['id']}"
    others: Body = {"id": 1, "donor": make_donation(rng)["donor"], "deposit_cents": 5, token(rng): 1}
    for key, value in others.items():
        expect(app.patch(path, json={key: value})).status(422)
    for content in ("[]", '"name"', "null", ""):
        sent = app.patch(path, content=content, headers={"Content-Type": "application/json"})
        expect(sent).status(422)
    name = make_donation(rng)["name"]
    expect(app.patch(f"/donations/{rng.randrange(10**6, 10**8)}", json={"name": name})).status(404)
    kept = donation(app, created["id"])
    require(same(kept, created), expected=created, received=kept)


@check(
    "2.5-as-strict-as-post",
    "A value that POST refuses is refused by PATCH.",
    say="POST refuses this value and PATCH takes it, so a wrong donation gets in by the back door. The fields of both "
    "models should have the same types: that is what types with rules in them are for.",
    docs=UPDATES,
)
def test_values_are_checked_as_in_post(app: App, rng: Random) -> None:
    wrong: list[tuple[str, list[Any]]] = [
        ("name", ["", " x ", token(rng, 81), 12, []]),
        ("serial", ["TS", "TS-0043-8", 437]),
        ("value_cents", ["many", -1, 12.5, True, "12", 1_000_001]),
        ("bought_on", ["soon", 0, "2199-01-01"]),
        ("received_at", ["now", make_donation(rng)["received_at"].removesuffix("Z")]),
        ("tool", ["hand", {}, {"kind": "stairs"}, {"kind": "ladder", "rungs": 1}]),
    ]
    created = create(app, make_donation(rng))
    for key, values in wrong:
        for value in values:
            if app.post("/donations", json=make_donation(rng) | {key: value}).status == 422:
                expect(app.patch(f"/donations/{created['id']}", json={key: value})).status(422)
    kept = donation(app, created["id"])
    require(same(kept, created), expected=created, received=kept)


@check(
    "2.5-rules-of-the-whole",
    "A change that breaks a rule between two fields is 422, and is not stored.",
    say="Each key alone is right, but the donation that comes out breaks a rule: it was received before it was bought. "
    "Merge first, then validate the whole, and store it only then. Outside of FastAPI's own call to a model a "
    "`ValidationError` is a 500: catch it, and raise `RequestValidationError` with its errors.",
    docs=UPDATES,
)
def test_whole_donation_keeps_its_rules(app: App, rng: Random) -> None:
    created = create(app, make_donation(rng))
    path = f"/donations/{created['id']}"
    bought = date.fromisoformat(created["bought_on"])
    received = date.fromisoformat(created["received_at"][:10])
    too_early = bought - timedelta(days=rng.randint(3, 30))
    for change in (
        {"bought_on": (received + timedelta(days=rng.randint(3, 30))).isoformat()},
        {"received_at": f"{too_early.isoformat()}T12:00:00Z"},
    ):
        expect(app.patch(path, json=change)).status(422)
        kept = donation(app, created["id"])
        require(same(kept, created), expected=created, received=kept)
    both = {"bought_on": too_early.isoformat(), "received_at": f"{too_early.isoformat()}T12:00:00Z"}
    expect(app.patch(path, json=both)).status(200).having({"bought_on": too_early.isoformat()})
