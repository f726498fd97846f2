"""Random donations for the suites of this chapter, and what a refusal says of them."""

from __future__ import annotations

import string
from random import Random
from typing import Any

from checker.suite import App, Reply, expect, require

Body = dict[str, Any]

_NOUNS = ("hammer", "drill", "saw", "ladder", "plane", "rasp", "clamp", "level", "router", "chisel")
_ADJECTIVES = ("Heavy", "Long", "Short", "Narrow", "Bent", "Blue", "Sharp", "Dusty", "Small", "Old")


def token(rng: Random, length: int = 9) -> str:
    """Lower-case letters that nothing else contains by chance."""
    return "".join(rng.choices(string.ascii_lowercase, k=length))


def make_number(rng: Random) -> tuple[str, int]:
    """Four digits of a serial, and the check digit that belongs to them."""
    digits = f"{rng.randrange(10_000):04d}"
    return digits, sum(map(int, digits)) % 10


def make_serial(rng: Random) -> str:
    """A serial as the shed writes it."""
    digits, check_digit = make_number(rng)
    return f"TS-{digits}-{check_digit}"


def make_day(rng: Random, first: int = 2015, last: int = 2022) -> str:
    """Some day of the past."""
    return f"{rng.randint(first, last)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"


def make_moment(rng: Random, offset: str = "Z") -> str:
    """A moment after all days of `make_day`."""
    clock = f"{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}:{rng.randint(0, 59):02d}"
    return f"{make_day(rng, 2023, 2025)}T{clock}{offset}"


def make_donor(rng: Random) -> Body:
    """A donor, each value of which is found again wherever it turns up."""
    return {
        "name": f"Donor {token(rng)}",
        "phone": f"+34{rng.randrange(10**9, 10**10)}",
        "access_code": f"code-{token(rng, 12)}",
    }


def make_hand(rng: Random) -> Body:
    return {"kind": "hand", "handle": rng.choice(("wood", "metal", "plastic"))}


def make_mains(rng: Random) -> Body:
    return {"kind": "power", "source": {"type": "mains", "watts": rng.randint(50, 4000)}}


def make_battery(rng: Random) -> Body:
    volts, amp_hours = rng.choice((10.8, 12, 18, 36)), rng.randint(2, 9) + 0.5
    return {"kind": "power", "source": {"type": "battery", "volts": volts, "amp_hours": amp_hours}}


def make_ladder(rng: Random) -> Body:
    return {"kind": "ladder", "rungs": rng.randint(3, 39)}


KINDS = (make_hand, make_mains, make_battery, make_ladder)


def make_donation(rng: Random, **fields: Any) -> Body:
    """A body that `POST /donations` has to accept, unlike any other."""
    body = {
        "name": f"{rng.choice(_ADJECTIVES)} {rng.choice(_NOUNS)} {token(rng)}",
        "serial": make_serial(rng),
        "value_cents": rng.randint(100, 90_000),
        "bought_on": make_day(rng),
        "received_at": make_moment(rng),
        "tool": make_hand(rng),
        "donor": make_donor(rng),
    }
    return body | fields


def create(app: App, body: Body, say: str | None = None) -> Body:
    """The reply to a `POST` that has to succeed."""
    reply = app.post("/donations", json=body)
    expect(reply, say).status(201)
    shown = reply.json
    require(
        isinstance(shown, dict) and isinstance(shown.get("id"), int),
        expected="the donation with its `id`",
        received=shown,
        reply=reply,
    )
    assert isinstance(shown, dict)
    return shown


def donation(app: App, donation_id: object) -> Body:
    """What `GET` shows of one donation."""
    reply = app.get(f"/donations/{donation_id}")
    expect(reply).status(200)
    shown: Body = reply.json
    return shown


def faults(reply: Reply) -> list[Body]:
    """What a 422 says is wrong, as far as it has FastAPI's shape."""
    detail = reply.json.get("detail") if isinstance(reply.json, dict) else None
    entries = detail if isinstance(detail, list) else []
    return [entry for entry in entries if isinstance(entry, dict) and isinstance(entry.get("loc"), list)]


def require_refused(reply: Reply, field: str, say: str | None = None) -> None:
    """A 422 that names this field of the body."""
    expect(reply, say).status(422)
    places = [fault["loc"] for fault in faults(reply)]
    require(
        any(place[:2] == ["body", field] for place in places),
        expected=f'a fault at ["body", "{field}"]',
        received=places or reply.json,
        reply=reply,
        say=say,
    )
