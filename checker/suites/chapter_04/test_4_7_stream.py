"""4.7 A stream and its session: few connections, and readers who leave early."""

from __future__ import annotations

import json
from random import Random

from checker.suite import App, World, check, expect, require
from checker.suites.chapter_04.shed import Shed

_DOCS = "https://fastapi.tiangolo.com/advanced/advanced-dependencies/#dependencies-with-yield-and-scope"


def world(rng: Random) -> World:
    shed = Shed(rng)
    category = shed.category()
    tools, members = [shed.tool(category) for _ in range(5)], [shed.member() for _ in range(5)]
    for _ in range(3000 + rng.randrange(500)):
        shed.loan(rng.choice(members), rng.choice(tools), returned=rng.random() < 0.5)
    return shed.world(
        env={"TOOLSHED_POOL_SIZE": "2", "TOOLSHED_POOL_TIMEOUT": "3"},
        reader=shed.member(),
        loans=sorted((loan["id"], loan["tool_id"], loan["member_id"]) for loan in shed.seed["loans"]),
    )


def still_answers(app: App, world: World) -> None:
    """The connections are free again, and were given back, not found by chance."""
    expect(app.get("/counter/loans", token=world.facts["reader"]["token"])).status(200).json([])
    lost = [line for line in app.logs() if "non-checked-in connection" in line]
    require(not lost, expected="a session closed by the app", received=lost[0] if lost else None)


@check(
    "4.7-every-loan-a-line",
    "The stream holds every loan, one JSON object a line, in the order of their ids.",
    say="The stream is not every loan of the book, one JSON object a line, in the order of `id`.",
    docs="https://fastapi.tiangolo.com/tutorial/stream-json-lines/",
)
def test_every_loan_is_a_line(fresh_app: App, world: World) -> None:
    reply = fresh_app.get("/counter/loans.jsonl", token=world.facts["reader"]["token"])
    expect(reply).status(200)
    try:
        rows = [json.loads(line) for line in reply.text.splitlines() if line.strip()]
        found = [(row["id"], row["tool_id"], row["member_id"]) for row in rows]
    except (ValueError, LookupError, TypeError):
        found = None
    wanted = world.facts["loans"]
    require(
        found == wanted,
        expected=f"{len(wanted)} lines, the first {wanted[0]}",
        received=f"{len(found)} lines, the first {found[:1]}" if found is not None else reply.text[:200],
        reply=reply,
    )


@check(
    "4.7-left-early",
    "After a reader has left in the middle, the next request is served.",
    say="The pool is small; a reader took some lines of the stream and left, and a later request got no connection. "
    "A generator whose reader has left is simply dropped: code after its last `yield` does not run, and an "
    "`async with` inside it is left whenever Python finds the time. Take the session from a `yield` dependency of "
    "the default scope, which FastAPI leaves as soon as the reply has ended.",
    docs=_DOCS,
)
def test_early_leaver_gives_the_connection_back(fresh_app: App, world: World) -> None:
    for lines in (1, 40, 3):
        with fresh_app.stream("GET", "/counter/loans.jsonl", token=world.facts["reader"]["token"]) as stream:
            require(stream.status == 200, expected="status 200", received=f"status {stream.status}")
            for _, _line in zip(range(lines), stream.lines(), strict=False):
                pass
        still_answers(fresh_app, world)


@check(
    "4.7-read-to-the-end",
    "After a stream that was read to its end, the next request is served.",
    say="The pool is small; a stream was read to its end, and the next request got no connection. A "
    'session of `scope="function"` is closed before the first line is sent; used after that it opens a '
    "connection again, and nobody gives that one back. The stream needs a session that lives as long as it does.",
    docs=_DOCS,
)
def test_finished_stream_gives_the_connection_back(fresh_app: App, world: World) -> None:
    for _ in range(3):
        expect(fresh_app.get("/counter/loans.jsonl", token=world.facts["reader"]["token"])).status(200)
        still_answers(fresh_app, world)
