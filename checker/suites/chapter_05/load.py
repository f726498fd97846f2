"""The load test of chapter 5: the catalogue, as visitors read it; one login alone would take longer than M4 allows."""

from __future__ import annotations

from random import Random

from checker.suite import Call, World, call
from checker.suites.chapter_05.accounts import Door


def world(rng: Random) -> World:
    door = Door(rng)
    return door.world(member=door.member(), tools=[door.tool() for _ in range(60)])


def requests(rng: Random, world: World) -> list[Call]:
    """The catalogue, and now and then somebody who shows no token."""
    calls = [call("GET", "/tools") for _ in range(20)]
    calls.append(call("GET", "/health/live"))
    rng.shuffle(calls)
    return calls
