"""Runs a learner's tests under coverage: `python -P -B learner_tests.py [LIBRARY ...]`, in a limited child.

It imports the libraries, uses them once, and waits for one line of JSON, its settings. One process for tests and coverage,
so that the report needs no second start. It imports nothing of the checker: what runs here is the learner's code.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

if __name__ == "__main__":
    gc.disable()  # until all libraries are there, which would be looked through a dozen times

import coverage
import pytest

if TYPE_CHECKING:
    from checker.metrics.programs import warmth
else:
    sys.path.insert(0, str(Path(__file__).parent))
    warmth = importlib.import_module("warmth")
    sys.path.pop(0)

_MOST_TEXT = 300
# Whatever runs in greenlets has imported one of these; SQLAlchemy imports greenlet itself with the first query only.
_SWITCHING = frozenset({"greenlet", "sqlalchemy"})


class Recorder:
    """Counts outcomes, keeps the first failure, and says which test runs."""

    def __init__(self, code: Path, running: Path) -> None:
        self.code = code
        self.running = running
        self.counts = dict.fromkeys(("passed", "failed", "errors", "skipped"), 0)
        self.first: dict[str, Any] | None = None

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.running.write_text(nodeid, encoding="utf-8", errors="replace")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.counts["failed" if report.when == "call" else "errors"] += 1
            self.note(report)
        elif report.skipped:
            self.counts["skipped"] += 1
        elif report.when == "call":
            self.counts["passed"] += 1

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.counts["errors"] += 1
            self.note(report)

    def note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        """Keep this failure if it is the first."""
        if self.first is not None:
            return
        crash = getattr(report.longrepr, "reprcrash", None)
        text = str(getattr(crash, "message", "") or _last_error_line(str(report.longrepr)))
        path, line = self._place(report, crash)
        self.first = {
            "test": report.nodeid[:_MOST_TEXT],
            "path": path,
            "line": line,
            "message": " ".join(text.split("\n")[0].split()).replace(f"{self.code}/", "")[:_MOST_TEXT],
        }

    def _place(self, report: pytest.TestReport | pytest.CollectReport, crash: Any) -> tuple[str, int | None]:
        """The line that failed where it is the learner's own, or else the test's first line."""
        if crash is not None:
            crashed = Path(self.code, crash.path)
            if crashed.is_relative_to(self.code):
                return crashed.relative_to(self.code).as_posix(), int(crash.lineno)
        if isinstance(report, pytest.TestReport):
            return Path(report.location[0]).as_posix(), (report.location[1] or 0) + 1
        return report.nodeid.partition("::")[0], None


def _last_error_line(text: str) -> str:
    errors = [line.removeprefix("E").strip() for line in text.splitlines() if line.startswith("E ")]
    return errors[-1] if errors else (text.strip().splitlines() or ["no message"])[-1]


def pytest_arguments(code: Path, configuration: str, imported: Collection[str] | None = None) -> list[str]:
    """How pytest is called for tests in `code` that have `imported` these libraries, where that is known."""
    arguments = ["-c", configuration, "--rootdir", str(code), "--confcutdir", str(code)]
    arguments += ["--import-mode=importlib", "-p", "no:cacheprovider"]
    for plugin in warmth.plugins(imported):
        arguments += ["-p", plugin]
    # The plugins have been read before, which they are told off for.
    arguments += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    return [*arguments, "-qq", "--no-header", "--no-summary", "--tb=short", "--show-capture=no"]


def _watch_lines(configuration: str) -> coverage.Coverage:
    watched = coverage.Coverage(data_file=None, config_file=configuration, messages=False)
    if sys.version_info >= (3, 12):
        # Python watches lines itself: tests take as long as without coverage, and greenlets need no care of their own.
        watched.set_option("run:core", "sysmon")
    elif _SWITCHING & sys.modules.keys():
        # To ask at each call in which greenlet it runs takes half as long again as all the rest.
        watched.set_option("run:concurrency", ["greenlet", "thread"])
    return watched


def _covered(measured: coverage.Coverage, code: Path) -> list[dict[str, Any]]:
    report = code.parent / "coverage.json"
    try:
        measured.json_report(outfile=str(report), show_contexts=False)
    except coverage.CoverageException:
        return []  # nothing of the app was there to run
    return [
        {
            "path": Path(path).as_posix(),
            "statements": file["summary"]["num_statements"],
            "missing": file["missing_lines"],
        }
        for path, file in json.loads(report.read_bytes())["files"].items()
    ]


def main(settings: dict[str, str]) -> None:
    """Run, measure, write the result and end at once: a thread that a test left behind shall not hold us."""
    code = Path(settings["code"])
    os.chdir(code)
    recorder = Recorder(code, Path(settings["running"]))
    imported = settings["imported"].split()
    # Before the folder is on the path: nothing of it is to run unwatched.
    warmth.import_all(imported)
    # `from helpers import x` beside the test files works under pytest's default import mode, so it works here.
    sys.path[:0] = [str(code), str(code / "tests")]
    measured = _watch_lines(settings["coverage"])
    measured.start()
    arguments = [*pytest_arguments(code, settings["pytest"], imported), settings["where"]]
    pytest.main(arguments, plugins=[recorder])
    measured.stop()
    result = {**recorder.counts, "first": recorder.first, "files": _covered(measured, code)}
    fresh = Path(settings["result"] + ".new")
    fresh.write_text(json.dumps(result), encoding="utf-8")
    fresh.replace(settings["result"])
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    warmth.warm_up(sys.argv[1:], warmth.plugins(sys.argv[1:]))
    gc.enable()
    sys.argv[1:] = []
    # Nobody sends settings any more where the line is empty.
    if line := sys.stdin.readline():
        main(json.loads(line))
