"""A workshop at random, and the ways in which the suites of this chapter look at it."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any, Self

from checker.suite import App, Call, CheckFailed, Reply, UpstreamRequest, World, expect, require

Row = dict[str, Any]
StartApp = Callable[..., App]

LARGEST = 2**63 - 1
"""The largest number that a row can have."""

_NAMES = ("drill", "ladder", "rake", "saw", "spade", "trimmer", "welder", "wrench", "jack", "plane", "vice")
_SOURCES = ("maker", "insurer", "state", "press", "neighbours", "customs", "fire-brigade", "union", "club")


def tools_at_random(rng: Random, count: int) -> list[Row]:
    """So many tools; every number, name and model is drawn anew in each run."""
    return [
        {
            "id": number,
            "name": f"{rng.choice(_NAMES)} {rng.getrandbits(20):05x}",
            "model": f"{rng.choice('ABCDEFGH')}{rng.choice('KLMNOP')}-{number}{rng.randrange(10, 100)}",
        }
        for number in rng.sample(range(10, 100_000), count)
    ]


def workshop(rng: Random, *, tools: int = 4, env: Mapping[str, str] | None = None, **facts: Any) -> World:
    """What a server starts with."""
    rows = tools_at_random(rng, tools)
    settings = {"TOOLSHED_PRINTER_SECONDS": "0.05", **(env or {})}
    return World(seed={"tools": rows}, env=settings, facts={"tools": rows, **facts}, upstream="CATALOGUE_URL")


def sources_at_random(rng: Random) -> list[str]:
    """Five names for `TOOLSHED_RECALL_SOURCES`."""
    return rng.sample(_SOURCES, 5)


def order(tool: Row, rng: Random) -> Row:
    """The body of a loan."""
    return {"tool_id": tool["id"], "member_id": rng.randrange(1, 10_000)}


def takes_receipts(app: App) -> None:
    """Let the stand-in take receipts at once."""
    app.upstream.answer("/receipts", status=202, json={})


def receipts(app: App, loan: Row) -> list[Any]:
    """The calls that the receipt service got for this loan."""
    calls = app.upstream.calls("/receipts")
    return [one for one in calls if isinstance(one.json, dict) and one.json.get("loan_id") == loan.get("id")]


NUMBERS_SAY = "A number that no row has is a 404, one that no row can have a 422."


def require_bounds(app: App, method: str, path: str) -> None:
    """`path`, with `{}` for a number, knows no row at the edges of what a number can be, and refuses what is beyond."""
    for number, wanted in ((1, 404), (LARGEST, 404), (0, 422), (-1, 422), (LARGEST + 1, 422)):
        expect(app.request(method, path.format(number)), NUMBERS_SAY).status(wanted)


def require_given_up(
    app: App, first: Reply, path: str, calls: str, *, status: int, within_s: float, expected: str
) -> None:
    """No call below `calls` waits for longer, and the reply has this status; who is held up the first time may try once more."""
    reply = first
    for attempt in range(2):
        if attempt:
            reply = app.get(path, timeout=15)
        waited = min(waits(app.upstream.calls(calls)), default=0.0)
        if reply.status == status and waited < within_s:
            return
    require(
        False,
        expected=expected,
        received=f"{reply.status}, and a call of {waited:.1f} s",
        reply=reply,
    )


def add_tools(app: App, count: int) -> list[int]:
    """So many more tools, written into the app's database from outside; their numbers are above all others."""
    numbers = list(range(200_000, 200_000 + count))
    with opened(app) as connection:
        connection.executemany(
            "INSERT INTO tools (id, name, model) VALUES (?, ?, ?)",
            [(number, f"spare {number}", f"S-{number}") for number in numbers],
        )
    return numbers


def loans_of(app: App) -> list[Row]:
    """The loan book, as the app shows it."""
    reply = app.get("/loans")
    expect(reply).status(200)
    return [row for row in reply.json if isinstance(row, dict)] if isinstance(reply.json, list) else []


def paper(app: App) -> list[str]:
    """What the printer has printed so far, line by line."""
    with contextlib.suppress(FileNotFoundError):
        return (app.folder / "labels.txt").read_text("utf-8").splitlines()
    return []


def is_locked(app: App) -> bool:
    """Whether somebody has the printer."""
    return (app.folder / "printer.lock").exists()


@contextmanager
def opened(app: App) -> Iterator[sqlite3.Connection]:
    """The app's own database, from outside; fails the check where the app keeps everybody else out."""
    app.wait_ready()
    with contextlib.closing(sqlite3.connect(app.database, timeout=5, isolation_level=None)) as connection:
        try:
            yield connection
        except sqlite3.OperationalError as error:
            raise CheckFailed(
                expected="a database that others can use, too",
                received=str(error),
                say="The app has left a transaction open, which keeps all others out of the database. Whoever opens a "
                "session closes it: `async with sessions() as session:`.",
            ) from error


def waits(calls: Sequence[UpstreamRequest]) -> list[float]:
    """How long the app waited for the answer to each of these calls, as the stand-in saw it."""
    return [round((one.ended_at or time.monotonic()) - one.at, 2) for one in calls]


class Writer:
    """Somebody who writes into the app's database: nobody else can until they are done, or 2.5 s have gone."""

    def __init__(self, app: App) -> None:
        app.wait_ready()
        self._connection = sqlite3.connect(
            app.database, timeout=5, isolation_level=None, check_same_thread=False
        )
        self._timer = threading.Timer(2.5, self.done)
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._connection.execute("BEGIN IMMEDIATE")
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.done()
        self._connection.close()

    def done(self) -> None:
        self._timer.cancel()
        with self._lock:
            if self._connection.in_transaction:
                self._connection.execute("COMMIT")


def wait_for(condition: Callable[[], bool], within: float) -> bool:
    """Look again and again until `condition` holds; False where it does not in time."""
    until = time.monotonic() + within
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Meanwhile:
    """Calls that took their time, and what happened before the first of them was answered."""

    replies: Sequence[Reply]
    answers: int
    """So many times `GET /health/live` was answered before the first reply."""
    first_s: float
    """From the first call to the first reply."""
    seconds: float
    """From the first call to the last reply."""


def ask_meanwhile(
    app: App,
    calls: Sequence[Call],
    *,
    enough: Callable[[int], None] = lambda _: None,
    under_way: Callable[[], bool] = lambda: True,
) -> Meanwhile:
    """Send `calls` at once and ask for the app's health until the first is answered.

    `enough` is told each time how many answers came; `under_way` says when the calls have reached the app.
    """
    app.wait_ready()
    replied: list[float] = []

    def send(what: Call) -> Reply:
        reply = app.send(what)
        replied.append(time.monotonic())
        return reply

    started = time.monotonic()
    answers = 0
    with ThreadPoolExecutor(max_workers=len(calls)) as pool:
        waiting = [pool.submit(send, what) for what in calls]
        time.sleep(0.1)
        wait_for(lambda: under_way() or bool(replied), 2)
        while not replied and not any(one.done() for one in waiting):
            health = app.get("/health/live", timeout=20)
            if not replied:
                expect(health).status(200)
                answers += 1
                enough(answers)
            time.sleep(0.02)
    replies = [one.result() for one in waiting]
    return Meanwhile(
        replies=replies, answers=answers, first_s=min(replied) - started, seconds=max(replied) - started
    )


def require_own_sessions(app: App, replies: Sequence[Reply]) -> None:
    """No two tasks, and no two threads, were inside one session during these requests."""
    for reply in replies:
        _ = reply.served  # what the probe saw of a request is known once it has ended
    shared = app.shared_sessions()
    if not shared:
        return
    first = shared[0]
    where = f" at {first.site.path}:{first.site.line}" if first.site.path else ""
    require(
        False,
        expected="every session in one task only",
        received=f"`{first.what}`{where} on a session that another task was using at that moment",
        reply=replies[0],
    )
