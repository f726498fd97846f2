"""Runs a learner's tests under coverage: `python -P -B learner_tests.py [LIBRARY ...]`, in a limited child.

It imports the libraries and waits for one line of JSON, its settings. One process for tests and coverage, so that the report
needs no second start. It imports nothing of the checker: what runs here is the learner's code.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

gc.disable()  # until all libraries are there, which would be looked through a dozen times

import coverage
import pytest

# Plugins that only offer fixtures or run async tests; those that change what a test means are left out.
_PLUGINS = frozenset(
    {
        *{"pytest-asyncio", "anyio", "hypothesis", "faker", "respx", "time-machine", "inline-snapshot"},
        *{
            "pytest-mock",
            "pytest-httpx",
            "pytest-httpx2",
            "pytest-freezer",
            "pytest-subtests",
            "pytest-lazy-fixtures",
        },
    }
)
_MOST_TEXT = 300


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


def plugins() -> list[str]:
    """Arguments that load the plugins above, where they are installed."""
    wanted: list[str] = []
    for entry in entry_points(group="pytest11"):
        if entry.dist is not None and entry.dist.name.lower().replace("_", "-") in _PLUGINS:
            wanted += ["-p", entry.value.partition(":")[0]]
    return wanted


def get_ready(libraries: list[str]) -> None:
    """Import what the tests are likely to import; what cannot be imported is theirs to stumble over."""
    for name in libraries:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    # What is there now stays: later collections need not look through it again and again.
    gc.freeze()
    gc.enable()


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
    # `from helpers import x` beside the test files works under pytest's default import mode, so it works here.
    sys.path[:0] = [str(code), str(code / "tests")]
    measured = coverage.Coverage(data_file=None, config_file=settings["coverage"], messages=False)
    measured.start()
    arguments = ["-c", settings["pytest"], "--rootdir", str(code), "--confcutdir", str(code)]
    arguments += ["--import-mode=importlib", "-p", "no:cacheprovider", *plugins()]
    arguments += ["-qq", "--no-header", "--no-summary", "--tb=short", "--show-capture=no", settings["where"]]
    pytest.main(arguments, plugins=[recorder])
    measured.stop()
    result = {**recorder.counts, "first": recorder.first, "files": _covered(measured, code)}
    fresh = Path(settings["result"] + ".new")
    fresh.write_text(json.dumps(result), encoding="utf-8")
    fresh.replace(settings["result"])
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    get_ready(sys.argv[1:])
    sys.argv[1:] = []
    # Nobody sends settings any more where the line is empty.
    if line := sys.stdin.readline():
        main(json.loads(line))
