"""3.2 The loan book: async queries, and a session for each task."""

from __future__ import annotations

from random import Random

from checker.suite import App, World, call, check, expect, require
from checker.suites.chapter_03.desk import (
    LARGEST,
    NUMBERS_SAY,
    Writer,
    add_tools,
    ask_meanwhile,
    loans_of,
    opened,
    order,
    require_bounds,
    require_own_sessions,
    takes_receipts,
    workshop,
)

_SESSIONS = "https://docs.sqlalchemy.org/en/21/orm/extensions/asyncio.html"


def world(rng: Random) -> World:
    return workshop(rng, tools=20)


@check(
    "3.2-accepted-ones",
    "Of twenty requests at once, exactly the accepted ones are in the book.",
    say="Twenty requests came at once, two for each of ten tools. Each tool is lent to one of the two (201), the other one is "
    "refused (409), and the book shows exactly those that got a 201. Where requests share a session, one request's "
    "rollback throws away what another has written; where nobody catches the database's `IntegrityError`, the "
    "refusal is a 500.",
    docs=_SESSIONS,
)
def test_twenty_at_once(fresh_app: App, world: World, rng: Random) -> None:
    takes_receipts(fresh_app)
    orders = [order(tool, rng) for tool in world.facts["tools"][:10] for _ in range(2)]
    rng.shuffle(orders)
    replies = fresh_app.together(*[call("POST", "/loans", json=one, timeout=4) for one in orders])
    for reply in replies:
        expect(reply).status(201, 409)
    lent = sorted(
        (one["tool_id"], one["member_id"])
        for one, reply in zip(orders, replies, strict=True)
        if reply.status == 201
    )
    require(
        [tool for tool, _ in lent] == sorted(tool["id"] for tool in world.facts["tools"][:10]),
        expected="each of the ten tools lent to one of the two who asked",
        received=f"{len(lent)} of 20 requests were answered with 201",
        reply=replies[0],
    )
    book = sorted((row.get("tool_id"), row.get("member_id")) for row in loans_of(fresh_app))
    require(book == lent, expected="exactly the accepted loans in the book", received=book, reply=replies[0])


@check(
    "3.2-session-of-its-own",
    "No two requests use one session at the same time.",
    say="Two requests used one database session at the same time. A session holds one transaction and one "
    "connection, and it belongs to one task; shared, it mixes up what they write, mostly without an error. "
    "Make one for each request, `async with sessions() as session:`, and let nothing keep it.",
    docs=_SESSIONS,
)
def test_each_request_has_its_session(fresh_app: App, world: World, rng: Random) -> None:
    takes_receipts(fresh_app)
    orders = [call("POST", "/loans", json=order(tool, rng), timeout=3) for tool in world.facts["tools"][:8]]
    replies = fresh_app.together(*orders, *[call("GET", "/loans", timeout=3)] * 4)
    require_own_sessions(fresh_app, replies)


@check(
    "3.2-written-down",
    "An accepted loan is in the database when the reply comes, and a refused one harms nobody.",
    say="The reply said 201, and the loan is not in the database. Leaving a session without `commit` rolls back what it "
    "has written: commit before you answer, or use `sessions.begin()`.",
    docs=_SESSIONS,
)
def test_loan_is_in_the_database(app: App, world: World, rng: Random) -> None:
    takes_receipts(app)
    waits = world.facts["tools"][13]
    for tool in world.facts["tools"][10:13]:
        first, second = order(tool, rng), order(tool, rng)
        made = app.post("/loans", json=first)
        expect(made).status(201).having(first)
        with opened(app) as connection:
            found = connection.execute(
                "SELECT id, member_id FROM loans WHERE tool_id = ?", (tool["id"],)
            ).fetchall()
        require(
            found == [(made.json.get("id"), first["member_id"])],
            expected="the loan in the database, with the id of the reply",
            received=found,
            reply=made,
        )
        expect(app.post("/loans", json=second)).status(409)
    book = [row.get("tool_id") for row in loans_of(app) if row.get("tool_id") != waits["id"]]
    wanted = [tool["id"] for tool in world.facts["tools"][10:13]]
    require(
        sorted(map(str, book)) == sorted(map(str, wanted)),
        expected=f"loans of the tools {wanted}",
        received=book,
    )


@check(
    "3.2-others-answered",
    "While a loan waits for the database, others are answered.",
    say="A loan waited for the database, because somebody else was writing, and meanwhile `GET /health/live` was not "
    "answered. The query was made on the event loop with a synchronous driver: use the async session, or a plain "
    "`def`, which runs in a thread.",
    docs="https://fastapi.tiangolo.com/async/",
)
def test_others_are_answered_while_the_database_is_busy(app: App, world: World, rng: Random) -> None:
    takes_receipts(app)
    expect(app.get("/loans")).status(200)
    with Writer(app) as writer:
        meanwhile = ask_meanwhile(
            app,
            [call("POST", "/loans", json=order(world.facts["tools"][13], rng), timeout=15)],
            enough=lambda answers: writer.done() if answers == 5 else None,
        )
    require(
        meanwhile.answers >= 5,
        expected="`GET /health/live` is answered while a loan waits for the database",
        received=f"answers before the loan was written: {meanwhile.answers}",
        reply=meanwhile.replies[0],
    )
    expect(meanwhile.replies[0]).status(201)


@check(
    "3.2-edges",
    "The list ends after a hundred loans, and numbers that no row can have are refused.",
    say="`GET /loans` does not list the first hundred loans. A list has an end, `.limit(100)`, and an order, `.order_by(Loan.id)`, "
    "or one day it is as long as the table.",
    docs="https://docs.sqlalchemy.org/en/21/orm/queryguide/select.html",
)
def test_list_ends_and_numbers_are_checked(fresh_app: App, world: World, rng: Random) -> None:
    takes_receipts(fresh_app)
    numbers = rng.sample(range(300, 900), 101)
    with_loans = add_tools(fresh_app, len(numbers))
    with opened(fresh_app) as connection:
        connection.executemany(
            "INSERT INTO loans (id, tool_id, member_id, receipt) VALUES (?, ?, ?, 'sent')",
            [
                (number, tool, rng.randrange(1, 1000))
                for number, tool in zip(numbers, with_loans, strict=True)
            ],
        )
    listed = sorted(row["id"] for row in loans_of(fresh_app))
    require(
        listed == sorted(numbers)[:100],
        expected="the first hundred loans by number",
        received=f"{len(listed)} loans: {listed[:3]} to {listed[-1:]}",
    )
    require_bounds(fresh_app, "GET", "/loans/{}/receipt")
    free = [tool["id"] for tool in world.facts["tools"]]
    for body, status in (
        ({"tool_id": 1, "member_id": 1}, 404),
        ({"tool_id": LARGEST, "member_id": 1}, 404),
        ({"tool_id": 0, "member_id": 1}, 422),
        ({"tool_id": LARGEST + 1, "member_id": 1}, 422),
        ({"tool_id": free[0], "member_id": 0}, 422),
        ({"tool_id": free[0], "member_id": LARGEST + 1}, 422),
        ({"tool_id": free[0], "member_id": 1}, 201),
        ({"tool_id": free[1], "member_id": LARGEST}, 201),
    ):
        expect(fresh_app.post("/loans", json=body), NUMBERS_SAY).status(status)
