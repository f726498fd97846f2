"""1.6 Gone, or not yet: 204 without a body, 404 the second time, 409 while a copy is out."""

from __future__ import annotations

import re
from random import Random

from checker.suite import App, World, check, expect, require
from checker.suites.chapter_01.catalogue import (
    make_ids,
    make_loans,
    make_tool,
    make_world,
    stored,
    unused_id,
)


def world(rng: Random) -> World:
    """Twelve tools: of four a copy is out, four have never been lent, of four every copy has come back."""
    ids = make_ids(rng, 12)
    rng.shuffle(ids)
    out = [make_tool(rng, one, copies=copies) for one, copies in zip(ids, (1, 1, 2, 3), strict=False)]
    for tool in out:
        tool["loans"] = make_loans(rng, rng.randint(1, 4), still_out=1)
    never = [make_tool(rng, one) for one in ids[4:8]]
    back = [make_tool(rng, one, loans=make_loans(rng, rng.randint(1, 3))) for one in ids[8:]]
    built = make_world([*out, *never, *back])
    return World(seed=built.seed, facts={**built.facts, "out": out, "never": never, "back": back})


@check(
    "1.6-deleted",
    "DELETE answers 204 without a body, and the tool is gone.",
    say="DELETE has to answer 204 with no body at all, and the tool has to be gone from `GET /tools` and from "
    "`/staff/inventory`. Set `status_code=status.HTTP_204_NO_CONTENT` in the decorator and return nothing: a 200 "
    "with `null` is a body of four bytes.",
    docs="https://fastapi.tiangolo.com/tutorial/response-status-code/",
)
def test_deleted_tool_is_gone(app: App, world: World) -> None:
    tool = world.facts["never"][0]
    before = stored(app)
    expect(app.delete(f"/tools/{tool['id']}")).status(204).empty()
    after = stored(app)
    gone = sorted(before.keys() - after.keys())
    require(gone == [tool["id"]], expected={"gone": [tool["id"]]}, received={"gone": gone})
    listed = app.get("/tools", params={"limit": 100})
    expect(listed).status(200)
    require(
        all(row["id"] != tool["id"] for row in listed.json),
        expected=f"no tool {tool['id']} in `GET /tools`",
        received="it is still there",
        reply=listed,
    )


@check(
    "1.6-returned",
    "A tool whose loans have all come back can be deleted.",
    say="This tool has been lent before, but every copy is back, so DELETE has to succeed. A loan is open as long as "
    "its `returned_at` is null.",
)
def test_tool_with_returned_loans_can_be_deleted(app: App, world: World) -> None:
    for tool in world.facts["back"]:
        expect(app.delete(f"/tools/{tool['id']}")).status(200, 204)


@check(
    "1.6-unknown",
    "DELETE of a tool that does not exist, or not any more, is 404.",
    say="There is no tool of this number (any more), so DELETE has to be 404. `pop(tool_id, None)` and the like say "
    "nothing when there was nothing; look first.",
    docs="https://fastapi.tiangolo.com/tutorial/handling-errors/",
)
def test_delete_of_what_is_not_there_is_404(app: App, world: World, rng: Random) -> None:
    expect(app.delete(f"/tools/{unused_id(rng, world.facts['tools'])}")).status(404)
    tool = world.facts["never"][1]
    app.delete(f"/tools/{tool['id']}")
    expect(app.delete(f"/tools/{tool['id']}")).status(404)


@check(
    "1.6-out",
    "DELETE of a tool of which a copy is out is 409, names the loan and leaves the tool alone.",
    say="A copy of this tool is out, so DELETE has to be 409, the body has to hold the number of the open loan, and "
    "the tool has to stay. Decide before you change anything. A tool with a copy left in the shed is `available` "
    "and still has an open loan.",
    docs="https://fastapi.tiangolo.com/tutorial/handling-errors/",
)
def test_delete_while_a_copy_is_out_is_409(app: App, world: World) -> None:
    for tool in world.facts["out"]:
        reply = app.delete(f"/tools/{tool['id']}")
        expect(reply).status(409)
        loan = next(loan["id"] for loan in tool["loans"] if loan["returned_at"] is None)
        require(
            re.search(rf"(?<!\d){loan}(?!\d)", reply.text) is not None,
            expected=f"the number of the open loan, {loan}, in the body",
            received=reply.text,
            reply=reply,
        )
        require(
            tool["id"] in stored(app),
            expected=f"tool {tool['id']} still in the shed after the 409",
            received="it is gone",
            reply=reply,
        )
