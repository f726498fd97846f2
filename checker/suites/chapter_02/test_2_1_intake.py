"""2.1 Intake: constraints, normalising, strict numbers, and days that have been."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from checker.suite import App, check, expect, require
from checker.suites.chapter_02.intake import (
    create,
    donation,
    faults,
    make_donation,
    make_number,
    make_serial,
    require_refused,
    token,
)

FIELDS = "https://fastapi.tiangolo.com/tutorial/body-fields/"
VALIDATORS = "https://docs.pydantic.dev/latest/concepts/validators/"
STRICT = "https://docs.pydantic.dev/latest/concepts/strict_mode/"


def require_each_refused(app: App, rng: Random, field: str, values: list[Any]) -> None:
    """Each of these values is refused, alone, at this field."""
    for value in values:
        require_refused(app.post("/donations", json=make_donation(rng) | {field: value}), field)


@check(
    "2.1-accepted",
    "A right donation is taken, and shown as it was sent.",
    say="This donation breaks no rule of the task sheet, so it has to be 201 and stored as it was sent. Look for a "
    "bound that is off by one, or a rule that is stricter than the sheet.",
)
def test_right_donation_is_taken(app: App, rng: Random) -> None:
    for fields in (
        {},
        {"name": token(rng, 2)},
        {"name": token(rng, 80)},
        {"value_cents": 0},
        {"value_cents": 1_000_000},
        {"bought_on": "1969-07-20"},
    ):
        body = make_donation(rng) | fields
        shown = donation(app, create(app, body)["id"])
        sent = {key: body[key] for key in ("name", "serial", "value_cents", "bought_on")}
        held = {key: shown.get(key) for key in sent}
        require(held == sent, expected=sent, received=held)


@check(
    "2.1-name",
    "A name is trimmed first, and then has 2 to 80 letters.",
    say="Spaces around the name do not belong to it: take them away first and count the rest, 2 to 80 letters. "
    "`StringConstraints(strip_whitespace=True, min_length=2, max_length=80)` does both, in this order.",
    docs=FIELDS,
)
def test_name_is_trimmed_and_bounded(app: App, rng: Random) -> None:
    require_each_refused(app, rng, "name", ["", "x", " x ", "   ", token(rng, 81), None, 12])
    for name in (f"{token(rng)} {token(rng)}", token(rng, 2), token(rng, 80)):
        body = make_donation(rng, name=f"  {name}\t ")
        shown = create(app, body).get("name")
        require(shown == name, expected=name, received=shown)


@check(
    "2.1-serial-spelling",
    "A serial may be written in any way, and is stored in one.",
    say="The same serial is written in many ways: small letters, spaces, no hyphens. Whatever comes, what is stored "
    "and shown is `TS-0043-7`. A validator may return another value than it was given: that one is stored.",
    docs=VALIDATORS,
)
def test_serial_is_stored_in_one_spelling(app: App, rng: Random) -> None:
    digits, check_digit = make_number(rng)
    wanted = f"TS-{digits}-{check_digit}"
    for spelling in (
        wanted,
        wanted.lower(),
        f"ts{digits}{check_digit}",
        f" TS {digits} {check_digit} ",
        f"Ts-{digits[:2]} {digits[2:]}-{check_digit}",
    ):
        shown = create(app, make_donation(rng, serial=spelling)).get("serial")
        require(shown == wanted, expected=f"`{spelling}` shown as `{wanted}`", received=shown)


@check(
    "2.1-serial-check-digit",
    "A serial whose last digit does not fit the others is refused.",
    say="The last digit of a serial is the sum of the four others modulo 10, so that a slip of the pen is noticed. A "
    "pattern cannot count: it takes a function, such as an `AfterValidator` that raises `ValueError`.",
    docs=VALIDATORS,
)
def test_wrong_check_digit_is_refused(app: App, rng: Random) -> None:
    digits, check_digit = make_number(rng)
    wrong = [f"TS-{digits}-{digit}" for digit in range(10) if digit != check_digit]
    require_each_refused(app, rng, "serial", rng.sample(wrong, 4))


@check(
    "2.1-serial-form",
    "Whatever is no serial at all is 422 at `serial`.",
    say="This is no serial, so it has to be 422, with `serial` in the fault's `loc`. A validator that reads "
    "`text[3:7]` or `int(...)` before it knows the form fails with an error that is no `ValueError`, and then it is "
    "a 500. And `\\d` is more than 0 to 9.",
    docs=VALIDATORS,
)
def test_other_texts_are_refused(app: App, rng: Random) -> None:
    right = make_serial(rng)
    arabic = right.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    wrong = ["", "TS", token(rng), right[3:], f"XS{right[2:]}", f"{right}0", right[:-2], arabic, "TS-²²²²-8"]
    require_each_refused(app, rng, "serial", [*wrong, None, 437, [right]])


@check(
    "2.1-whole-cents",
    "A value is a whole number of cents from 0 to 1000000, and nothing that can be made into one.",
    say="`value_cents` has to be a JSON number without a fraction, within 0 and 1000000. By default Pydantic converts: "
    '`"1290"` and `true` become numbers. `Field(strict=True)` on this one field stops that.',
    docs=STRICT,
)
def test_value_is_whole_cents(app: App, rng: Random) -> None:
    amount = rng.randint(10, 5000)
    wrong = [str(amount), True, False, amount + 0.5, -1, 1_000_001, None, [amount], f"{amount}.0"]
    require_each_refused(app, rng, "value_cents", wrong)


@check(
    "2.1-day-of-purchase",
    "The day of purchase is a day as text, today at the latest.",
    say="`bought_on` is a day as text, such as 2024-05-31, and not in the future. A number is no day, though Pydantic "
    "takes 0, and the text 0, for 1970-01-01 (and `strict=True` goes too far: FastAPI hands over parsed JSON, where a day is still "
    "text). What is the future has to be asked when the request comes, not when the module is imported.",
    docs=VALIDATORS,
)
def test_day_of_purchase_has_been(app: App, rng: Random) -> None:
    today = datetime.now(UTC).date()
    for ahead in (2, rng.randint(3, 400)):
        later = (today + timedelta(days=ahead)).isoformat()
        body = make_donation(rng, bought_on=later, received_at="2199-01-01T00:00:00Z")
        require_refused(app.post("/donations", json=body), "bought_on")
    require_each_refused(
        app,
        rng,
        "bought_on",
        [0, 1_700_000_000, 86400.0, True, "0", "1700000000", "31/05/2024", "2023-02-30", "yesterday", None],
    )
    soon = (today + timedelta(days=1)).isoformat()
    body = make_donation(rng, bought_on=today.isoformat(), received_at=f"{soon}T12:00:00Z")
    shown = create(
        app,
        body,
        say="What was bought today may be given today: the last day that is allowed is today (in UTC).",
    )
    require(shown.get("bought_on") == today.isoformat(), expected=today.isoformat(), received=shown)


@check(
    "2.1-every-fault-named",
    "Several faults at once are all reported, each at its field.",
    say="Everything that is wrong is reported at once, each fault with its field in `loc`, such as "
    '`["body", "serial"]`. A check inside the path operation ends at the first one and has no `loc`: a rule about '
    "one field belongs to the field's type.",
    docs="https://fastapi.tiangolo.com/tutorial/body/",
)
def test_every_fault_is_named(app: App, rng: Random) -> None:
    digits, check_digit = make_number(rng)
    wrong: dict[str, Any] = {
        "name": " x ",
        "serial": f"TS-{digits}-{(check_digit + rng.randint(1, 9)) % 10}",
        "value_cents": str(rng.randint(1, 99)),
        "bought_on": "2199-01-01",
    }
    for fields in (list(wrong), rng.sample(list(wrong), 2)):
        body = make_donation(rng) | {field: wrong[field] for field in fields}
        reply = app.post("/donations", json=body)
        expect(reply).status(422)
        places = sorted(str(fault["loc"][-1]) for fault in faults(reply))
        require(places == sorted(fields), expected=sorted(fields), received=places or reply.json, reply=reply)
