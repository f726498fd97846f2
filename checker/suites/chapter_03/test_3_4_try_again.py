"""3.4 Try again: what is worth another try, how often, and after how long."""

from __future__ import annotations

from itertools import pairwise
from random import Random

from checker.suite import App, World, call, check, expect, require
from checker.suites.chapter_03.desk import Row, waits, workshop

_ASYNCIO = "https://docs.python.org/3/library/asyncio-task.html"


def world(rng: Random) -> World:
    return workshop(rng, tools=12)


def parts_of(tool: Row, rng: Random) -> Row:
    return {
        "parts": [
            {
                "number": f"{tool['model']}-{rng.randrange(100, 999)}",
                "name": name,
                "in_stock": rng.random() < 0.5,
            }
            for name in rng.sample(("screw", "blade", "spring", "belt", "handle"), 3)
        ]
    }


def address(tool: Row) -> str:
    return f"/tools/{tool['id']}/parts"


@check(
    "3.4-third-time-lucky",
    "A failure that passes is not seen: up to three tries, and the first good answer counts.",
    say="The catalogue failed, and would have answered the next try. A 5xx, a connection that breaks and a try without an "
    "answer within half a second are worth another one, up to three in all; `asyncio.timeout` puts an end to each.",
    docs=_ASYNCIO,
)
def test_trouble_that_passes_is_not_seen(app: App, world: World, rng: Random) -> None:
    troubles: list[tuple[Row, ...]] = [
        (),
        ({"status": 503},),
        ({"cut": True}, {"status": 500, "json": {"detail": "broken"}}),
        ({"silent": True},),
    ]
    for tool, trouble in zip(world.facts["tools"], troubles, strict=False):
        path = f"/parts/{tool['model']}"
        for one in trouble:
            app.upstream.answer(path, **one)
        parts = parts_of(tool, rng)
        app.upstream.answer(path, json=parts)
        reply = app.get(address(tool), timeout=15)
        expect(reply).status(200).having({"tool_id": tool["id"], **parts})
        tries = waits(app.upstream.calls(path))
        require(
            # Twice as long for a busy machine, and a little more.
            len(tries) == len(trouble) + 1 and max(tries) < 1.2,
            expected=f"{len(trouble) + 1} tries, none of which takes longer than half a second",
            received=f"tries of {tries} s",
            reply=reply,
        )


@check(
    "3.4-gives-up",
    "After the third failure the reply is a 502, and nobody is asked a fourth time.",
    say="The catalogue failed each time. Three tries, then a 502 of your own: who goes on asking keeps a service down "
    "that wants to get up, and a 500 would say that the fault is yours.",
    docs="https://fastapi.tiangolo.com/tutorial/handling-errors/",
)
def test_third_failure_is_the_last(fresh_app: App, world: World) -> None:
    troubles: list[Row] = [{"status": 500}, {"cut": True}]
    for tool, trouble in zip(world.facts["tools"], troubles, strict=False):
        path = f"/parts/{tool['model']}"
        fresh_app.upstream.answer(path, **trouble)
        reply = fresh_app.get(address(tool), timeout=15)
        expect(reply).status(502)
        tries = len(fresh_app.upstream.calls(path))
        require(tries == 3, expected="three tries", received=f"{tries} tries", reply=reply)
    fresh_app.upstream.close()
    expect(fresh_app.get(address(world.facts["tools"][2]), timeout=15)).status(502)


@check(
    "3.4-pauses-grow",
    "Between two tries there is a pause, and the second pause is longer.",
    say="The tries came too fast. Who asks again at once meets the same failure, and a thousand clients that do it are an "
    "attack: wait at least 0.1 s before the second try and at least 0.2 s before the third, with `asyncio.sleep`.",
    docs=_ASYNCIO,
)
def test_pauses_grow(app: App, world: World) -> None:
    tools = [world.facts["tools"][4], world.facts["tools"][11]]
    for tool in tools:
        app.upstream.answer(f"/parts/{tool['model']}", status=503)
    replies = app.together(*[call("GET", address(tool), timeout=15) for tool in tools])
    seen = []
    for tool, reply in zip(tools, replies, strict=True):
        tries = app.upstream.calls(f"/parts/{tool['model']}")
        pauses = [round(later.at - (earlier.ended_at or later.at), 3) for earlier, later in pairwise(tries)]
        # What the stand-in measures begins a moment after the answer has left.
        require(
            len(pauses) >= 2 and pauses[0] >= 0.08 and pauses[1] >= 0.17,
            expected="pauses of at least 0.1 s and 0.2 s",
            received=f"{len(tries)} tries with pauses of {pauses} s",
            reply=reply,
        )
        seen.append(pauses)
    shortest = [min(pauses) for pauses in zip(*seen, strict=False)]
    require(
        # The shorter one of two, and twice as long for a busy machine.
        max(shortest) < 1.0,
        expected="pauses of at most half a second",
        received=f"pauses of {shortest} s",
        reply=replies[0],
        say="The pauses are so long that whoever asked has gone. Half a second is the most that one may take here.",
    )


@check(
    "3.4-not-again",
    "What will not get better is not tried again: a 4xx ends it at once.",
    say="The catalogue refused with a 4xx, and was asked again. The same question gets the same refusal: a 404 is passed on, "
    "any other 4xx is a 502, and both after one try.",
    docs="https://fastapi.tiangolo.com/tutorial/handling-errors/",
)
def test_refusals_are_final(app: App, world: World) -> None:
    for tool, (sent, wanted) in zip(
        world.facts["tools"][5:], ((404, 404), (400, 502), (403, 502), (410, 502)), strict=False
    ):
        path = f"/parts/{tool['model']}"
        app.upstream.answer(path, status=sent, json={"detail": "no"})
        reply = app.get(address(tool), timeout=15)
        tries = len(app.upstream.calls(path))
        require(
            reply.status == wanted and tries == 1,
            expected=f"{wanted} after one try, where the catalogue says {sent}",
            received=f"{reply.status} after {tries} tries",
            reply=reply,
        )
    tool = world.facts["tools"][10]
    app.upstream.answer(f"/parts/{tool['model']}", json={"parts": "many"})
    expect(app.get(address(tool), timeout=15), "An answer that makes no sense is a 502.").status(502)
