"""3.8 A deadline that travels: one limit for all calls, and what is left is passed on."""

from __future__ import annotations

import json
from random import Random

from checker.suite import App, World, call, check, expect, require
from checker.suites.chapter_03.desk import sources_at_random, waits, workshop

_HEADERS = "https://fastapi.tiangolo.com/tutorial/header-params/"
_TASKS = "https://docs.python.org/3/library/asyncio-task.html"


def world(rng: Random) -> World:
    sources = sources_at_random(rng)
    env = {
        "TOOLSHED_RECALL_SOURCES": json.dumps(sources),
        "TOOLSHED_RECALL_SECONDS": "6",
        "TOOLSHED_CATALOGUE_SECONDS": "6",
    }
    return workshop(rng, tools=3, env=env, sources=sources)


@check(
    "3.8-kept",
    "Manuals and recalls are answered by the deadline that the caller named.",
    say="The caller said how long it would wait, and the reply came later than that. The deadline holds for the whole request: "
    "`asyncio.timeout` with what is left of it around everything that waits, unless the app's own limit is shorter.",
    docs=_TASKS,
)
def test_deadline_is_kept(app: App, world: World) -> None:
    tool, sources = world.facts["tools"][0], world.facts["sources"]
    app.upstream.answer(f"/manuals/{tool['model']}", silent=True)
    for source in sources[1:]:
        app.upstream.answer(f"/recalls/{source}/{tool['model']}", silent=True)
    app.upstream.answer(f"/recalls/{sources[0]}/{tool['model']}", json={"recalls": []})
    headers = {"X-Deadline-Ms": "250"}
    manual, recalls = app.together(
        *[
            call("GET", f"/tools/{tool['id']}/{what}", headers=headers, timeout=15)
            for what in ("manual", "recalls")
        ]
    )
    expect(manual).status(504)
    expect(recalls).status(200)
    app.upstream.wait_until(lambda: not app.upstream.under_way(), 1.5)
    for reply, path in ((manual, "/manuals/"), (recalls, "/recalls/")):
        longest = max(waits(app.upstream.calls(path)), default=0.0)
        require(
            # Three times as long for a busy machine.
            reply.elapsed_s < 3 and longest < 0.8,
            expected="a reply after 0.25 s, and no call that waits for longer",
            received=f"a reply after {reply.elapsed_s:.1f} s, and a call of {longest:.1f} s",
            reply=reply,
        )
    failed = sorted(map(str, recalls.json["failed"]))
    require(
        failed == sorted(sources[1:]),
        expected={"failed": sorted(sources[1:])},
        received=failed,
        reply=recalls,
    )


@check(
    "3.8-passed-on",
    "The catalogue is told what is left of the deadline, not what it was.",
    say="The catalogue has to know how long it is worth working on an answer: send `X-Deadline-Ms` with every call, "
    "with the milliseconds that are left when the call is made. A call that had to wait its turn has less than the first.",
    docs=_HEADERS,
)
def test_what_is_left_is_passed_on(app: App, world: World, rng: Random) -> None:
    tool, given = world.facts["tools"][1], rng.randrange(4000, 5500)
    app.upstream.answer(f"/manuals/{tool['model']}", json={"url": "https://manuals.example/x", "pages": 3})
    for source in world.facts["sources"]:
        app.upstream.answer(f"/recalls/{source}/{tool['model']}", json={"recalls": []}, delay=0.4)
    headers = {"X-Deadline-Ms": str(given)}
    before = len(app.upstream.requests)
    expect(app.get(f"/tools/{tool['id']}/manual", headers=headers, timeout=15)).status(200)
    reply = app.get(f"/tools/{tool['id']}/recalls", headers=headers, timeout=15)
    expect(reply).status(200)
    told = [one.headers.get("x-deadline-ms", "nothing") for one in app.upstream.requests[before:]]
    numbers = [int(one) for one in told if one.isdigit()]
    require(
        len(numbers) == 6 and all(0 < one <= given for one in numbers),
        expected=f"`X-Deadline-Ms` of 1 to {given} with each of six calls",
        received=told,
        reply=reply,
    )
    asked = app.upstream.calls("/recalls/")[-5:]
    for one, number in zip(asked, numbers[1:], strict=True):
        waited = (one.at - asked[0].at) * 1000
        require(
            # A hundred for what passes between here and there, and a thousand for a busy machine.
            given - waited - 1000 <= number <= given - waited + 100,
            expected=f"about {given - waited:.0f} ms for a call made {waited:.0f} ms after the first",
            received=f"{number} ms",
            reply=reply,
        )


@check(
    "3.8-checked",
    "A deadline that makes no sense is refused, and without one all is as before.",
    say="A deadline of no time, of an hour or of words is a mistake of the caller's: 422. Say what you accept in the header's "
    "type: `Annotated[int | None, Header(alias=..., ge=1, le=60_000)]`.",
    docs=_HEADERS,
)
def test_deadline_is_checked(app: App, world: World) -> None:
    tool = world.facts["tools"][2]
    app.upstream.answer(f"/manuals/{tool['model']}", json={"url": "https://manuals.example/x", "pages": 3})
    before = len(app.upstream.requests)
    for path in ("manual", "recalls"):
        for value in ("0", "-5", "60001", "soon", "1.5"):
            reply = app.get(f"/tools/{tool['id']}/{path}", headers={"X-Deadline-Ms": value}, timeout=15)
            expect(reply).status(422)
    require(
        len(app.upstream.requests) == before,
        expected="no call for a request that is refused",
        received=[one.path for one in app.upstream.requests[before:]],
    )
    for headers in ({}, {"X-Deadline-Ms": "60000"}):
        expect(app.get(f"/tools/{tool['id']}/manual", headers=headers, timeout=15)).status(200)
    before = len(app.upstream.requests)
    # Many at once: for some of them the millisecond is over before their call is made.
    address, headers = f"/tools/{tool['id']}/manual", {"X-Deadline-Ms": "1"}
    replies = app.together(*[call("GET", address, headers=headers, timeout=15)] * 24)
    for shortest in replies:
        expect(
            shortest, "A deadline of one millisecond can hardly be kept, and is one all the same: no 422."
        ).status(200, 504)
    told = [one.headers.get("x-deadline-ms") for one in app.upstream.requests[before:]]
    require(
        all(one in (None, "0", "1") for one in told),
        expected="at most the one millisecond that the caller named",
        received=told,
        reply=shortest,
        say="The caller named one millisecond, and the catalogue was told of more. What is left is counted in whole milliseconds.",
    )
