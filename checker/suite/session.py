"""One run of a hidden suite inside the judge: read, then asked of the app, and everything that came out said as it lands."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import IO

import msgspec
import pytest

from checker.app_under_test.answers import ask_for_errors, error_token
from checker.app_under_test.channel import tamed
from checker.app_under_test.furnishing import furnish
from checker.app_under_test.launcher import ErrorPaths, Launcher
from checker.app_under_test.server import AppFault
from checker.models.facts import AppFacts, ErrorAnswer
from checker.suite.fleet import Fleet
from checker.suite.messages import ALIVE_EVERY_S, JudgeEvent, JudgeRequest, JudgeStart
from checker.suite.outside import blocked_from_outside
from checker.suite.plugin import JudgePlugin


def run_suite(
    request: JudgeRequest, launcher: Launcher, wait_for_start: Callable[[], JudgeStart], results: IO[bytes]
) -> None:
    """Read the suite's files, load the app once there is one, and run them; everything is said on `results`."""
    saying = threading.Lock()

    def say(event: JudgeEvent) -> None:
        try:
            data = msgspec.json.encode(event)
        except (ValueError, RecursionError):
            # Something that an app sent, which no UTF-8 can hold.
            data = msgspec.json.encode(tamed(msgspec.to_builtins(event)))
        with saying:
            results.write(data + b"\n")

    def begin() -> tuple[JudgeStart, AppFacts]:
        start = wait_for_start()
        _say_alive(say)
        facts = launcher.load()
        say(JudgeEvent(facts=facts, servers=launcher.mode))
        return start, facts

    fleet = Fleet(launcher, launcher.box, answer_s=request.limits.answer_s)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="load") as loading:
        # The app is imported while pytest reads the suite, whichever is ready first.
        begun = loading.submit(begin)
        plugin = JudgePlugin(
            fleet,
            begun.result,
            say_check=lambda path, check: say(JudgeEvent(check=check, file=path.name)),
            say_fault=lambda fault: say(JudgeEvent(fault=fault)),
        )
        code = _run_pytest(request, plugin)
        if plugin.facts_after_import is not None:
            # Where no test was served, the tests have said why already.
            asks = plugin.served and request.asks_for_errors
            answers = _ask(launcher, plugin.facts_after_import, request, plugin.seed) if asks else ()
            facts = launcher.facts()
            blocked = (*facts.blocked, *blocked_from_outside(facts, fleet.stillness()))
            say(JudgeEvent(facts=replace(facts, answers=answers, blocked=blocked), servers=launcher.mode))
    usual = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED)
    if plugin.broken or (plugin.facts_after_import is not None and code not in usual):
        say(JudgeEvent(broken=plugin.broken or f"pytest ended with {code!r}."))
    say(JudgeEvent(done=True))


def _say_alive(say: Callable[[JudgeEvent], None]) -> None:
    def beat() -> None:
        # The watch that no longer listens has ended us, or is about to.
        with contextlib.suppress(OSError):
            while True:
                say(JudgeEvent(alive=True))
                time.sleep(ALIVE_EVERY_S)

    threading.Thread(target=beat, daemon=True).start()


def _ask(launcher: Launcher, facts: AppFacts, request: JudgeRequest, seed: int) -> tuple[ErrorAnswer, ...]:
    """How the app answers errors, from one more server."""
    token = error_token(seed)
    furnishing = furnish(launcher.box / "errors")
    server = launcher.start(furnishing.env, database=furnishing.database, errors=ErrorPaths(token=token))
    try:
        server.wait_ready()
    except AppFault:
        return ()
    return ask_for_errors(server, facts, token, answer_s=request.limits.answer_s).answers


def _run_pytest(request: JudgeRequest, plugin: JudgePlugin) -> int:
    configuration = Path(request.box) / "pytest.ini"
    configuration.write_text(
        f"[pytest]\nconsole_output_style = classic\npythonpath = {request.suite}\nfilterwarnings = ignore\n",
        encoding="utf-8",
    )
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    return pytest.main(
        [
            *("-c", str(configuration), "--rootdir", request.suite),
            *("--import-mode=importlib", "--assert=plain", "--noconftest"),
            *(
                "-p",
                "no:cacheprovider",
                "-p",
                "no:faulthandler",
                "-p",
                "no:junitxml",
                "-p",
                "no:unraisableexception",
            ),
            *("-q", "--no-header", "--no-summary", "--tb=short"),
            *request.files,
        ],
        plugins=[plugin],
    )
