"""4.1 One session: helpers share a unit of work, and a failed request leaves neither rows nor connections."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from checker.suite import App, World, call, check, expect, require
from checker.suites.chapter_04.shed import (
    Row,
    Shed,
    refuse_journal,
    require_loans,
    require_on_shelf,
    settled,
    shelf_of,
)

_POOL_OF_TWO = {"TOOLSHED_POOL_SIZE": "2", "TOOLSHED_POOL_TIMEOUT": "4"}


def world(rng: Random) -> World:
    shed = Shed(rng)
    category = shed.category()
    # Tools on both sides of the one whose checkout and return are looked at closely.
    lower, middle, higher = sorted(shed.number("tools") for _ in range(3))
    owner, twice = shed.member(), shed.tool(category, id=higher)
    shed.loan(owner, twice)
    return shed.world(
        good=shed.tool(category, id=lower, copies=20, available=20 - rng.randrange(3)),
        # Even: from an odd number, flipping its last bit would count right.
        lent=shed.tool(category, id=middle, copies=20, available=2 * rng.randrange(2, 10)),
        trap=shed.tool(category),
        empty=shed.tool(category, available=0),
        twice=twice,
        owner=owner,
        members=[shed.member() for _ in range(10)],
    )


def check_out(tool: Row) -> str:
    return f"/counter/tools/{tool['id']}/loans"


@check(
    "4.1-nothing-left",
    "A request that fails in its last step leaves nothing of its first ones.",
    say="The request failed in its last step, but what shelf or loan book had written before is still there. Each "
    "helper works in a session of its own and commits on its own: give all three the same session, and commit "
    "once, when everything has been done.",
    docs="https://fastapi.tiangolo.com/tutorial/dependencies/dependencies-with-yield/",
)
def test_failed_request_leaves_nothing(fresh_app: App, world: World) -> None:
    trap, twice = world.facts["trap"], world.facts["twice"]
    refuse_journal(fresh_app, trap)
    for tool, member, has in ((twice, world.facts["owner"], [twice]), (trap, world.facts["members"][0], [])):
        # Longer than SQLite waits for a lock: a session left open is another check's business.
        reply = fresh_app.post(check_out(tool), token=member["token"], timeout=15)
        require(reply.status >= 400, expected="a refusal", received=reply.shown(), reply=reply)
        settled(reply)
        require_on_shelf(
            fresh_app,
            tool,
            member,
            tool["available"],
            after=reply,
            say="The request failed, and still a copy is gone from the shelf: what the first helper wrote was "
            "committed. Give the helpers one session, commit it once, at the end, and only if all went well.",
        )
        require_loans(
            fresh_app,
            member,
            has,
            after=reply,
            say="The request failed, and still the loan stands in the book: what a helper wrote was committed. Give "
            "the helpers one session, commit it once, at the end, and only if all went well.",
        )


@check(
    "4.1-written-together",
    "A checkout and a return that succeed have written shelf, loan book and journal.",
    say="The tool was lent or came back, but shelf, loan book and journal do not all say so. Something was written in a session "
    "that nobody commits: let all helpers write in the one session of the request.",
)
def test_success_writes_everything(fresh_app: App, world: World) -> None:
    app, tool, member = fresh_app, world.facts["lent"], world.facts["members"][1]
    before = shelf_of(app, member)
    reply = app.post(check_out(tool), token=member["token"])
    expect(reply).status(201).having({"tool_id": tool["id"], "member_id": member["id"]}).header("location")
    settled(reply)
    found = app.get(reply.headers["location"], token=member["token"])
    expect(found).status(200).having({"id": reply.json.get("id"), "tool_id": tool["id"]})
    require_loans(app, member, [tool])
    lent = {**before, tool["id"]: tool["available"] - 1}
    shelf = shelf_of(app, member)
    require(
        shelf == lent, expected="one copy of the tool less, and no other change", received=shelf, reply=reply
    )
    loan = found.json["id"]
    back = app.post(f"/counter/loans/{loan}/return", token=member["token"])
    expect(back).status(200).having({"loan_id": loan})
    settled(back)
    require_loans(app, member, [])
    shelf = shelf_of(app, member)
    require(shelf == before, expected="the shelf as it was before", received=shelf, reply=back)
    journal = app.get("/counter/events", token=member["token"])
    lines = [(line["kind"], line["tool_id"]) for line in journal.json]
    wanted = [("tool.returned", tool["id"]), ("tool.taken", tool["id"])]
    require(
        lines == wanted,
        expected="a line `tool.taken` and a line `tool.returned`, the newest first",
        received=lines[:5],
        reply=journal,
    )


@check(
    "4.1-five-at-once",
    "With a pool of two, five members are served at once.",
    say="Five requests at once, two connections, and not all of them were answered. A request that holds one "
    "connection and waits for a second can wait for ever when all others do the same: whatever a request needs, "
    "the member included, must come from the same session. Two spellings of the dependency (another function, "
    "another `scope`, `use_cache=False`) are two sessions.",
    docs="https://fastapi.tiangolo.com/tutorial/dependencies/sub-dependencies/",
)
def test_five_at_once_on_two_connections(start_app: Callable[..., App], world: World) -> None:
    app = start_app(env=_POOL_OF_TWO)
    tool, members = world.facts["good"], world.facts["members"][:5]
    expect(app.get("/counter/loans", token=members[0]["token"])).status(200)
    # Longer than the pool waits, so that a request without a connection is answered, and says why.
    calls = [call("POST", check_out(tool), token=member["token"], timeout=15) for member in members]
    for reply in app.together(*calls):
        expect(reply).status(201)


@check(
    "4.1-after-failures",
    "With a pool of two, requests are still answered after many that failed.",
    say="After a few requests that failed, the next one got no connection: the failed ones still hold theirs. "
    "Code after `yield` does not run when the request fails, unless it stands in `finally` or the session is "
    "opened with `async with`.",
    docs="https://fastapi.tiangolo.com/tutorial/dependencies/dependencies-with-yield/",
)
def test_connections_come_back_after_failures(start_app: Callable[..., App], world: World) -> None:
    app = start_app(env={"TOOLSHED_POOL_SIZE": "2", "TOOLSHED_POOL_TIMEOUT": "0.5"})
    trap, empty, member = world.facts["trap"], world.facts["empty"], world.facts["members"][5]
    refuse_journal(app, trap)
    expect(app.get("/counter/loans", token=member["token"])).status(200)
    for tool in (empty, trap, empty, trap, empty):
        reply = app.post(check_out(tool), token=member["token"])
        if tool is empty:
            expect(reply).status(409)
        settled(reply)
    expect(app.post(check_out(world.facts["good"]), token=member["token"])).status(201)
    lost = [line for line in app.logs() if "non-checked-in connection" in line]
    require(
        not lost,
        expected="every session closed by the app",
        received=lost[0] if lost else None,
        say="A request that failed left its session open; Python's garbage collector found the connection by "
        "chance. Under load that is too late. Open the session with `async with`, or close it in `finally`.",
    )


@check(
    "4.1-each-its-own",
    "Of requests that run at the same time, the failed ones take nothing with them.",
    say="Ten members came at once, and half of their requests had to fail. Afterwards the loans are not those that "
    "were answered with 201: requests share a session, so one request commits or rolls back another's rows. Make "
    "a new session for each request; a module-level one is shared by all.",
    docs="https://fastapi.tiangolo.com/tutorial/dependencies/dependencies-with-yield/",
)
def test_parallel_requests_do_not_mix(start_app: Callable[..., App], world: World) -> None:
    # Connections in plenty: how many a request takes is another check's business.
    app = start_app(env={"TOOLSHED_POOL_SIZE": "30"})
    good, trap, members = world.facts["good"], world.facts["trap"], world.facts["members"]
    refuse_journal(app, trap)
    tools = [trap if number % 2 else good for number in range(len(members))]
    pairs = list(zip(tools, members, strict=True))
    replies = app.together(
        *(call("POST", check_out(tool), token=member["token"], timeout=15) for tool, member in pairs)
    )
    settled(*replies)
    for (tool, member), reply in zip(pairs, replies, strict=True):
        require_loans(app, member, [tool] if reply.status == 201 else [], after=reply)
