"""One run of a learner's tests against one app, in a process that ends with it; `twin_tests.py` starts them.

It imports nothing of the checker: what runs here is the learner's code.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import tempfile
import types
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

import pytest

if TYPE_CHECKING:
    from checker.metrics.programs import learner_tests, saboteur, warmth
else:
    sys.path.insert(0, str(Path(__file__).parent))
    learner_tests = importlib.import_module("learner_tests")
    saboteur = importlib.import_module("saboteur")
    warmth = importlib.import_module("warmth")
    sys.path.pop(0)

NOT_BEGUN = 97
"""The exit code of a run that could not be prepared, which is no fault of the learner's."""

# What most apps and tests import: read once here instead of once in each run.
_LIBRARIES = (
    *("fastapi.testclient", "httpx", "httpx2", "pydantic_settings", "uvicorn", "asgi_lifespan"),
    *("sqlalchemy.ext.asyncio", "sqlalchemy.orm", "sqlalchemy.dialects.sqlite.aiosqlite", "aiosqlite"),
    *("anyio._backends._asyncio", "trio.testing", "hypothesis.strategies"),
)
_modules: dict[str, Any] = {}


class Recorder(learner_tests.Recorder):
    """Writes down every outcome as it comes, one JSON object a line."""

    def __init__(self, code: Path, result: TextIO, order: list[str]) -> None:
        super().__init__(code, Path(os.devnull))
        self.result = result
        self.order = {file: place for place, file in enumerate(order)}
        self.bad: set[str] = set()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: self.order.get(item.nodeid.partition("::")[0], len(self.order)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        super().pytest_runtest_logreport(report)
        # A test has passed when what was set up for it has been taken down.
        if report.when == "teardown" and report.nodeid not in self.bad:
            self.say({"passed": report.nodeid})

    def note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        self.first = None
        super().note(report)
        if report.nodeid not in self.bad:
            self.bad.add(report.nodeid)
            self.say({"failed": report.nodeid, **(self.first or {})})

    def say(self, what: dict[str, Any]) -> None:
        """One line, at once."""
        self.result.write(json.dumps(what) + "\n")
        self.result.flush()


def run_tests(settings: dict[str, Any]) -> NoReturn:
    """One run, in a process of its own that ends with it; `settings` says on which code."""
    try:
        code = _prepare(settings)
    except Exception:  # noqa: BLE001 -- whatever it was, none of the learner's code has run yet
        os._exit(NOT_BEGUN)
    arguments = learner_tests.pytest_arguments(code, settings["pytest"])
    # A file that cannot be imported takes no other with it.
    arguments += ["--continue-on-collection-errors", settings["where"]]
    with Path(settings["result"]).open("a", encoding="utf-8") as result:
        recorder = Recorder(code, result, settings["order"])
        pytest.main(arguments, plugins=[recorder])
        recorder.say({"end": saboteur.Layer.requests})
    os._exit(0)


def _prepare(settings: dict[str, Any]) -> Path:
    code = Path(settings["code"])
    os.chdir(code)
    if settings["reach"] is not None:
        _stay_in(code.parent, settings.pop("reach"))
    os.environ.update(HOME=settings["home"], TMPDIR=settings["home"])
    tempfile.tempdir = None
    sys.path[:0] = [str(code), str(code / "tests")]
    if settings["saboteur"]:
        saboteur.install(_find_act(settings.pop("saboteur"), settings.pop("act")), code / "app")
    return code


def _stay_in(room: Path, reach: dict[str, Any]) -> None:
    """From now on this process sees no other run, and leaves nothing for a later one."""
    landlock = _modules["landlock"]
    landlock.restrict_this_process(landlock.Reach(**reach | {"write": [*reach["write"], str(room)]}))


def load_landlock(source: str) -> None:
    """Make the checker's own module of that name out of its text: its folder is out of reach here."""
    module = types.ModuleType("landlock")
    sys.modules["landlock"] = module
    exec(compile(source, "landlock.py", "exec", dont_inherit=True), module.__dict__)  # noqa: S102 -- the checker's own
    _modules["landlock"] = sys.modules.pop("landlock")


def _find_act(source: str, name: str) -> Callable[[saboteur.Call], None]:
    """The book's function of that name, out of reach of whoever looks for it among modules."""
    parts: dict[str, Any] = {"__name__": "over_http"}
    exec(compile(source, "over_http.py", "exec", annotations.compiler_flag, dont_inherit=True), parts)  # noqa: S102 -- the book's own file
    act: Callable[[saboteur.Call], None] = parts.get(name, _do_nothing)
    return act


def _do_nothing(_: saboteur.Call) -> None:
    """What the right app does to its replies."""


def warm_up() -> None:
    """Do once what each of the runs, which are forked from here, would do."""
    warmth.warm_up(_LIBRARIES, warmth.plugins())
