"""The load test of chapter 2: donations come in and are read, loans are checked."""

from __future__ import annotations

from random import Random

from checker.suite import Call, World, call
from checker.suites.chapter_02.intake import KINDS, make_donation


def world(rng: Random) -> World:
    """An empty shelf."""
    return World(
        facts={"donations": [make_donation(rng, tool=make(rng)) for make in KINDS for _ in range(3)]}
    )


def requests(rng: Random, world: World) -> list[Call]:
    """Donations, single ones read again, and the kiosk."""
    loan = {"kind": "hand", "valueCents": 500, "startsOn": "2027-03-01", "endsOn": "2027-03-08"}
    calls = [call("POST", "/donations", json=body) for body in world.facts["donations"]]
    calls += [call("POST", "/kiosk/loan-checks", json=loan | {"depositCents": 0}) for _ in range(6)]
    calls += [call("GET", "/desk") for _ in range(6)]
    rng.shuffle(calls)
    return calls
