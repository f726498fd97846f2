"""What a hidden suite is given: each fixture does what docs/authors/suites.md says, on a real server."""

from __future__ import annotations

import pytest

from checker.models.report import Outcome
from checker.suite.run import SuiteRun
from tests.suite.conftest import RunSuite

APP = """
    import asyncio, json, os, sys, time
    from contextlib import asynccontextmanager
    from datetime import datetime, timedelta, UTC
    from fastapi import FastAPI, Request, WebSocket
    from fastapi.responses import StreamingResponse
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine

    @asynccontextmanager
    async def lifespan(app):
        app.state.count = 0
        app.state.engine = create_async_engine(os.environ["DATABASE_URL"])
        app.state.seed = None
        if "TOOLSHED_SEED_FILE" in os.environ:
            app.state.seed = json.load(open(os.environ["TOOLSHED_SEED_FILE"]))
        print("started", flush=True)
        yield
        print("stopped", flush=True)
        await app.state.engine.dispose()

    app = FastAPI(lifespan=lifespan)

    @app.get("/count")
    async def count(request: Request) -> int:
        request.app.state.count += 1
        return request.app.state.count

    @app.get("/seed")
    async def seed(request: Request):
        return {"seed": request.app.state.seed, "word": os.environ.get("WORD")}

    @app.get("/now")
    async def now() -> datetime:
        offset = float(open(os.environ["TOOLSHED_CLOCK_OFFSET_FILE"]).read())
        return datetime.now(UTC) + timedelta(seconds=offset)

    @app.get("/sql")
    async def sql(request: Request, times: int) -> int:
        async with request.app.state.engine.connect() as connection:
            for _ in range(times):
                await connection.execute(text("select 1"))
        return times

    @app.get("/raises")
    async def raises() -> int:
        raise KeyError("lost")

    @app.get("/nothing", status_code=204)
    async def nothing() -> None: ...

    @app.get("/slow")
    async def slow() -> int:
        await asyncio.sleep(0.3)
        return 1

    @app.get("/blocks")
    async def blocks() -> int:
        time.sleep(0.3)
        return 1

    @app.get("/echo")
    async def echo(request: Request) -> dict[str, str]:
        return dict(request.headers)

    @app.get("/lines")
    async def lines():
        async def body():
            for number in range(3):
                yield f"{number}\\n"
        return StreamingResponse(body(), media_type="text/plain")

    @app.websocket("/ws")
    async def ws(socket: WebSocket):
        await socket.accept()
        await socket.send_text((await socket.receive_text())[::-1])
        await socket.close()

    @app.get("/exit")
    async def leave() -> None:
        os._exit(3)
"""


def only(run: SuiteRun) -> Outcome:
    assert run.broken is None, run.broken
    (check,) = run.checks.values()
    assert check.outcome is Outcome.PASSED, check
    return check.outcome


BODIES = {
    "a world's seed and environment reach the app": """
        def world(rng): return World(seed={"n": 5}, env={"WORD": "hammer"})
        @check("1.1-a", "It holds.", say="It does not hold; mend it.")
        def test_a(app, world):
            expect(app.get("/seed")).status(200).json({"seed": world.seed, "word": "hammer"})
    """,
    "fresh servers do not share state with the shared one": """
        @check("1.1-a", "It holds.", say="It does not hold; mend it.")
        def test_a(app, fresh_app, start_app):
            assert [app.get("/count").json, app.get("/count").json] == [1, 2]
            assert fresh_app.get("/count").json == 1
            assert start_app().get("/count").json == 1
    """,
    "more servers start with the environment that the test names": """
        @check("1.1-a", "It holds.", say="It does not hold; mend it.")
        def test_a(start_app):
            first, second = start_app(env={"WORD": "a"}), start_app(World(seed=[1]), env={"WORD": "b"})
            assert (first.get("/seed").json["word"], second.get("/seed").json) == ("a", {"seed": [1], "word": "b"})
    """,
    "the clock can be turned": """
        from datetime import datetime, UTC
        @check("1.1-a", "It holds.", say="It does not hold; mend it.")
        def test_a(app):
            app.clock.forward(days=3)
            assert abs((datetime.fromisoformat(app.get("/now").json) - app.clock.now()).total_seconds()) < 5
            app.clock.set(datetime(2030, 1, 1, tzinfo=UTC))
            assert app.get("/now").json.startswith("2030-01-01T00:00:0")
    """,
    "statements are counted for each request": """
        @check("1.1-a", "It holds.", say="It does not hold; mend it.")
        def test_a(app):
            replies = app.together(call("GET", "/sql", params={"times": 2}), call("GET", "/sql", params={"times": 5}))
            assert [len(reply.sql) for reply in replies] == [2, 5]
            assert app.get("/count").sql == ()
    """,
    "an error is known with its line": """
        @check("1.1-a", "It holds.", say="It does not hold; mend it.")
        def test_a(app):
            reply = app.get("/raises")
            assert reply.status == 500 and reply.error == "KeyError: 'lost'"
            assert reply.site.path == "app/main.py" and reply.site.line > 30
    """,
    "calls are in flight together": """
        @check("1.1-a", "It holds.", say="It does not hold; mend it.")
        def test_a(app):
            import time
            before = time.monotonic()
            assert [reply.json for reply in app.together(*[call("GET", "/slow")] * 8)] == [1] * 8
            assert time.monotonic() - before < 1.5
    """,
    "a held loop is seen, a waiting one is not": """
        @check("1.1-a", "It holds.", say="It does not hold; mend it.")
        def test_a(app):
            app.get("/slow")
            assert app.blocked() == ()
            app.get("/blocks")
            assert {one.how for one in app.blocked()} >= {"call"}
            assert {(one.site.path, one.site.name) for one in app.blocked()} == {("app/main.py", "blocks")}
    """,
    "a token is sent as bearer": """
        @check("1.1-a", "It holds.", say="It does not hold; mend it.")
        def test_a(app):
            expect(app.get("/echo", token="abc", headers={"X-One": "1"})).having({"authorization": "Bearer abc", "x-one": "1"})
    """,
    "streams and sockets are the real thing": """
        @check("1.1-a", "It holds.", say="It does not hold; mend it.")
        def test_a(app):
            with app.stream("GET", "/lines") as stream:
                assert next(stream.lines()) == "0"
            with app.websocket("/ws") as socket:
                socket.send_text("abc")
                assert socket.receive_text() == "cba"
    """,
    "logs and the end of a server can be asked for": """
        @check("1.1-a", "It holds.", say="It does not hold; mend it.")
        def test_a(fresh_app):
            fresh_app.get("/count")
            assert "started" in fresh_app.logs()
            gone = fresh_app.terminate()
            assert gone.code in (0, -15) and "stopped" in gone.lines and gone.seconds < 5
    """,
    "an upstream stand-in answers as told": """
        import httpx2
        @check("1.1-a", "It holds.", say="It does not hold; mend it.")
        def test_a(upstream):
            upstream.answer("/x", status=503)
            upstream.answer("/x", json={"ok": True}, headers={"X-A": "b"})
            upstream.answer("/cut", cut=True)
            first, second = httpx2.get(upstream.url + "/x"), httpx2.get(upstream.url + "/x")
            assert (first.status_code, second.json(), second.headers["x-a"]) == (503, {"ok": True}, "b")
            assert httpx2.get(upstream.url + "/none").status_code == 404
            try: httpx2.get(upstream.url + "/cut")
            except httpx2.HTTPError: pass
            else: raise RuntimeError("it answered")
            assert [one.path for one in upstream.requests] == ["/x", "/x", "/none", "/cut"]
    """,
    "the routes are known": """
        @check("1.1-a", "It holds.", say="It does not hold; mend it.")
        def test_a(facts):
            paths = {route.path: route for route in facts.routes}
            assert paths["/count"].response_model == "int" and paths["/ws"].websocket
            assert facts.has_lifespan and not facts.on_event_handlers and "/count" in facts.openapi["paths"]
    """,
}


@pytest.mark.parametrize("claim", BODIES)
def test_suites_are_given_what_they_need(claim: str, run_suite: RunSuite) -> None:
    only(run_suite(APP, BODIES[claim]))


@pytest.mark.parametrize(
    "claim",
    [
        "a world's seed and environment reach the app",
        "fresh servers do not share state with the shared one",
        "statements are counted for each request",
        "logs and the end of a server can be asked for",
    ],
)
def test_the_same_holds_without_fork(claim: str, run_suite: RunSuite) -> None:
    run = run_suite(APP, BODIES[claim], fork=False)
    only(run)
    assert run.servers == "spawn"


def test_a_server_that_died_is_replaced_for_the_next_check(run_suite: RunSuite) -> None:
    run = run_suite(
        APP,
        """
        @check("1.1-a", "It holds.", say="It does not hold; mend it.")
        def test_a(app): app.get("/exit")
        @check("1.1-b", "It holds.", say="It does not hold; mend it.")
        def test_b(app): assert app.get("/count").json == 1
        """,
    )
    assert [check.outcome for check in run.checks.values()] == [Outcome.FAILED, Outcome.PASSED]
    assert "code 3" in run.faults[0].message


def test_an_environment_that_is_read_at_import_is_the_servers_own(run_suite: RunSuite) -> None:
    app = """
    import os
    from fastapi import FastAPI
    WORD = os.environ.get("WORD", "none")
    app = FastAPI()
    @app.get("/word")
    async def word() -> str: return WORD
    """
    only(
        run_suite(
            app,
            """
            @check("1.1-a", "It holds.", say="It does not hold; mend it.")
            def test_a(app, start_app):
                assert (app.get("/word").json, start_app(env={"WORD": "saw"}).get("/word").json) == ("none", "saw")
            """,
        )
    )


def test_a_thread_started_at_import_is_alive_in_every_server(run_suite: RunSuite) -> None:
    app = """
    import threading, time
    from fastapi import FastAPI
    beats = []
    def beat():
        while True:
            beats.append(1)
            time.sleep(0.01)
    threading.Thread(target=beat, daemon=True).start()
    app = FastAPI()
    @app.get("/beats")
    def read() -> int: return len(beats)
    """
    run = run_suite(
        app,
        """
        import time
        @check("1.1-a", "It holds.", say="It does not hold; mend it.")
        def test_a(app):
            first = app.get("/beats").json
            time.sleep(0.2)
            assert app.get("/beats").json > first
        """,
    )
    only(run)
    assert run.servers == "spawn"
