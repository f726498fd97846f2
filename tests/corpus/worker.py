"""Grades one job after another: `python -P -m tests.corpus.worker`, a JSON job a line in, a JSON result a line out.

A process of its own, since what it grades may end it; several of them work side by side.
"""

from __future__ import annotations

import dataclasses
import os
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

import msgspec

from checker.book import Limits, open_book
from checker.cli.grading import verdict
from checker.errors import CheckerError, ExitCode, SubmissionError
from checker.grade import GradeOptions, grade
from checker.models.events import Stage
from checker.models.report import MetricOutcome, Report
from checker.report import render
from checker.sandbox import Isolation

# Short, so that a hang is quickly one; long enough for a machine with other work.
PATIENCE = float(os.environ.get("CORPUS_PATIENCE") or 0) or (
    max(1.0, min(4.0, os.getloadavg()[0] / (os.cpu_count() or 1))) if hasattr(os, "getloadavg") else 1.0
)
"""How many times longer the limits are: on a machine with other work, a correct app is slow as well."""
LIMITS = Limits(
    start_s=5.0 * PATIENCE,
    answer_s=1.5 * PATIENCE,
    run_s=15.0 * PATIENCE,
    tests_s=15.0 * PATIENCE,
    cpu_s=6,
    memory_mb=768,
    output_mb=1,
    file_mb=8,
    processes=24,
)


class Job(msgspec.Struct, frozen=True):
    """One grade."""

    book: str
    folder: str
    temporary: str
    level: str
    parts: tuple[Stage, ...]
    seed: int


class Graded(msgspec.Struct, frozen=True):
    """How it ended: `said` names what the report holds against the submission."""

    end: str
    said: tuple[str, ...] = ()
    report: str = ""
    seconds: float = 0.0


def run(job: Job) -> Graded:
    """Grade; an exception that is not the checker's own is a crash of the grader."""
    started = time.monotonic()
    os.environ["TMPDIR"] = tempfile.tempdir = job.temporary
    chapter = open_book(Path(job.book)).find("1")
    chapter = dataclasses.replace(chapter, file=msgspec.structs.replace(chapter.file, limits=LIMITS))
    options = GradeOptions(
        parts=frozenset(job.parts), load=False, isolation=Isolation(job.level), seed=job.seed
    )
    try:
        report = grade(chapter, Path(job.folder), options, lambda event: None)
        text = render("json", report)
    except SubmissionError as error:
        return Graded("not passed", (f"error:{error}",), str(error), time.monotonic() - started)
    except CheckerError as error:
        return Graded("error", (f"error:{error}",), str(error), time.monotonic() - started)
    except BaseException:  # noqa: BLE001 -- whatever escapes is what is looked for
        return Graded("crashed", (), traceback.format_exc()[-3000:], time.monotonic() - started)
    return Graded(_end(report, job), tuple(_said(report)), text, time.monotonic() - started)


def _end(report: Report, job: Job) -> str:
    if Stage.SUITE in job.parts:
        code = verdict(report)
        return {ExitCode.PASSED: "passed", ExitCode.NOT_PASSED: "not passed"}.get(code, "error")
    outcomes = {one.outcome for one in report.metrics if one.graded}
    if MetricOutcome.ERROR in outcomes:
        return "error"
    return "passed" if outcomes == {MetricOutcome.PASSED} and not report.faults else "not passed"


def _said(report: Report) -> Any:
    yield from (f"fault:{fault.kind.value}" for fault in report.faults)
    for task in report.tasks:
        yield from (
            f"check:{one.id}:{one.outcome.value}" for one in task.checks if one.outcome.value != "passed"
        )
    yield from (f"metric:{one.id}:{one.outcome.value}" for one in report.metrics if one.graded)
    yield from (f"constraint:{one.id}:{one.outcome.value}" for one in report.constraints if one.graded)


def main() -> None:
    """Until nothing more comes."""
    results = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    for line in sys.stdin.buffer:
        results.write(msgspec.json.encode(run(msgspec.json.decode(line, type=Job))) + b"\n")


if __name__ == "__main__":
    main()
