"""4.3 Asked once: the request's cache, and when to go round it."""

from __future__ import annotations

import re
from random import Random

from checker.suite import App, Reply, World, check, expect, require
from checker.suites.chapter_04.shed import Shed, opened, settled

_CACHE = (
    "https://fastapi.tiangolo.com/tutorial/dependencies/sub-dependencies/"
    "#using-the-same-dependency-multiple-times"
)
_READS_MEMBER = re.compile(
    r"\A\s*(?:SELECT|WITH)\b.*\b(?:FROM|JOIN)\s+[\"`\[]?members\b", re.IGNORECASE | re.DOTALL
)


def world(rng: Random) -> World:
    shed = Shed(rng)
    category = shed.category()
    trainings = [f"{word}-{rng.getrandbits(16):04x}" for word in ("heights", "saws", "welding")]
    while trainings == sorted(trainings):
        rng.shuffle(trainings)
    before, between, after = sorted(shed.number("members") for _ in range(3))
    member = shed.member(id=between, trainings=trainings, balance_cents=-1999)
    debtors = [
        shed.member(id=before, balance_cents=-2000),
        shed.member(id=after, balance_cents=-rng.randrange(2001, 9000)),
    ]
    open_loans = rng.randrange(1, 4)
    for _ in range(open_loans):
        shed.loan(member, shed.tool(category))
    shed.loan(member, shed.tool(category), returned=True)
    return shed.world(
        member=member, debtors=debtors, open_loans=open_loans, blocked=shed.member(), renamed=shed.member()
    )


@check(
    "4.3-read-once",
    "A slip reads the member once, however many parts of it need the member.",
    say="One slip, and the table `members` was read several times. Let each helper take the member as a parameter "
    "with `Depends`: FastAPI calls the dependency once for each request and hands the same object to all who "
    "ask. Calling the function yourself, or another spelling of it (`use_cache=False`, another `scope`), goes "
    "round that cache.",
    docs=_CACHE,
)
def test_member_is_read_once(app: App, world: World) -> None:
    reply = app.post("/counter/slips", token=world.facts["member"]["token"])
    expect(reply).status(201)
    reads = [statement for statement in reply.sql if _READS_MEMBER.match(statement)]
    require(
        len(reads) <= 1,
        expected="one statement that reads `members`",
        received=f"{len(reads)} statements that read `members`",
        reply=reply,
    )


@check(
    "4.3-slip-is-right",
    "A slip shows the member's name, balance, trainings, open loans and standing.",
    say="The slip does not show what the database says of this member. The task changes who reads the member, not "
    "what the slip says.",
)
def test_slip_tells_the_truth(app: App, world: World) -> None:
    member = world.facts["member"]
    expect(app.post("/counter/slips", token=member["token"])).status(201).having(
        {
            "greeting": f"Hello, {member['name']}.",
            "balance_cents": member["balance_cents"],
            "trainings": sorted(member["trainings"]),
            "open_loans": world.facts["open_loans"],
            "standing": "good",
        }
    )
    for debtor in world.facts["debtors"]:
        expect(app.post("/counter/slips", token=debtor["token"])).status(201).having(
            {"trainings": [], "open_loans": 0, "standing": "in debt"}
        )


@check(
    "4.3-two-numbers",
    "A slip and its copy have different numbers.",
    say="Slip and copy have the same number: within a request FastAPI calls a dependency once and hands the result "
    "to both. Say `use_cache=False` where every use needs a call of its own.",
    docs=_CACHE,
)
def test_slip_and_copy_have_two_numbers(app: App, world: World) -> None:
    for _ in range(3):
        reply = app.post("/counter/slips", token=world.facts["member"]["token"])
        slip, copy = numbers(reply)
        require(
            slip != copy, expected="two different numbers", received={"slip": slip, "copy": copy}, reply=reply
        )


@check(
    "4.3-no-number-twice",
    "No number is given out twice, whoever asks.",
    say="A number of this slip stood on an earlier one. Each number must be drawn from the shed's own row, one "
    "draw for each use; adding 1 to the last one, or remembering it between requests, gives it out again.",
    docs=_CACHE,
)
def test_no_number_is_given_out_twice(fresh_app: App, world: World, rng: Random) -> None:
    others = {"receipts": rng.randrange(10**6, 10**7), "tags": rng.randrange(10**6, 10**7)}
    with opened(fresh_app) as connection:
        connection.executemany("INSERT INTO numbers (name, value) VALUES (?, ?)", others.items())
    seen: set[object] = set()
    member, debtor = world.facts["member"], world.facts["debtors"][0]
    for who in (member, debtor, member):
        reply = fresh_app.post("/counter/slips", token=who["token"])
        # Slip and copy may be equal here: that is another check's business.
        drawn = set(numbers(reply))
        require(
            not drawn & seen,
            expected="numbers that no slip had before",
            received={"drawn before": sorted(map(str, drawn & seen))},
            reply=reply,
        )
        seen |= drawn
        settled(reply)
    with opened(fresh_app) as connection:
        found = dict(
            connection.execute("SELECT name, value FROM numbers WHERE name IN (?, ?)", tuple(others))
        )
    require(
        found == others,
        expected=f"the last numbers of receipts and tags as they were, {others}",
        received=found,
        say="The table `numbers` holds a row for each thing that is numbered, and a slip moved the row of another "
        "one. Slips draw from the row `slips`, as the given `draw_number` does.",
    )


@check(
    "4.3-blocked-now",
    "What changes about a member holds from the next request on.",
    say="The member's row changed, and the next request still saw the old one. The cache of a dependency lives for "
    "one request; something here (an `lru_cache`, a dictionary in a module) lives longer and lets a blocked "
    "member in.",
    docs=_CACHE,
)
def test_changes_hold_in_the_next_request(fresh_app: App, world: World) -> None:
    blocked, renamed = world.facts["blocked"], world.facts["renamed"]
    for member in (blocked, renamed):
        first = fresh_app.post("/counter/slips", token=member["token"])
        expect(first).status(201)
        settled(first)
    name = renamed["name"][::-1]
    with opened(fresh_app) as connection:
        connection.execute("UPDATE members SET blocked = 1 WHERE id = ?", (blocked["id"],))
        connection.execute("UPDATE members SET name = ? WHERE id = ?", (name, renamed["id"]))
    expect(fresh_app.post("/counter/slips", token=renamed["token"])).status(201).having(
        {"greeting": f"Hello, {name}."}
    )
    expect(fresh_app.post("/counter/slips", token=blocked["token"])).status(403)


def numbers(reply: Reply) -> tuple[int, int]:
    """The two numbers of a slip."""
    expect(reply).status(201)
    slip, copy = (reply.json.get(name) for name in ("slip_number", "copy_number"))
    require(
        isinstance(slip, int) and isinstance(copy, int),
        expected="`slip_number` and `copy_number`, whole numbers",
        received=reply.shown(),
        reply=reply,
    )
    return slip, copy
