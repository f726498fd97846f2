"""3.7 Open and close: what the lifespan opens it closes in reverse, whatever happens on the way."""

from __future__ import annotations

from random import Random

from checker.suite import App, World, check, expect, require
from checker.suites.chapter_03.desk import (
    StartApp,
    is_locked,
    loans_of,
    opened,
    order,
    paper,
    takes_receipts,
    workshop,
)

_LIFESPAN = "https://fastapi.tiangolo.com/advanced/events/"
_STACK = "https://docs.python.org/3/library/contextlib.html"


def world(rng: Random) -> World:
    return workshop(rng, tools=6)


@check(
    "3.7-opens-at-start",
    "What the app needs is open when it begins to serve.",
    say="The app serves, and the printer is not taken or its day has not begun. Open what requests share in the lifespan, "
    "before its `yield`: not at import, where every server and every test would open it, and not at the first request.",
    docs=_LIFESPAN,
)
def test_all_is_open_before_the_first_request(fresh_app: App) -> None:
    fresh_app.wait_ready()
    require(is_locked(fresh_app), expected="`printer.lock` in the app's folder", received="no such file")
    require(
        paper(fresh_app) == ["Day begins, loans: 0"],
        expected=["Day begins, loans: 0"],
        received=paper(fresh_app),
    )


@check(
    "3.7-closes-in-reverse",
    "At SIGTERM everything is closed, the last opened first.",
    say="The app was told to stop. The day has to end first, for its last line needs the printer and the database; then the "
    "client, the database and the printer are closed, which gives the lock back. What was opened last is closed first: "
    "an `AsyncExitStack`, or `async with` in `async with`, keeps that order by itself.",
    docs=_STACK,
)
def test_closes_in_reverse(fresh_app: App, world: World, rng: Random) -> None:
    takes_receipts(fresh_app)
    lent = rng.sample(world.facts["tools"], rng.randrange(2, 5))
    for tool in lent:
        expect(fresh_app.post("/loans", json=order(tool, rng))).status(201)
    gone = fresh_app.terminate(within=10)
    last = paper(fresh_app)[-1:]
    require(
        last == [f"Day ends, loans: {len(lent)}"],
        expected=f"`Day ends, loans: {len(lent)}` as the last line on the paper",
        received=last,
    )
    require(
        not is_locked(fresh_app), expected="no `printer.lock` any more", received="the printer is still taken"
    )
    require(gone.code is not None, expected="an app that ends by itself", received="it had to be killed")


@check(
    "3.7-client-is-closed",
    "The client's connections are closed before the printer is.",
    say="The connection to the catalogue was open until the process was gone. The client was not closed, or after the printer: "
    "`async with httpx2.AsyncClient(...)` on the same stack, opened after the printer, closes it in its turn.",
    docs="https://www.python-httpx.org/async/",
)
def test_client_is_closed_before_the_printer(start_app: StartApp, world: World) -> None:
    app = start_app(env={"TOOLSHED_PRINTER_SECONDS": "0.5"})
    tool = world.facts["tools"][0]
    app.upstream.answer(
        f"/manuals/{tool['model']}", json={"url": f"https://manuals.example/{tool['id']}", "pages": 4}
    )
    expect(app.get(f"/tools/{tool['id']}/manual")).status(200)
    # Some clients hang up after each call; such a one has nothing to close.
    app.ask_to_stop()
    app.upstream.wait_until(lambda: not app.upstream.open_connections, 8)
    locked = is_locked(app)
    app.terminate(within=8)
    require(
        locked,
        expected="connections that end while the printer is still open",
        received="connections that ended after the printer, or with the process",
    )


@check(
    "3.7-cannot-open",
    "When something cannot be opened, what was opened before is closed, and the process ends with an error.",
    say="The app could not start, and has left the printer locked: nobody can print until somebody deletes the file. What "
    "stands after `yield` does not run when the part before it fails. Enter each resource as a context manager, so that "
    "the ones already open are closed on the way out.",
    docs=_STACK,
)
def test_failing_start_leaves_nothing_open(start_app: StartApp, world: World) -> None:
    nowhere = "sqlite+aiosqlite:////nowhere/at/all/toolshed.sqlite"
    for env, why in (
        ({"DATABASE_URL": nowhere}, "there can be no database"),
        ({"TOOLSHED_SEED_FILE": "/nowhere/at/all/seed.json"}, "there is no seed file"),
    ):
        app = start_app(env=env)
        start = app.start_up()
        require(
            not start.served and start.code is not None,
            expected=f"a process that ends with an error where {why}",
            received="an app that serves" if start.served else "a process that does not end",
        )
        require(
            not is_locked(app),
            expected=f"no `printer.lock` after a start that failed because {why}",
            received="the printer is still taken",
        )


@check(
    "3.7-cannot-close",
    "When something cannot be closed, the others are closed all the same.",
    say="The day could not end, for the database failed, and so the printer stayed locked. Lines that follow one another stop "
    "at the first that raises: put each closing into a context manager of its own, `try: yield` and `finally`.",
    docs=_STACK,
)
def test_failing_end_closes_the_others(fresh_app: App) -> None:
    with opened(fresh_app) as connection:
        connection.execute("DROP TABLE loans")
    fresh_app.terminate(within=10)
    require(
        not is_locked(fresh_app),
        expected="no `printer.lock`, though the day could not end",
        received="the printer is still taken",
    )


@check(
    "3.7-starts-again",
    "A printer that somebody has is not opened, and a second start finds what the first one left.",
    say="The app was started while another one had the printer, and that start did not end with the printer's own error. What "
    "`Printer.open` raises ends the start: do not catch it, and do not serve without a printer.",
    docs=_LIFESPAN,
)
def test_starts_again(fresh_app: App, start_app: StartApp, world: World, rng: Random) -> None:
    takes_receipts(fresh_app)
    lent = rng.sample(world.facts["tools"], rng.randrange(2, 5))
    for tool in lent:
        expect(fresh_app.post("/loans", json=order(tool, rng))).status(201)
    same = {
        "TOOLSHED_FOLDER": str(fresh_app.folder),
        "DATABASE_URL": f"sqlite+aiosqlite:///{fresh_app.database.as_posix()}",
    }
    refused = start_app(env=same).start_up()
    require(
        not refused.served and refused.code is not None,
        expected="a process that ends with an error where somebody has the printer",
        received="an app that serves" if refused.served else "a process that does not end",
    )
    require(
        any("the printer is in use" in line for line in refused.lines),
        expected="`the printer is in use` in what the process writes",
        received=refused.lines[-1:],
    )
    require(
        is_locked(fresh_app),
        expected="`printer.lock`, as long as the first app has the printer",
        received="no such file",
        say="An app that was refused the printer has given it back for the one that has it. Close what you have opened, "
        "and nothing else: `try` begins after `open`.",
    )
    fresh_app.terminate(within=10)
    again = start_app(env=same)
    start = again.start_up()
    require(
        start.served,
        expected="an app that serves, in the folder and on the database of one that has ended",
        received=start.lines[-1:] or "an app that does not serve",
        say="A second start does not serve. The first one has to give the printer back, and the first rows go into an empty "
        "database only.",
    )
    kept = sorted(row.get("tool_id", 0) for row in loans_of(again))
    require(
        kept == sorted(tool["id"] for tool in lent),
        expected=f"the {len(lent)} loans that were made before the second start",
        received=f"{len(kept)} loans",
        say="A second start on the same database does not go on where the first one ended.",
    )
