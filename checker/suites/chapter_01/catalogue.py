"""Random tools for the suites of this chapter, what the public should see of them, and what the shed stores."""

from __future__ import annotations

import string
from collections.abc import Iterable
from random import Random
from typing import Any

from checker.suite import App, World, expect

Tool = dict[str, Any]

PUBLIC = ("id", "name", "category", "description", "condition", "value_cents", "copies", "available")
PRIVATE = ("supplier_email", "purchase_note")
SENT = ("name", "category", "description", "condition", "value_cents", "copies", *PRIVATE)
"""The keys that a client may send."""
DEFAULTS: dict[str, Any] = {
    "description": None,
    "condition": "good",
    "copies": 1,
    "supplier_email": None,
    "purchase_note": None,
}
_NOUNS = ("hammer", "drill", "saw", "ladder", "plane", "rasp", "clamp", "level", "router", "chisel")
_ADJECTIVES = ("heavy", "long", "short", "narrow", "cordless", "bent", "blue", "sharp", "dusty", "small")
_CONDITIONS = ("new", "good", "worn", "broken")


def token(rng: Random, length: int = 7) -> str:
    """Lower-case letters that nothing else contains by chance."""
    return "".join(rng.choices(string.ascii_lowercase, k=length))


def make_sent(rng: Random, **fields: Any) -> Tool:
    """A body that `POST /tools` has to accept: every key, none at its default, unlike any other."""
    body = {
        "name": f"{rng.choice(_ADJECTIVES).title()} {rng.choice(_NOUNS)} {token(rng)}",
        "category": f"{rng.choice(_NOUNS)}-{token(rng)}",
        "description": f"{rng.choice(_ADJECTIVES).title()}, says {token(rng)}.",
        "condition": rng.choice([one for one in _CONDITIONS if one != "good"]),
        "value_cents": rng.randint(100, 90_000),
        "copies": rng.randint(2, 9),
        "supplier_email": f"{token(rng, 12)}@supplier.example",
        "purchase_note": f"note {token(rng, 12)}",
    }
    return body | fields


def make_loans(rng: Random, number: int, *, still_out: int = 0) -> list[Tool]:
    """Loans of one tool, the last `still_out` of them open, with numbers that occur nowhere else."""
    return [
        {
            "id": rng.randrange(1_000_000, 100_000_000),
            "due_on": f"2026-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}",
            "returned_at": None if position >= number - still_out else "2026-06-01T12:00:00Z",
        }
        for position in range(number)
    ]


def make_tool(rng: Random, tool_id: int, **fields: Any) -> Tool:
    """A stored tool, by default with all copies in the shed."""
    return {"id": tool_id} | make_sent(rng) | {"loans": []} | fields


def make_ids(rng: Random, number: int) -> list[int]:
    """Numbers for tools, rising, with gaps."""
    return sorted(rng.sample(range(2, 9_000), number))


def make_world(tools: Iterable[Tool]) -> World:
    """A shed that holds these tools, handed over in no particular order."""
    seeded = list(tools)
    return World(
        seed={"tools": sorted(seeded, key=lambda tool: str(tool["name"]))},
        facts={"tools": sorted(seeded, key=lambda tool: int(tool["id"]))},
    )


def unused_id(rng: Random, tools: Iterable[Tool]) -> int:
    """The number of no tool, above all that are in use."""
    return max(int(tool["id"]) for tool in tools) + rng.randint(1_000, 90_000)


def is_available(tool: Tool) -> bool:
    """At least one copy is in the shed."""
    return sum(loan["returned_at"] is None for loan in tool["loans"]) < int(tool["copies"])


def public_view(tool: Tool) -> Tool:
    """What everybody may see of a stored tool."""
    return {key: tool[key] for key in PUBLIC if key != "available"} | {"available": is_available(tool)}


def stored(app: App) -> dict[int, Tool]:
    """What the shed holds now, by number, as the given route says."""
    reply = app.get("/staff/inventory")
    expect(
        reply,
        say="`GET /staff/inventory` is given, and the tests look there to see what a request has changed. Put "
        "it back as the starter has it.",
    ).status(200)
    rows: list[Tool] = reply.json
    return {int(row["id"]): row for row in rows}


def version(app: App, tool_id: object) -> dict[str, str]:
    """The headers that a change needs once the stretch is done: its tests are not those of the other tasks."""
    tag = app.get(f"/tools/{tool_id}").headers.get("etag")
    return {"If-Match": tag or "*"}
