"""The stand-in for an upstream service, clients that leave, and sessions that two tasks share: on a real server, at every level."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from checker.app_under_test.ports import Ports
from checker.models.report import Outcome
from checker.sandbox import Isolation, best_isolation
from checker.suite.run import SuiteRun
from checker.suite.upstream import Upstream
from tests.suite.conftest import RunSuite

APP = """
    import asyncio, os
    from contextlib import asynccontextmanager, suppress
    from pathlib import Path
    import httpx2
    from fastapi import FastAPI, Request
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    @asynccontextmanager
    async def lifespan(app):
        Path(os.environ["TOOLSHED_FOLDER"], "opened").touch()
        app.state.engine = create_async_engine(os.environ["DATABASE_URL"])
        app.state.sessions = async_sessionmaker(app.state.engine)
        async with httpx2.AsyncClient(base_url=os.environ["PARTNER_URL"], timeout=30) as app.state.client:
            yield

    app = FastAPI(lifespan=lifespan)

    @app.get("/health")
    async def health() -> str: return "ok"

    @app.get("/ask/{what}")
    async def ask(what: str, request: Request) -> str:
        try:
            async with asyncio.timeout(0.5):
                reply = await request.app.state.client.get(f"/{what}")
            return f"{reply.status_code} {reply.text}"
        except TimeoutError: return "silence"
        except httpx2.HTTPError as error: return type(error).__name__

    @app.get("/watch")
    async def watch(request: Request) -> str:
        call = asyncio.create_task(request.app.state.client.get("/silent"))
        while not await request.is_disconnected(): await asyncio.sleep(0.02)
        call.cancel()
        return "gone"

    @app.get("/shared")
    async def shared(request: Request) -> int:
        async with request.app.state.sessions() as session:
            await session.execute(text("select 1"))
            await asyncio.gather(session.execute(text("select 2")), session.execute(text("select 3")))
        return 3

    @app.get("/fails")
    async def fails() -> int:
        async def one() -> None: raise KeyError("the innermost")
        async with asyncio.TaskGroup() as group: group.create_task(one())
        return 1

    @app.get("/shared/fails")
    async def shared_fails(request: Request) -> int:
        await shared(request)
        raise KeyError("after all")

    @app.get("/apart")
    async def apart(request: Request) -> int:
        async def one() -> None:
            async with request.app.state.sessions() as session:
                await session.execute(text("select 1"))
                await session.commit()
        await asyncio.gather(*[one() for _ in range(5)])
        return 5
"""

SUITE = """
    import time

    def world(rng): return World(upstream="PARTNER_URL")

    @check("1.1-answers", "It holds.", say="It does not hold; mend it.")
    def test_answers(app):
        up = app.upstream
        up.answer("/fine", json={"a": 1}); up.answer("/cut", cut=True); up.answer("/silent", silent=True)
        up.answer("/html", content=b"<p>"); up.answer("/drip", content=b"x" * 100, drip=0.05)
        heard = {what: app.get(f"/ask/{what}").json for what in ("fine", "cut", "silent", "html", "drip", "none")}
        require(heard == {"fine": '200 {"a": 1}', "cut": "RemoteProtocolError", "silent": "silence", "html": "200 <p>",
                "drip": "silence", "none": '404 {"detail": "not found"}'}, expected=0, received=heard)
        gone = [one.path for one in up.requests if one.abandoned]
        up.wait_until(lambda: not up.under_way(), 1.0)
        require(gone == ["/silent", "/drip"] and up.finished == 3, expected="two abandoned", received=gone)
        require(up.at_once == 1 and not up.under_way() and up.calls("/cut")[0].ended_at, expected=1, received=up.at_once)

    @check("1.1-counts", "It holds.", say="It does not hold; mend it.")
    def test_counts(fresh_app):
        up = fresh_app.upstream
        up.answer("/slow", json=1, delay=0.2); up.answer("/slow", json=2)
        replies = fresh_app.together(*[call("GET", "/ask/slow")] * 3)
        require(up.at_once in (2, 3) and up.connections <= 3, expected=3, received=(up.at_once, up.connections))
        up.forget("/slow")
        require(fresh_app.get("/ask/slow").json.startswith("404"), expected="forgotten", received="answered")
        up.close()
        require(fresh_app.get("/ask/slow").json == "ConnectError", expected="refused", received="answered")

    @check("1.1-leaves", "It holds.", say="It does not hold; mend it.")
    def test_leaves(fresh_app):
        up = fresh_app.upstream
        up.answer("/silent", silent=True)
        left = fresh_app.leave("GET", "/watch", when=lambda: up.under_way("/silent") == 1)
        served = left.served(2)
        up.wait_until(lambda: not up.under_way(), 1.0)
        require(served is not None and not up.under_way(), expected="ended", received=up.under_way())

    @check("1.1-shared", "It holds.", say="It does not hold; mend it.")
    def test_shared(fresh_app):
        apart = fresh_app.get("/apart")
        _ = apart.served
        require(not fresh_app.shared_sessions(), expected=(), received=fresh_app.shared_sessions())
        reply = fresh_app.get("/shared")
        _ = reply.served
        found = fresh_app.shared_sessions()
        require([one.what for one in found] == ["AsyncSession.execute"] and found[0].site.name == "shared"
                and found[0].request == "GET /shared", expected="one", received=found)

    @check("1.1-groups", "It holds.", say="It does not hold; mend it.")
    def test_groups(fresh_app):
        reply = fresh_app.get("/fails")
        require(reply.error == "KeyError: 'the innermost'" and reply.site.name == "", expected=1, received=reply.error)
        try: expect(fresh_app.get("/shared/fails")).status(200)
        except CheckFailed as error: assert "using one database session at the same time, at app/main.py:" in error.message("")
        else: raise RuntimeError("it passed")

    @check("1.1-folder", "It holds.", say="It does not hold; mend it.")
    def test_folder(app, fresh_app):
        app.wait_ready(); fresh_app.wait_ready()
        require((app.folder / "opened").exists() and app.folder != fresh_app.folder, expected=1, received=app.folder)

    @check("1.1-start", "It holds.", say="It does not hold; mend it.")
    def test_start(fresh_app):
        fresh_app.wait_ready()
        fresh_app.ask_to_stop()
        gone = fresh_app.terminate()
        require(gone.code in (0, -15), expected=0, received=gone.code)

    @check("1.1-answer-first", "It holds.", say="It does not hold; mend it.")
    def test_answer_first(app):
        try: app.leave("GET", "/health", when=lambda: False, within=2)
        except CheckFailed as error: assert error.received == "its answer"
        else: raise RuntimeError("nobody noticed the answer")
"""


@pytest.mark.parametrize("level", list(Isolation), ids=str)
def test_apps_reach_the_stand_in_at_every_level(level: Isolation, run_suite: RunSuite) -> None:
    best = best_isolation().level
    order = [Isolation.PORTABLE, Isolation.LANDLOCK, Isolation.NAMESPACES]
    if order.index(level) > order.index(best):
        level = best
    _all_passed(run_suite(APP, SUITE, isolation=level), 8)


def test_the_same_holds_without_fork(run_suite: RunSuite) -> None:
    _all_passed(run_suite(APP, SUITE, fork=False), 8)


def _all_passed(run: SuiteRun, count: int) -> None:
    assert not run.broken and not run.faults, (run.broken, run.faults)
    failed = [
        (check.id, check.message, check.received)
        for check in run.checks.values()
        if check.outcome is not Outcome.PASSED
    ]
    assert not failed and len(run.checks) == count, failed


@pytest.fixture
def stand_in() -> Iterator[Upstream]:
    ports = Ports(as_needed=True)
    upstream = Upstream(ports.claim())
    yield upstream
    upstream.close()
    ports.close()


def _ask(upstream: Upstream, path: str) -> socket.socket:
    caller = socket.create_connection(("127.0.0.1", int(upstream.url.rpartition(":")[2])), timeout=10)
    caller.sendall(f"GET {path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n".encode())
    return caller


@pytest.mark.parametrize("leaves", [False, True], ids=["answered", "given up"])
def test_calls_after_one_another_are_never_at_once_however_late_the_end_is_noticed(
    leaves: bool, stand_in: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_notice, end = threading.Event(), stand_in._end

    def end_late(*args: object, **kwargs: bool) -> None:
        may_notice.wait(10)
        end(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(stand_in, "_end", end_late)
    stand_in.answer("/first", silent=leaves)
    for path in ("/first", "/second"):
        with _ask(stand_in, path) as caller:
            assert stand_in.wait_until(lambda path=path: stand_in.calls(path) != [], 10)  # type: ignore[misc]
            if not (leaves and path == "/first"):
                caller.recv(1000)
    may_notice.set()
    assert stand_in.wait_until(lambda: not stand_in.under_way(), 10)
    assert stand_in.at_once == 1


def test_calls_that_wait_together_are_at_once(stand_in: Upstream) -> None:
    stand_in.answer("/slow", silent=True)
    with _ask(stand_in, "/slow"), _ask(stand_in, "/slow"):
        assert stand_in.wait_until(lambda: stand_in.under_way() == 2, 10)
        assert stand_in.at_once == 2
