"""A held loop is felt from outside, a turning one never."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from checker.app_under_test.furnishing import furnish
from checker.app_under_test.launcher import Launcher
from checker.book import Limits
from checker.models.facts import AppFacts, BlockedLoop, RouteFact, Site
from checker.suite import App, Clock, call
from checker.suite.outside import blocked_from_outside
from checker.suite.pulse import Stillness

SOURCE = """
import asyncio
import time
from fastapi import FastAPI

app = FastAPI()

@app.get("/holds/{seconds}")
async def holds(seconds: float) -> str:
    time.sleep(seconds)
    return "done"

@app.get("/waits")
async def waits() -> str:
    await asyncio.sleep(0.5)
    return "done"

@app.get("/computes")
async def computes() -> str:
    until = time.thread_time() + 0.08
    while time.thread_time() < until:
        pass
    return "done"

@app.get("/in-thread")
def in_thread() -> str:
    time.sleep(0.5)
    return "done"
"""


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    (tmp_path / "code" / "app").mkdir(parents=True)
    (tmp_path / "code" / "app" / "main.py").write_text(SOURCE)
    launcher = Launcher(
        tmp_path / "code",
        "app.main:app",
        box=tmp_path / "box",
        limits=Limits(start_s=15, answer_s=5),
        watch=False,
    )
    with launcher:
        furnishing = furnish(tmp_path / "box" / "world")
        server = launcher.start(furnishing.env, database=furnishing.database)
        yield App(server, answer_s=5, clock=Clock(furnishing.clock), pulse_path=launcher.pulse_path)


def test_a_handler_that_holds_the_loop_is_felt(app: App) -> None:
    app.get("/holds/2.5")
    (still,) = app.stillness()
    assert (still.method, still.path) == ("GET", "/holds/2.5")
    assert 0.2 < still.seconds < 5


def test_handlers_that_wait_or_run_in_a_thread_are_not(app: App) -> None:
    for path in ("/waits", "/in-thread"):
        assert app.get(path).status == 200
    assert app.stillness() == ()


def test_what_ten_requests_compute_together_is_laid_at_none_of_them(app: App) -> None:
    assert [reply.status for reply in app.together(*[call("GET", "/computes")] * 10)] == [200] * 10
    assert app.stillness() == ()


def test_a_sign_of_life_is_no_line_in_the_log(app: App) -> None:
    app.get("/waits")
    assert [line for line in app.logs() if "HTTP/1.1" in line] == [
        line for line in app.logs() if '"GET /waits HTTP/1.1" 200' in line
    ]


def route(path: str, *, is_async: bool = True) -> RouteFact:
    return RouteFact(
        path=path, methods=("GET",), name="r", site=Site(path="app/main.py", line=3), is_async=is_async
    )


STILL = Stillness(method="GET", path="/tools/7", seconds=0.5)


def test_the_path_operation_is_named_where_the_probe_said_nothing() -> None:
    facts = AppFacts(target="app.main:app", routes=(route("/tools/{tool_id}"),))
    (blocked,) = blocked_from_outside(facts, [STILL])
    assert (blocked.site.line, blocked.request, blocked.held_ms) == (3, "GET /tools/7", 500.0)


def test_what_the_probe_has_told_is_not_told_again() -> None:
    told = BlockedLoop(
        how="call", what="time.sleep", site=Site(path="app/main.py", line=4), request="GET /tools/9"
    )
    facts = AppFacts(target="app.main:app", routes=(route("/tools/{tool_id}"),), blocked=(told,))
    assert blocked_from_outside(facts, [STILL]) == ()


@pytest.mark.parametrize(
    "routes", [(), (route("/loans/{loan_id}"),), (route("/tools/{tool_id}", is_async=False),)]
)
def test_nothing_is_said_where_no_async_path_operation_stands_behind_it(
    routes: tuple[RouteFact, ...],
) -> None:
    assert blocked_from_outside(AppFacts(target="app.main:app", routes=routes), [STILL]) == ()
