"""The trusted process that runs a hidden suite: `python -P -m checker.suite.judge`, JSON in, JSON lines out.

Learner code never runs here. Standard input holds one `JudgeRequest`; every line of standard output is one
`JudgeEvent`. Anything else that something prints goes to standard error.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO

import msgspec
import psutil
import pytest

from checker.app_under_test.answers import ask_for_errors, error_token
from checker.app_under_test.channel import tamed
from checker.app_under_test.furnishing import furnish
from checker.app_under_test.launcher import ErrorPaths, Launcher
from checker.app_under_test.server import AppFault
from checker.models.facts import AppFacts, ErrorAnswer
from checker.sandbox import adopt_orphans, end_descendants, end_with_parent, hide_this_process
from checker.suite.fleet import Fleet
from checker.suite.messages import ALIVE_EVERY_S, JudgeEvent, JudgeRequest
from checker.suite.outside import blocked_from_outside
from checker.suite.plugin import JudgePlugin


def main() -> int:
    """Run one suite; the exit code is 0 whenever `done` was said."""
    # A descriptor of its own for the results: a stray print must not end up between them.
    results = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    adopt_orphans()
    request = msgspec.json.decode(sys.stdin.buffer.read(), type=JudgeRequest)
    end_with_parent(request.parent)
    hide_this_process()
    try:
        run_suite(request, results)
    finally:
        end_descendants(psutil.Process())
    return 0


def run_suite(request: JudgeRequest, results: IO[bytes]) -> None:
    """Read the suite's files, then load the app and run them; everything is said on `results`."""
    saying = threading.Lock()

    def say(event: JudgeEvent) -> None:
        try:
            data = msgspec.json.encode(event)
        except (ValueError, RecursionError):
            # Something that an app sent, which no UTF-8 can hold.
            data = msgspec.json.encode(tamed(msgspec.to_builtins(event)))
        with saying:
            results.write(data + b"\n")

    _say_alive(say)
    # The judge's own files lie beside it: the app writes to its own box alone.
    box = Path(request.box) / "app"
    launcher = Launcher(
        Path(request.folder),
        request.target,
        box=box,
        limits=request.limits,
        env=request.env,
        fork=request.fork,
        isolation=request.isolation,
    )

    def load() -> AppFacts:
        facts = launcher.load()
        say(JudgeEvent(facts=facts, servers=launcher.mode))
        return facts

    with launcher:
        fleet = Fleet(launcher, box, answer_s=request.limits.answer_s)
        plugin = JudgePlugin(
            fleet,
            load,
            request.seed,
            say_check=lambda path, check: say(JudgeEvent(check=check, file=path.name)),
            say_fault=lambda fault: say(JudgeEvent(fault=fault)),
            first=frozenset(request.first),
            stop_early=request.stop_early,
        )
        code = _run_pytest(request, plugin)
        if plugin.facts_after_import is not None:
            # Where no test was served, the tests have said why already.
            answers = _ask(launcher, plugin.facts_after_import, request) if plugin.served else ()
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


def _ask(launcher: Launcher, facts: AppFacts, request: JudgeRequest) -> tuple[ErrorAnswer, ...]:
    """How the app answers errors, from one more server."""
    token = error_token(request.seed)
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


if __name__ == "__main__":
    sys.exit(main())
