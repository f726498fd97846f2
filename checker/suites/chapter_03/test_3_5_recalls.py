"""3.5 Recalls: several calls at once, partial failure, a session for each task, and nothing left running."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

from checker.suite import App, Reply, Upstream, World, check, expect, require
from checker.suites.chapter_03.desk import (
    Row,
    StartApp,
    opened,
    require_given_up,
    require_own_sessions,
    sources_at_random,
    workshop,
)

_TASKS = "https://docs.python.org/3/library/asyncio-task.html"
_SESSIONS = "https://docs.sqlalchemy.org/en/21/orm/extensions/asyncio.html"
_SHARED = (
    "Two tasks used one database session at the same time. Mostly nothing happens, and on another day a source's "
    "recalls are missing: a session belongs to one task. Let each of the five tasks open its own, or collect "
    "what was found and store it when all are done."
)


def world(rng: Random) -> World:
    sources = sources_at_random(rng)
    env = {"TOOLSHED_RECALL_SOURCES": json.dumps(sources), "TOOLSHED_RECALL_SECONDS": "7"}
    return workshop(rng, tools=4, env=env, sources=sources)


class Sources:
    """The five sources, each with recalls of its own."""

    def __init__(self, upstream: Upstream, world: World, rng: Random) -> None:
        self.names: list[str] = world.facts["sources"]
        self._upstream = upstream
        self._rng = rng

    def path(self, name: str, tool: Row) -> str:
        return f"/recalls/{name}/{tool['model']}"

    def answer(self, name: str, tool: Row, **how: Any) -> list[Row]:
        """Let the source report one to three recalls; gives back what the app has to make of them."""
        found = [
            {
                "url": f"https://recalls.example/{self._rng.getrandbits(48):012x}",
                "severity": self._rng.choice(("minor", "serious", "critical")),
                "since": f"20{self._rng.randrange(10, 26)}-0{self._rng.randrange(1, 10)}-1{self._rng.randrange(10)}",
            }
            for _ in range(self._rng.randrange(1, 4))
        ]
        self._upstream.answer(self.path(name, tool), json={"recalls": found}, **how)
        return [{"source": name, **one} for one in found]

    def fail(self, name: str, tool: Row, **how: Any) -> None:
        self._upstream.answer(self.path(name, tool), **how)

    @property
    def under_way(self) -> int:
        return self._upstream.under_way("/recalls/")


def address(tool: Row) -> str:
    return f"/tools/{tool['id']}/recalls"


def require_found(reply: Reply, recalls: list[Row], failed: list[str]) -> None:
    """The reply holds exactly these recalls, and names exactly these sources."""
    expect(reply).status(200)
    found = sorted(_plain(one) for one in reply.json["recalls"])
    wanted = sorted(_plain(one) for one in recalls)
    require(found == wanted, expected=f"{len(wanted)} recalls: {wanted}", received=found, reply=reply)
    named = sorted(map(str, reply.json["failed"]))
    require(
        named == sorted(failed), expected={"failed": sorted(failed)}, received={"failed": named}, reply=reply
    )


def _remember_others(app: App, tool: Row, source: str) -> list[tuple[Row, Row]]:
    """A recall of each of two other tools, with a lower and a higher number, as this source said it earlier."""
    lower = {"id": tool["id"] - 1}, {"source": source, "url": "https://recalls.example/lower"}
    higher = {"id": tool["id"] + 1}, {"source": source, "url": "https://recalls.example/higher"}
    with opened(app) as connection:
        connection.executemany(
            "INSERT INTO recalls (tool_id, source, url, severity, since) VALUES (?, ?, ?, 'minor', '2026-01-01')",
            [(other["id"], row["source"], row["url"]) for other, row in (lower, higher)],
        )
    return [lower, higher]


def require_stored(app: App, tool: Row, recalls: list[Row], say: str | None = None) -> None:
    """The database holds exactly these recalls of the tool."""
    with opened(app) as connection:
        rows = connection.execute(
            "SELECT source, url FROM recalls WHERE tool_id = ?", (tool["id"],)
        ).fetchall()
    wanted = sorted((one["source"], one["url"]) for one in recalls)
    require(
        sorted(rows) == wanted,
        expected=f"{len(wanted)} recalls stored: {wanted}",
        received=sorted(rows),
        say=say,
    )


def _plain(one: Row) -> tuple[str, ...]:
    return tuple(str(one[name]) for name in ("source", "url", "severity", "since"))


@check(
    "3.5-three-at-a-time",
    "Three sources are asked at a time, and all that they say is listed.",
    say="The sources were not asked three at a time. One after the other takes five times as long as one; all five at once is "
    "more than they allow. Begin five tasks, and let an `asyncio.Semaphore(3)` say who may ask.",
    docs="https://docs.python.org/3/library/asyncio-sync.html",
)
def test_three_sources_at_a_time(app: App, world: World, rng: Random) -> None:
    sources, tool = Sources(app.upstream, world, rng), world.facts["tools"][0]
    recalls = [one for name in sources.names for one in sources.answer(name, tool, delay=0.25)]
    reply = app.get(address(tool), timeout=15)
    require_found(reply, recalls, [])
    require(
        app.upstream.most_at_once("/recalls/") == 3,
        expected="three calls at once",
        received=f"at most {app.upstream.most_at_once('/recalls/')} at once",
        reply=reply,
    )
    expect(app.get("/tools/5/recalls")).status(404)


@check(
    "3.5-some-fail",
    "Sources that fail are named, what the others found is listed and stored, and what was stored before stays.",
    say="Some sources failed, and what the others had found is not in the reply or not in the database. One failure must not "
    "take the rest along: catch it in the task that asks, where you know which source it was, and let the "
    "others go on.",
    docs=_TASKS,
)
def test_failures_are_named(app: App, world: World, rng: Random) -> None:
    sources, tool = Sources(app.upstream, world, rng), world.facts["tools"][1]
    # Those that answer the second time stand between those that fail, whatever one sorts by.
    low, one, middle, two, high = sorted(sources.names)
    names = [one, two, *rng.sample([low, middle, high], 3)]
    others = _remember_others(app, tool, one)
    first = {name: sources.answer(name, tool) for name in names}
    require_found(app.get(address(tool), timeout=15), [one for found in first.values() for one in found], [])
    troubles: list[Row] = [
        {"status": 500, "json": {"recalls": []}},
        {"cut": True},
        rng.choice(({"content": b"<html>"}, {"json": {"recalls": 1}})),
    ]
    rng.shuffle(troubles)
    for name in names:
        app.upstream.forget(sources.path(name, tool))
    second = {name: sources.answer(name, tool) for name in names[:2]}
    for name, trouble in zip(names[2:], troubles, strict=False):
        sources.fail(name, tool, **trouble)
    reply = app.get(address(tool), timeout=15)
    require_found(reply, [one for found in second.values() for one in found], names[2:])
    stored = [one for name in names for one in second.get(name, first[name])]
    require_stored(
        app,
        tool,
        stored,
        "What the sources said last is not what is stored. A source that answers replaces what it said before; one that "
        "fails leaves it as it was; and each commits what it found.",
    )
    seen = app.get(f"{address(tool)}/stored")
    expect(seen).status(200)
    shown = sorted((one["source"], one["url"]) for one in seen.json["recalls"])
    require(
        shown == sorted((one["source"], one["url"]) for one in stored),
        expected=f"{len(stored)} recalls of this tool at `/recalls/stored`",
        received=shown,
        reply=seen,
    )
    for other, row in others:
        require_stored(
            app, other, [row], "The recalls of another tool were touched: what is stored belongs to one tool."
        )


@check(
    "3.5-first-hundred",
    "The list of what is stored ends after a hundred recalls.",
    say="`GET /tools/{tool_id}/recalls/stored` does not list the first hundred recalls of the tool. A list has an end, or one day "
    "it is as long as the table.",
    docs=_SESSIONS,
)
def test_list_of_stored_recalls_ends(app: App, world: World, rng: Random) -> None:
    tool, source = world.facts["tools"][3], rng.choice(world.facts["sources"])
    urls = [f"https://recalls.example/{number}" for number in rng.sample(range(10_000), 101)]
    with opened(app) as connection:
        connection.executemany(
            "INSERT INTO recalls (tool_id, source, url, severity, since) VALUES (?, ?, ?, 'minor', '2026-01-01')",
            [(tool["id"], source, url) for url in urls],
        )
    reply = app.get(f"{address(tool)}/stored")
    expect(reply).status(200)
    shown = {one["url"] for one in reply.json["recalls"]}
    require(
        shown == set(urls[:100]),
        expected="the hundred recalls that were stored first",
        received=f"{len(shown)} recalls",
        reply=reply,
    )


@check(
    "3.5-in-time",
    "Sources that are silent are given up in time, and no call goes on after the reply.",
    say="Two sources did not answer at all. The reply has to come when the time is up, with what was found by then and the "
    "silent ones among `failed`, and it has to take the calls along: `asyncio.timeout` around a `TaskGroup` does "
    "both. `gather` alone leaves its tasks running when one of them fails.",
    docs=_TASKS,
)
def test_silence_is_given_up(start_app: StartApp, world: World, rng: Random) -> None:
    by_default = start_app(without=["TOOLSHED_RECALL_SECONDS"])
    app = start_app(env={"TOOLSHED_RECALL_SECONDS": "0.8"})
    sources, tool = Sources(app.upstream, world, rng), world.facts["tools"][2]
    names = rng.sample(sources.names, 5)
    recalls = [one for name in names[2:] for one in sources.answer(name, tool)]
    for name in names[:2]:
        sources.fail(name, tool, silent=True)
    slow = Sources(by_default.upstream, world, rng)
    found_late = [
        one
        for number, name in enumerate(names[1:])
        for one in slow.answer(name, tool, delay=0.0 if number else 0.8)
    ]
    slow.fail(names[0], tool, silent=True)
    by_default.wait_ready()
    with ThreadPoolExecutor(max_workers=1) as pool:
        later = pool.submit(by_default.get, address(tool), timeout=15)
        reply = app.get(address(tool), timeout=15)
    require_found(reply, recalls, names[:2])
    require_given_up(
        by_default,
        later.result(),
        address(tool),
        slow.path(names[0], tool),
        status=200,
        within_s=2.2,
        expected="a call of at most 1.5 s, where `TOOLSHED_RECALL_SECONDS` is not set",
    )
    require_found(later.result(), found_late, names[:1])
    require(
        reply.elapsed_s < 3,
        expected="a reply after 0.8 s, `TOOLSHED_RECALL_SECONDS`",
        received=f"{reply.elapsed_s:.1f} s",
        reply=reply,
    )
    app.upstream.wait_until(lambda: not sources.under_way, 1.5)
    require(
        not sources.under_way,
        expected="no call to a source after the reply",
        received=f"{sources.under_way} calls still under way 1.5 s later",
        reply=reply,
    )
    require_stored(app, tool, recalls)


@check(
    "3.5-session-of-its-own",
    "No two tasks use one session at the same time, and what all sources said is stored.",
    say=_SHARED,
    docs=_SESSIONS,
)
def test_each_task_has_its_session(fresh_app: App, world: World, rng: Random) -> None:
    sources = Sources(fresh_app.upstream, world, rng)
    for tool in world.facts["tools"][:2]:
        # Together, so that their answers are stored together: on the first connection, then on warm ones.
        recalls = [one for name in sources.names for one in sources.answer(name, tool, delay=0.1)]
        reply = fresh_app.get(address(tool), timeout=15)
        require_own_sessions(fresh_app, [reply])
        require_found(reply, recalls, [])
        require_stored(fresh_app, tool, recalls, _SHARED)


@check(
    "3.5-client-gone",
    "When the client goes away, the calls made for it end.",
    say="The client hung up, and the calls made for it went on until their time was up. FastAPI does not stop a path operation "
    "whose client has gone: look for it beside your calls, with `await request.is_disconnected()` now and then, and cancel them.",
    docs="https://fastapi.tiangolo.com/reference/request/",
)
def test_calls_end_when_the_client_goes(app: App, world: World, rng: Random) -> None:
    sources, tool = Sources(app.upstream, world, rng), world.facts["tools"][3]
    for name in sources.names:
        sources.fail(name, tool, silent=True)
    left = app.leave("GET", address(tool), when=lambda: sources.under_way > 0)
    app.upstream.wait_until(lambda: not sources.under_way, 3)
    require(
        not sources.under_way,
        expected="no call to a source 3 s after the client has gone",
        received=f"{sources.under_way} calls still under way",
    )
    require(
        left.served(2) is not None,
        expected="the request is over once its client has gone",
        received="it still runs 3 s later",
    )
