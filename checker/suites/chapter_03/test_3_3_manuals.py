"""3.3 Manuals: one client for all, an end to waiting, and honest answers for somebody else's errors."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from random import Random

from checker.suite import App, World, call, check, expect, require
from checker.suites.chapter_03.desk import Row, StartApp, require_given_up, workshop

_TIMEOUTS = "https://www.python-httpx.org/advanced/timeouts/"
_CLIENTS = "https://www.python-httpx.org/async/"
_ERRORS = "https://fastapi.tiangolo.com/tutorial/handling-errors/"
SECONDS = 0.8


def world(rng: Random) -> World:
    return workshop(rng, tools=16, env={"TOOLSHED_CATALOGUE_SECONDS": str(SECONDS)})


def manual_of(tool: Row, rng: Random) -> Row:
    return {"url": f"https://manuals.example/{rng.getrandbits(40):010x}.pdf", "pages": rng.randrange(2, 400)}


def address(tool: Row) -> str:
    return f"/tools/{tool['id']}/manual"


@check(
    "3.3-passed-on",
    "What the catalogue says of a manual is passed on, and that it knows none as well.",
    say="The reply does not say what the catalogue said. Ask it for `/manuals/{model}` of this tool, and pass on `url` and "
    "`pages`; where it answers 404, so do you.",
    docs=_CLIENTS,
)
def test_answer_is_passed_on(app: App, world: World, rng: Random) -> None:
    known, other, unknown = world.facts["tools"][3:6]
    for tool, pages in ((known, 1), (other, rng.randrange(2, 400))):
        manual = {**manual_of(tool, rng), "pages": pages}
        app.upstream.answer(f"/manuals/{tool['model']}", json=manual)
        expect(app.get(address(tool))).status(200).having({"tool_id": tool["id"], **manual})
    expect(
        app.get(address(unknown)),
        "The catalogue said 404, for it has no manual of this model, and your reply says something else. That is no "
        "failure of the catalogue's: pass the 404 on.",
    ).status(404).having({"detail": app.get(address(unknown)).json.get("detail")})
    asked = len(app.upstream.requests)
    expect(app.get("/tools/5/manual")).status(404)
    require(
        len(app.upstream.requests) == asked,
        expected="no call for a tool that is not there",
        received=app.upstream.requests[-1].path,
    )


@check(
    "3.3-errors-are-502",
    "Whatever else the catalogue answers, nonsense and broken connections included, is a 502.",
    say="The catalogue failed, and your reply was no 502. Its error is not the client's fault (4xx) and not yours (500): "
    "check the status it sends, read its answer with a model, and catch the exceptions of the library that you call "
    "with; those of httpx and httpx2 are not the same classes.",
    docs=_ERRORS,
)
def test_errors_of_the_catalogue_are_bad_gateway(fresh_app: App, world: World, rng: Random) -> None:
    answers: list[Row] = [
        # What it says does not count where its status says that it failed.
        {"status": 500, "json": manual_of(world.facts["tools"][0], rng)},
        {"status": 503},
        {"status": 403, "json": {"detail": "no"}},
        {"status": 429},
        {"content": b"<html>Down for repairs</html>"},
        {"json": {"url": "https://manuals.example/x.pdf"}},
        {"json": [1, 2]},
        {"json": {"url": "https://manuals.example/x.pdf", "pages": "many"}},
        {"json": {"url": "https://manuals.example/x.pdf", "pages": 0}},
        {"cut": True},
    ]
    for tool, answer in zip(world.facts["tools"], answers, strict=False):
        fresh_app.upstream.answer(f"/manuals/{tool['model']}", **answer)
        reply = fresh_app.get(address(tool))
        shown = "cut the connection" if answer.get("cut") else f"sent {_shown(answer)}"
        require(
            reply.status == 502,
            expected=f"502 where the catalogue {shown}",
            received=reply.shown(),
            reply=reply,
        )
    fresh_app.upstream.close()
    expect(fresh_app.get(address(world.facts["tools"][15]))).status(502)


@check(
    "3.3-silence-is-504",
    "Where no whole answer comes, the reply is a 504 in time.",
    say="The catalogue did not answer, or so slowly that the answer never ended, and your reply was no 504 in time. The "
    "`timeout` of a client limits each single step, five seconds by default, and an answer that comes byte by "
    "byte never exceeds it: put an end to the whole call with `async with asyncio.timeout(...)`.",
    docs=_TIMEOUTS,
)
def test_silence_is_gateway_timeout(app: App, start_app: StartApp, world: World, rng: Random) -> None:
    by_default = start_app(without=["TOOLSHED_CATALOGUE_SECONDS"])
    silent, slow, fine = world.facts["tools"][:3]
    by_default.upstream.answer(f"/manuals/{silent['model']}", silent=True)
    by_default.wait_ready()
    app.upstream.answer(f"/manuals/{silent['model']}", silent=True)
    app.upstream.answer(f"/manuals/{slow['model']}", json=manual_of(slow, rng), drip=0.06)
    app.upstream.answer(f"/manuals/{fine['model']}", json=manual_of(fine, rng))
    with ThreadPoolExecutor(max_workers=1) as pool:
        later = pool.submit(by_default.get, address(silent), timeout=15)
        replies = app.together(*[call("GET", address(tool), timeout=15) for tool in (silent, slow)])
    for reply, how in zip(
        replies, ("does not answer", "answers byte by byte, for some seconds"), strict=True
    ):
        require(
            reply.status == 504 and reply.elapsed_s < SECONDS + 2,
            expected=f"504 after {SECONDS:g} s, where the catalogue {how}",
            received=f"{reply.status} after {reply.elapsed_s:.1f} s",
            reply=reply,
        )
    require_given_up(
        by_default,
        later.result(),
        address(silent),
        "/manuals/",
        status=504,
        within_s=1.7,
        expected="504 after 1.0 s, where `TOOLSHED_CATALOGUE_SECONDS` is not set",
    )
    expect(app.get(address(fine)), "After two calls that ended in silence the next one fails, too.").status(
        200
    )


@check(
    "3.3-five-connections",
    "However many ask at once, five connections to the catalogue are enough, and they are used again.",
    say="The catalogue saw more than five connections. A client for each call opens a connection for each call, and "
    "building it holds the loop for some twenty milliseconds. Use the one that the lifespan has opened, "
    "with `limits=` on it.",
    docs="https://www.python-httpx.org/advanced/resource-limits/",
)
def test_five_connections_are_enough(start_app: StartApp, world: World, rng: Random) -> None:
    app = start_app(env={"TOOLSHED_CATALOGUE_SECONDS": "4"})
    tools = world.facts["tools"][:12]
    for tool in tools:
        app.upstream.answer(f"/manuals/{tool['model']}", json=manual_of(tool, rng), delay=0.05)
    replies = app.together(*[call("GET", address(tool), timeout=10) for tool in tools])
    replies += [app.get(address(tool)) for tool in tools[:4]]
    for reply in replies:
        expect(
            reply, "Not all calls were answered when twelve came at once; let them wait for a connection."
        ).status(200)
    require(
        app.upstream.connections <= 5,
        expected=f"at most 5 connections for {len(replies)} calls",
        received=f"{app.upstream.connections} connections",
        reply=replies[0],
    )


def _shown(answer: Row) -> str:
    if "status" in answer:
        return str(answer["status"])
    return repr(answer.get("json", answer.get("content", b"")))
