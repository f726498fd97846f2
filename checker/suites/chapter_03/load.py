"""The load test of chapter 3: the desk without its catalogue."""

from __future__ import annotations

from random import Random

from checker.suite import Call, World, call
from checker.suites.chapter_03.desk import workshop


def world(rng: Random) -> World:
    return workshop(rng, tools=60)


def requests(rng: Random, world: World) -> list[Call]:
    """Tools, the loan book and what is known of recalls."""
    calls = []
    for tool in world.facts["tools"]:
        calls += [
            call("GET", "/tools"),
            call("GET", "/loans"),
            call("GET", f"/tools/{tool['id']}/recalls/stored"),
        ]
    rng.shuffle(calls)
    return calls
