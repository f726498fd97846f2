"""The load test of chapter 1: what visitors of the catalogue do."""

from __future__ import annotations

from random import Random

from checker.suite import Call, World, call
from checker.suites.chapter_01.catalogue import make_ids, make_loans, make_tool, make_world


def world(rng: Random) -> World:
    """Two hundred tools in about a dozen categories."""
    categories = [f"shelf-{letter}" for letter in "abcdefghijkl"]
    return make_world(
        make_tool(rng, tool_id, category=rng.choice(categories), loans=make_loans(rng, rng.randint(0, 3)))
        for tool_id in make_ids(rng, 200)
    )


def requests(rng: Random, world: World) -> list[Call]:
    """Searches, pages and single tools, all of them right."""
    tools = world.facts["tools"]
    chosen = rng.sample(tools, 20)
    return [
        *(call("GET", f"/tools/{tool['id']}") for tool in chosen),
        *(call("GET", "/tools", params={"category": tool["category"], "limit": 10}) for tool in chosen[:10]),
        *(call("GET", "/tools", params={"q": tool["name"].split()[-1]}) for tool in chosen[:5]),
        *(call("GET", "/tools", params={"offset": offset}) for offset in (0, 20, 60, 120)),
        call("GET", "/tools/featured"),
        call("GET", "/noticeboard"),
    ]
