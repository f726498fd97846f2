"""The load test of chapter 4: a counter on a busy Saturday, reading only."""

from __future__ import annotations

from random import Random

from checker.suite import Call, World, call
from checker.suites.chapter_04.shed import Shed


def world(rng: Random) -> World:
    shed = Shed(rng)
    categories = [shed.category() for _ in range(3)]
    tools = [shed.tool(rng.choice(categories)) for _ in range(60)]
    members = [shed.member() for _ in range(20)]
    loans = [(member, shed.loan(member, rng.choice(tools))) for member in members for _ in range(2)]
    return shed.world(members=members, loans=loans)


def requests(rng: Random, world: World) -> list[Call]:
    """Shelf, own loans and one loan, as members ask for them."""
    calls = []
    for member, loan in world.facts["loans"]:
        calls += [
            call("GET", "/counter/shelf", token=member["token"]),
            call("GET", "/counter/loans", token=member["token"]),
            call("GET", f"/counter/loans/{loan['id']}", token=member["token"]),
        ]
    rng.shuffle(calls)
    return calls
