"""2.3 Rules between fields: a loan that the kiosk proposes, in camelCase."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from checker.suite import App, Reply, check, expect, require
from checker.suites.chapter_02.intake import Body, faults

PATH = "/kiosk/loan-checks"
DAYS = {"hand": 28, "power": 7, "ladder": 3}
VALIDATORS = "https://docs.pydantic.dev/latest/concepts/validators/"
ALIASES = "https://docs.pydantic.dev/latest/concepts/alias/"


def deposit_for(value: int) -> int:
    """The least deposit for a value, as the task sheet says."""
    return (value + 999) // 1000 * 100 if value >= 10_000 else 0


def make_check(rng: Random, days: int | None = None, **fields: Any) -> Body:
    """A proposal that is in order, in any order of keys."""
    kind = rng.choice(list(DAYS))
    start = date(2027, 1, 1) + timedelta(days=rng.randrange(300))
    value = rng.randrange(10_000, 200_000)
    body = {
        "kind": kind,
        "valueCents": value,
        "startsOn": start.isoformat(),
        "endsOn": (start + timedelta(days=days or rng.randint(1, DAYS[kind]))).isoformat(),
        "depositCents": deposit_for(value) + rng.randrange(3) * 100,
    } | fields
    keys = rng.sample(list(body), len(body))
    return {key: body[key] for key in keys}


def after(body: Body, days: int) -> Body:
    """The same proposal, ending this many days after its start."""
    return body | {"endsOn": (date.fromisoformat(body["startsOn"]) + timedelta(days=days)).isoformat()}


def names(reply: Reply, field: str) -> bool:
    """Some fault speaks of this field, in its place or in its words."""
    return any(field in map(str, fault["loc"]) or field in str(fault.get("msg")) for fault in faults(reply))


def require_named(reply: Reply, *fields: str) -> None:
    """A 422 that speaks of each of these fields."""
    expect(reply).status(422)
    named = [field for field in fields if names(reply, field)]
    require(
        named == list(fields),
        expected=f"422 that names {' and '.join(f'`{field}`' for field in fields)}",
        received=reply.json,
        reply=reply,
    )


@check(
    "2.3-camel-case",
    "The kiosk sends camelCase and receives camelCase.",
    say="The kiosk is a browser app: it sends `valueCents` and expects `valueCents` back. An alias for each field does it, "
    "and an `alias_generator` in the model's configuration makes them all; `validation_alias` alone holds for what "
    "comes in only. Keys in snake_case are unknown to the kiosk's API, so they are 422.",
    docs=ALIASES,
    lesson="aliases-and-what-goes-out",
)
def test_kiosk_speaks_camel_case(app: App, rng: Random) -> None:
    for kind, most in DAYS.items():
        body = after(make_check(rng, kind=kind), rng.randint(1, most))
        length = (date.fromisoformat(body["endsOn"]) - date.fromisoformat(body["startsOn"])).days
        expect(app.post(PATH, json=body)).status(200).json(body | {"days": length})
    body = make_check(rng)
    for camel, snake in (
        ("valueCents", "value_cents"),
        ("endsOn", "ends_on"),
        ("depositCents", "deposit_cents"),
    ):
        expect(app.post(PATH, json=body | {snake: body[camel]})).status(422)
    spelt = {"deposit_cents" if key == "depositCents" else key: value for key, value in body.items()}
    expect(app.post(PATH, json=spelt)).status(422)


@check(
    "2.3-end-after-start",
    "A loan that does not end after it starts is 422.",
    say="The last day has to come after the first one; the same day is too early. A rule about two fields stands in a "
    "validator that sees both, and the fault names `endsOn`.",
    docs=VALIDATORS,
)
def test_loan_ends_after_it_starts(app: App, rng: Random) -> None:
    for days in (0, -1, -rng.randint(2, 60)):
        require_named(app.post(PATH, json=after(make_check(rng), days)), "endsOn")
    expect(app.post(PATH, json=after(make_check(rng), 1))).status(200)


@check(
    "2.3-days-of-the-kind",
    "A loan is at most as long as its kind allows.",
    say="A hand tool is lent for at most 28 days, a power tool for 7, a ladder for 3; exactly that many days are in order, "
    "one more is 422 and names `endsOn`.",
    docs=VALIDATORS,
)
def test_loan_is_not_longer_than_its_kind_allows(app: App, rng: Random) -> None:
    for kind, most in DAYS.items():
        body = make_check(rng, kind=kind)
        expect(app.post(PATH, json=after(body, most))).status(200)
        require_named(app.post(PATH, json=after(body, most + 1)), "endsOn")


@check(
    "2.3-deposit",
    "A deposit that the value asks for has to be there, also when the key is left out.",
    say="From 10000 cents on a deposit is due, and this proposal carries less; it has to be 422 and name `depositCents`. "
    "Where the key was left out, mind that Pydantic does not validate defaults: `validate_default=True`, or a "
    "validator on the whole model.",
    docs=VALIDATORS,
)
def test_deposit_is_enough(app: App, rng: Random) -> None:
    for value in (10_000, 10_001, 11_000, rng.randrange(12_000, 900_000), 1_000_000):
        least = deposit_for(value)
        body = make_check(rng, valueCents=value)
        expect(app.post(PATH, json=body | {"depositCents": least})).status(200)
        require_named(app.post(PATH, json=body | {"depositCents": least - 1}), "depositCents")
        left_out = {key: sent for key, sent in body.items() if key != "depositCents"}
        require_named(app.post(PATH, json=left_out), "depositCents")
    for value in (0, 9_999, rng.randrange(1, 9_000)):
        left_out = {
            key: sent for key, sent in make_check(rng, valueCents=value).items() if key != "depositCents"
        }
        expect(app.post(PATH, json=left_out)).status(200).having({"depositCents": 0})


@check(
    "2.3-all-at-once",
    "All rules that are broken are reported in one reply.",
    say="Both the length of the loan and its deposit are wrong, and only one of them was reported: whoever repairs it is "
    "refused a second time. What raises first hides the rest. Let each rule belong to a field, or collect the faults "
    "and raise once.",
    docs=VALIDATORS,
)
def test_all_broken_rules_are_reported(app: App, rng: Random) -> None:
    for kind, most in DAYS.items():
        for days in (most + rng.randint(1, 9), -rng.randint(0, 9)):
            body = after(make_check(rng, kind=kind, depositCents=0), days)
            require_named(app.post(PATH, json=body), "endsOn", "depositCents")


@check(
    "2.3-never-a-500",
    "Whatever a field holds, the answer is 422 and names that field.",
    say="A field is wrong, and the app broke, or did not say which. In `info.data` of a field validator there is no entry "
    "for a field that was refused, so `info.data[...]` is a KeyError and a 500: use `.get()`, or a validator on the "
    "whole model, which runs only when all fields are right. `HTTPException` has no place in a model.",
    docs=VALIDATORS,
)
def test_no_combination_breaks_the_app(app: App, rng: Random) -> None:
    wrong: dict[str, list[Any]] = {
        "kind": ["stairs", None, 3, []],
        "valueCents": ["much", None, -1, 1_000_001],
        "startsOn": ["soon", None, "2027-02-30", {}],
        "endsOn": ["later", None, "2027-13-01", []],
        "depositCents": ["none", None, -1],
    }
    for field, values in wrong.items():
        for value in values:
            broken = make_check(rng) | {field: value}
            others = rng.sample([name for name in wrong if name != field], 2)
            for body in (broken, broken | {name: rng.choice(wrong[name]) for name in others}):
                reply = app.post(PATH, json=body)
                expect(reply).status(422)
                require(
                    any(fault["loc"] == ["body", field] for fault in faults(reply)),
                    expected=f'a fault at ["body", "{field}"]',
                    received=reply.json,
                    reply=reply,
                )
        if field != "depositCents":
            left_out = {key: value for key, value in make_check(rng).items() if key != field}
            expect(app.post(PATH, json=left_out)).status(422)
    expect(app.post(PATH, json=make_check(rng) | {"colour": "red"})).status(422)
