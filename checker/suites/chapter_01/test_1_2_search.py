"""1.2 Search: query parameters with bounds, repeated ones, and unknown ones refused."""

from __future__ import annotations

from random import Random
from typing import Any

from checker.suite import App, Reply, World, check, expect, require
from checker.suites.chapter_01.catalogue import (
    Tool,
    is_available,
    make_ids,
    make_loans,
    make_tool,
    make_world,
    public_view,
    token,
)


def world(rng: Random) -> World:
    """130 tools in five categories; some have no description, some are out, two names hold odd signs."""
    categories = [f"{token(rng)}-{number}" for number in range(5)]
    tools = []
    for position, tool_id in enumerate(make_ids(rng, 130)):
        copies = rng.randint(1, 3)
        out = rng.choice([0, copies, max(0, copies - 1)])
        tool = make_tool(
            rng,
            tool_id,
            category=categories[position % 5],
            copies=copies,
            loans=make_loans(rng, out + rng.randint(0, 2), still_out=out),
        )
        if position % 3 == 0:
            tool["description"] = None
        tools.append(tool)
    # After its copies were counted down, a tool can have more of them out than there are.
    tools[rng.randrange(130)].update(copies=1, loans=make_loans(rng, 3, still_out=2))
    rng.choice(tools)["name"] = f"Ladder ({token(rng)}"
    rng.choice(tools)["name"] = f"Slope 10% {token(rng)}"
    return make_world(tools)


def ids(reply: Reply) -> list[Any]:
    """The numbers in a reply that should be an array of tools."""
    expect(reply).status(200)
    require(isinstance(reply.json, list), expected="a JSON array of tools", received=reply.json, reply=reply)
    return [row.get("id") if isinstance(row, dict) else row for row in reply.json]


def require_found(reply: Reply, tools: list[Tool], say: str | None = None) -> None:
    """The reply holds exactly the first page of these tools."""
    received, expected = ids(reply), [tool["id"] for tool in tools]
    require(received == expected, expected=expected, received=received, reply=reply, say=say)


@check(
    "1.2-pages",
    "`limit` and `offset` walk through all tools, lowest number first, 20 at a time unless told otherwise.",
    say="`GET /tools` gives 20 tools unless `limit` says otherwise, ordered by number, and skips `offset` of them. "
    "Declare both with their defaults and cut the ordered list.",
)
def test_pages_walk_through_all_tools(app: App, world: World, rng: Random) -> None:
    tools = world.facts["tools"]
    first = app.get("/tools")
    require_found(first, tools[:20])
    expect(app.get("/tools", params={"limit": 1})).json([row for row in first.json[:1]])
    row = {key: first.json[0].get(key) for key in public_view(tools[0])}
    require(row == public_view(tools[0]), expected=public_view(tools[0]), received=row, reply=first)
    limit = rng.randint(30, 60)
    for offset in range(0, len(tools) + limit, limit):
        reply = app.get("/tools", params={"limit": limit, "offset": offset})
        require_found(reply, tools[offset : offset + limit])
    require_found(app.get("/tools", params={"limit": 100}), tools[:100])
    require_found(app.get("/tools", params={"offset": len(tools) + rng.randint(1, 99)}), [])


@check(
    "1.2-q",
    "`q` finds a piece of the name or the description, in capitals or not.",
    say="`q` has to find every tool whose name or description holds it, whatever the capitals. Mind tools without "
    "a description, and take the text as it stands: `(` and `%` are no patterns.",
)
def test_q_finds_pieces_of_name_and_description(app: App, world: World, rng: Random) -> None:
    tools = world.facts["tools"]
    named = rng.choice([tool for tool in tools if "(" not in tool["name"] and "%" not in tool["name"]])
    described = rng.choice([tool for tool in tools if tool["description"]])
    pieces = [
        named["name"].split()[-1].upper(),
        described["description"].rstrip(".").split()[-1],
        described["description"].rstrip(".").split()[-1].title(),
        "(",
        "%",
        "hammer",
        token(rng, 12),
        "x" * 80,
    ]
    for piece in pieces:
        found = [
            tool
            for tool in tools
            if piece.lower() in tool["name"].lower() or piece.lower() in (tool["description"] or "").lower()
        ]
        require_found(app.get("/tools", params={"q": piece}), found[:20])


@check(
    "1.2-category",
    "`category` may be given once or several times, and then any of them counts.",
    say="`?category=a&category=b` has to give the tools of both. A list is read from the query only where it is "
    "declared so: as a field of a query model, or `Annotated[list[str], Query()]`. A bare `list[str]` is taken "
    "for a request body.",
    docs="https://fastapi.tiangolo.com/tutorial/query-params-str-validations/",
)
def test_categories_are_alternatives(app: App, world: World, rng: Random) -> None:
    tools = world.facts["tools"]
    categories = sorted({tool["category"] for tool in tools})
    for wanted in (rng.sample(categories, 1), rng.sample(categories, 2), rng.sample(categories, 3)):
        found = [tool for tool in tools if tool["category"] in wanted]
        require_found(app.get("/tools", params={"category": wanted, "limit": 100}), found[:100])
    require_found(app.get("/tools", params={"category": token(rng)}), [])


@check(
    "1.2-available",
    "`available` keeps the tools that have a copy in the shed, or those that have none.",
    say="`available=true` has to keep the tools with a copy in the shed, `available=false` those without one, and "
    "leaving it out keeps both. `if available:` treats false like absent; compare with `None`.",
)
def test_available_tells_true_false_and_absent_apart(app: App, world: World) -> None:
    tools = world.facts["tools"]
    for text, wanted in (("true", True), ("false", False)):
        found = [tool for tool in tools if is_available(tool) is wanted]
        require_found(app.get("/tools", params={"available": text, "limit": 100}), found[:100])


@check(
    "1.2-together",
    "Several filters hold at once, and paging comes after them.",
    say="With several filters a tool has to satisfy each of them, and `limit` and `offset` count what is left "
    "after filtering. Filter first, then cut.",
)
def test_filters_hold_at_once_and_paging_comes_last(app: App, world: World, rng: Random) -> None:
    tools = world.facts["tools"]
    wanted = rng.choice([tool for tool in tools if is_available(tool)])["category"]
    found = [tool for tool in tools if tool["category"] == wanted and is_available(tool)]
    query = {"category": wanted, "available": "true"}
    require_found(app.get("/tools", params=query | {"limit": 100}), found)
    require_found(app.get("/tools", params=query | {"limit": 2, "offset": 1}), found[1:3])
    piece = rng.choice(found)["name"].split()[-1]
    require_found(
        app.get("/tools", params=query | {"q": piece}), [tool for tool in found if piece in tool["name"]]
    )
    require_found(app.get("/tools", params={"category": wanted, "available": "false", "q": piece}), [])


@check(
    "1.2-bounds",
    "A value out of bounds or of the wrong kind is 422.",
    say="This value is out of bounds, so it has to be 422. Put the bounds where the parameter is declared: "
    "`Field(ge=1, le=100)`. Quietly cutting it to what is allowed hides the client's mistake, and "
    "`min(limit, 100)` lets `-1` through, which gives nearly the whole table.",
    docs="https://fastapi.tiangolo.com/tutorial/query-param-models/",
)
def test_values_out_of_bounds_are_422(app: App, rng: Random) -> None:
    wrong = [
        *(
            {"limit": value}
            for value in ("0", "-1", str(-rng.randint(2, 99)), "101", str(10**9), token(rng), "2.5")
        ),
        *({"offset": value} for value in ("-1", str(-rng.randint(2, 99)), token(rng))),
        *({"available": value} for value in (token(rng), "2")),
        *({"q": value} for value in ("", "y" * 81)),
    ]
    for query in wrong:
        expect(app.get("/tools", params=query)).status(422)


@check(
    "1.2-unknown",
    "A parameter that `GET /tools` does not know is 422.",
    say="This parameter does not exist, and the request was answered as if it had not been sent: a client with a "
    'typing error gets the wrong tools and never learns why. A query model with `extra="forbid"` refuses it.',
    docs="https://fastapi.tiangolo.com/tutorial/query-param-models/",
)
def test_unknown_parameters_are_422(app: App, world: World, rng: Random) -> None:
    for name in (token(rng), "categroy", "page", "Limit"):
        expect(app.get("/tools", params={name: "1"})).status(422)
    category = rng.choice(world.facts["tools"])["category"]
    expect(app.get("/tools", params={"category": category, "limit": "5", token(rng): ""})).status(422)
