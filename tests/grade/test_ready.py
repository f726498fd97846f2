"""A grade that was got ready ahead judges like any other, and one that is stopped leaves nothing."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from checker.book import Chapter
from checker.errors import CheckerError
from checker.grade import GradeOptions, GradeStopped, Ready, Stop, grade_ready
from checker.grade import ready as readying
from checker.models.events import Stage
from checker.models.report import FaultKind, MetricOutcome, Outcome, Report
from tests.grade.conftest import runs

SUITE_ALONE = GradeOptions(parts=frozenset({Stage.SUITE}))
NOT_DONE = {"app/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n"}


def outcomes(report: Report) -> dict[str, Outcome]:
    return {check.id: check.outcome for task in report.tasks for check in task.checks}


def children() -> set[psutil.Process]:
    """What runs below this process; other tests may have left something there that is none of ours."""
    return {one for one in psutil.Process().children(recursive=True) if runs(one)}


def judge_ready(chapter: Chapter, folder: Path, options: GradeOptions = SUITE_ALONE) -> Report:
    with Ready(chapter, options) as ready:
        # Long enough for the judge to have read the suite and the app's process to wait.
        time.sleep(1.0)
        return grade_ready(ready, folder, options, lambda event: None)


@pytest.mark.parametrize("fork", [None, False], ids=["as this system does it", "without fork"])
def test_what_was_got_ready_judges_the_same(
    chapter: Chapter, submit: Callable[..., Path], judge: Callable[..., Report], fork: bool | None
) -> None:
    folder = submit()
    options = GradeOptions(parts=frozenset({Stage.SUITE}), fork=fork)
    assert outcomes(judge_ready(chapter, folder, options)) == outcomes(judge(folder))


def test_what_was_got_ready_sees_an_app_that_does_nothing(
    chapter: Chapter, submit: Callable[..., Path], judge: Callable[..., Report]
) -> None:
    folder = submit(NOT_DONE)
    found = outcomes(judge_ready(chapter, folder))
    assert found == outcomes(judge(folder))
    assert Outcome.FAILED in found.values()


def test_what_was_got_ready_names_an_app_that_cannot_be_imported(
    chapter: Chapter, submit: Callable[..., Path]
) -> None:
    report = judge_ready(chapter, submit({"app/main.py": "import no_such_package\n"}))
    assert [fault.kind for fault in report.faults] == [FaultKind.IMPORT]


def test_a_waiting_process_that_died_is_replaced(chapter: Chapter, submit: Callable[..., Path]) -> None:
    with Ready(chapter, SUITE_ALONE) as ready:
        time.sleep(1.0)
        guests = [
            one
            for one in psutil.Process().children(recursive=True)
            if any(part.endswith("guest.py") for part in one.cmdline())
        ]
        assert guests
        for guest in guests:
            guest.kill()
        psutil.wait_procs(guests, timeout=5)
        report = grade_ready(ready, submit(), SUITE_ALONE, lambda event: None)
    assert set(outcomes(report).values()) == {Outcome.PASSED}


def test_tests_of_the_learner_run_in_the_process_that_waits_for_them(
    chapter: Chapter, submit: Callable[..., Path]
) -> None:
    options = GradeOptions(parts=frozenset({Stage.TESTS}))
    with Ready(chapter, options) as ready:
        waiting = waiting_for_tests()
        report = grade_ready(ready, submit(), options, lambda event: None)
    assert len(waiting) == 1
    assert not waiting[0].is_running()
    assert [(metric.id, metric.outcome) for metric in report.metrics] == [("M3", MetricOutcome.PASSED)]


def test_a_process_for_tests_that_died_while_it_waited_is_replaced(
    chapter: Chapter, submit: Callable[..., Path]
) -> None:
    options = GradeOptions(parts=frozenset({Stage.TESTS}))
    with Ready(chapter, options) as ready:
        waiting = waiting_for_tests()
        for one in waiting:
            one.kill()
        psutil.wait_procs(waiting, timeout=5)
        # What stands above it ends a moment later.
        while ready.begun[Stage.TESTS].runs:
            time.sleep(0.01)
        report = grade_ready(ready, submit(), options, lambda event: None)
    assert waiting
    assert [metric.outcome for metric in report.metrics] == [MetricOutcome.PASSED]


def waiting_for_tests() -> list[psutil.Process]:
    """The innermost processes that run the program for a learner's tests, once they are there."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        found = [
            one
            for one in psutil.Process().children(recursive=True)
            if any(part.endswith("learner_tests.py") for part in words_of(one)[:4])
        ]
        if found:
            return found
        time.sleep(0.05)
    return []


def words_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


def test_a_library_of_the_starter_that_is_missing_is_no_obstacle(
    chapter: Chapter, submit: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readying, "imported_libraries", lambda folder: ("no_such_package", "fastapi"))
    assert set(outcomes(judge_ready(chapter, submit())).values()) == {Outcome.PASSED}


def test_what_nobody_used_leaves_nothing(chapter: Chapter) -> None:
    before = children()
    ready = Ready(chapter, SUITE_ALONE)
    time.sleep(0.5)
    family = children() - before
    assert family
    ready.close()
    assert not ready.box.exists()
    _, alive = psutil.wait_procs(family, timeout=5)
    assert not alive


@pytest.mark.parametrize("moment_s", [0.0, 1.0])
def test_a_grade_that_is_stopped_has_no_verdict_and_leaves_nothing(
    chapter: Chapter, submit: Callable[..., Path], moment_s: float
) -> None:
    folder, before = submit(), children()
    stop = Stop()
    ended: list[object] = []

    def run() -> None:
        try:
            with Ready(chapter, GradeOptions()) as ready:
                ended.append(grade_ready(ready, folder, GradeOptions(), lambda event: None, stop))
        except GradeStopped as error:
            ended.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    time.sleep(moment_s)
    stop.stop()
    thread.join(20)
    assert not thread.is_alive()
    assert isinstance(ended[0], GradeStopped)
    time.sleep(0.2)
    assert children() - before == set()


@pytest.mark.skipif(sys.platform == "win32", reason="a file in use cannot be replaced there")
def test_files_of_the_checker_that_changed_while_it_waited_are_no_verdict(
    chapter: Chapter, submit: Callable[..., Path], tmp_path: Path
) -> None:
    with Ready(chapter, SUITE_ALONE) as ready:
        suite = tmp_path / "suite"
        suite.mkdir()
        ready.own_files = type(ready.own_files)(suite)
        (suite / "test_new.py").write_text("")
        assert ready.own_files.changed() == [suite / "test_new.py"]
        assert ready.is_stale
        with pytest.raises(CheckerError, match="changed while the app ran"):
            grade_ready(ready, submit(), SUITE_ALONE, lambda event: None)


def test_a_judge_that_died_while_it_waited_is_known(chapter: Chapter) -> None:
    with Ready(chapter, SUITE_ALONE) as ready:
        assert not ready.is_stale
        judges = [one for one in psutil.Process().children() if "checker.suite.judge" in one.cmdline()]
        for judge in judges:
            judge.kill()
        psutil.wait_procs(judges, timeout=5)
        time.sleep(0.2)
        assert ready.is_stale
