"""1.1 Tools by number: path parameters with bounds, and a fixed path beside a variable one."""

from __future__ import annotations

from random import Random

from checker.suite import App, World, check, expect, require
from checker.suites.chapter_01.catalogue import (
    make_ids,
    make_loans,
    make_tool,
    make_world,
    public_view,
    token,
    unused_id,
)


def world(rng: Random) -> World:
    """Thirteen tools, number 1 among them; the third and the fourth in the order of loans have equally many."""
    ids = [1, *make_ids(rng, 12)]
    most = rng.randint(20, 30)
    lent = [most, most - 3, most - 7, most - 7, *(rng.randint(0, 5) for _ in ids[4:])]
    rng.shuffle(lent)
    return make_world(
        # What is out does not count more than what has come back: the least lent have the most copies out.
        make_tool(rng, tool_id, copies=6, loans=make_loans(rng, number, still_out=5 if number == 5 else 0))
        for tool_id, number in zip(ids, lent, strict=True)
    )


@check(
    "1.1-known",
    "A number that a tool has gives that tool.",
    say="`GET /tools/{tool_id}` has to answer 200 with the tool of that number. Declare the path parameter with "
    "its type, look the tool up in the inventory, and return it.",
)
def test_number_gives_its_tool(app: App, world: World, rng: Random) -> None:
    first, *others = world.facts["tools"]
    for tool in (first, *rng.sample(others, 3)):
        expect(app.get(f"/tools/{tool['id']}")).status(200).having(public_view(tool))


@check(
    "1.1-unknown",
    "A number that no tool has is 404.",
    say="A number that no tool has has to be 404. A lookup that finds nothing gives `None`; returned as it is, that is "
    "a 500 where a tool was promised, and 200 `null` where it was not. Raise "
    "`HTTPException(status.HTTP_404_NOT_FOUND, ...)` instead.",
    docs="https://fastapi.tiangolo.com/tutorial/handling-errors/",
    lesson="statuses-and-headers",
)
def test_unknown_number_is_404(app: App, world: World, rng: Random) -> None:
    for _ in range(2):
        expect(app.get(f"/tools/{unused_id(rng, world.facts['tools'])}")).status(404)


@check(
    "1.1-not-a-number",
    "What is no number, or below 1, is 422.",
    say="This cannot be the number of a tool, so it has to be 422 before your function runs. Let FastAPI do it: "
    "`Annotated[int, Path(ge=1)]`. A parameter of type `str` with `int()` inside ends in a 500, and a "
    "404 tells the client to look elsewhere rather than to mend its request.",
    docs="https://fastapi.tiangolo.com/tutorial/path-params-numeric-validations/",
    lesson="path-and-query",
)
def test_what_is_no_number_is_422(app: App, rng: Random) -> None:
    for wrong in (token(rng), f"{rng.randint(1, 9)}.5", "0", str(-rng.randint(1, 9_000))):
        expect(app.get(f"/tools/{wrong}")).status(422)


@check(
    "1.1-featured",
    "`/tools/featured` gives the three tools that have been lent most.",
    say="`GET /tools/featured` has to give the three tools with the most loans, the most lent first, and the "
    "lower number first where two are equal. Count every loan, also the ones that have come back.",
)
def test_featured_are_the_three_most_lent(app: App, world: World) -> None:
    reply = app.get("/tools/featured")
    expect(
        reply,
        say="`GET /tools/featured` is answered by `/tools/{tool_id}`, for which `featured` is no number. Routes "
        "are tried in the order in which they are declared: put the fixed path first."
        if reply.status == 422
        else None,
    ).status(200)
    tools = sorted(world.facts["tools"], key=lambda tool: (-len(tool["loans"]), tool["id"]))[:3]
    numbers = [tool["id"] for tool in tools]
    require(
        isinstance(reply.json, list), expected="a JSON array of three tools", received=reply.json, reply=reply
    )
    received = [row.get("id") if isinstance(row, dict) else row for row in reply.json]
    require(received == numbers, expected=numbers, received=received, reply=reply)
    for row, tool in zip(reply.json, tools, strict=True):
        expected = public_view(tool)
        held = {key: row.get(key) for key in expected}
        require(held == expected, expected=expected, received=held, reply=reply)
