"""`check CHAPTER`: which folder is graded, where the report goes, what is remembered, what the exit code says."""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checker.cli.grading import verdict
from checker.errors import ExitCode
from checker.models.report import (
    ConstraintOutcome,
    ConstraintResult,
    Fault,
    FaultKind,
    MetricOutcome,
    MetricResult,
    Outcome,
    Report,
    Task,
)

Check = Callable[..., Any]
NAME = "chapter-01-greeting"


def record(workspace: Path) -> Any:
    """What the progress file says of the chapter."""
    path = workspace / ".workbook" / "progress.json"
    return json.loads(path.read_bytes())["chapters"].get("chapter-01") if path.exists() else None


@pytest.mark.parametrize("typed", ["chapter-1", "chapter-01", "1", "greeting", "CHAPTER-1", NAME])
def test_a_chapter_has_many_names(workspace: Path, check: Check, fake_grade: Any, typed: str) -> None:
    assert check(typed).code == 1
    assert fake_grade.folders == [workspace / "exercises" / NAME]


def test_passing_exits_0(workspace: Path, check: Check, fake_grade: Any, make_report: Any) -> None:
    fake_grade.report = make_report(done=("1.1", "1.2"), passed=True, score=100)
    run = check("chapter-1")
    assert run.code == 0
    assert "passed" in run.out
    assert record(workspace)["passed_at"] is not None


def test_options_reach_the_grade(workspace: Path, check: Check, fake_grade: Any) -> None:
    check("chapter-1", "--task", "1.2", "--no-load", "--seed", "7")
    (options,) = fake_grade.options
    assert (options.task, options.load, options.seed, options.solution) == ("1.2", False, 7, False)


def test_a_task_may_be_named_by_its_last_number(workspace: Path, check: Check, fake_grade: Any) -> None:
    check("chapter-1", "--task", "2")
    assert fake_grade.options[0].task == "1.2"


def test_a_task_alone_names_its_chapter(workspace: Path, check: Check, fake_grade: Any) -> None:
    assert check("1.2").code == 1
    assert fake_grade.options[0].task == "1.2"
    assert check("1.9").code == 2


def test_an_unknown_task_names_those_there_are(workspace: Path, check: Check, fake_grade: Any) -> None:
    run = check("chapter-1", "--task", "4.3")
    assert run.code == 2
    assert "`1.1`, `1.2`" in run.err
    assert fake_grade.folders == []


def test_the_solution_is_graded_and_is_nobodys_progress(
    workspace: Path, check: Check, fake_grade: Any
) -> None:
    check("chapter-1", "--solution")
    assert fake_grade.folders == [workspace / "solutions" / NAME]
    assert fake_grade.options[0].solution
    assert record(workspace) is None


def test_solution_and_path_contradict_each_other(workspace: Path, check: Check, fake_grade: Any) -> None:
    assert check("chapter-1", "exercises", "--solution").code == 2


def test_another_folder_is_graded_and_not_remembered(workspace: Path, check: Check, fake_grade: Any) -> None:
    shutil.copytree(workspace / "exercises" / NAME, workspace / "ada")
    check("chapter-1", "ada")
    assert fake_grade.folders == [workspace / "ada"]
    assert record(workspace) is None


def test_the_own_folder_by_its_path_is_remembered(workspace: Path, check: Check, fake_grade: Any) -> None:
    check("chapter-1", f"exercises/{NAME}")
    assert record(workspace)["attempts"] == 1


def test_a_whole_workspace_is_taken_for_its_chapter(
    workspace: Path, check: Check, fake_grade: Any, tmp_path: Path
) -> None:
    theirs = tmp_path / "ada"
    shutil.copytree(workspace / "exercises", theirs / "exercises")
    check("chapter-1", str(theirs))
    assert fake_grade.folders == [theirs / "exercises" / NAME]


def test_a_missing_path_is_wrong_use(workspace: Path, check: Check, fake_grade: Any) -> None:
    run = check("chapter-1", "nowhere")
    assert run.code == 2
    assert "no folder `nowhere`" in run.err


def test_a_file_is_no_folder(workspace: Path, check: Check, fake_grade: Any) -> None:
    run = check("chapter-1", f"exercises/{NAME}/app/main.py")
    assert run.code == 2
    assert "is a file" in run.err


def test_a_missing_exercise_is_not_passed_and_says_how_to_get_it(
    workspace: Path, check: Check, fake_grade: Any
) -> None:
    (workspace / ".workbook").mkdir()
    shutil.rmtree(workspace / "exercises" / NAME)
    run = check("chapter-1")
    assert run.code == 1
    assert "`check reset chapter-1 --book .`" in run.err


def test_outside_of_a_workspace_a_path_is_asked_for(
    check: Check, fake_grade: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mini_book_root: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    pack = tmp_path / "pack"
    shutil.copytree(mini_book_root / "chapters", pack / "chapters")
    run = check("chapter-1", book="pack")
    assert run.code == 2
    assert "check init" in run.err


def test_json_stands_alone_on_standard_output(workspace: Path, check: Check, fake_grade: Any) -> None:
    run = check("chapter-1", "--format", "json")
    assert run.code == 1
    assert json.loads(run.out)["chapter"] == "chapter-01"


def test_an_unknown_format_offers_a_close_one(workspace: Path, check: Check, fake_grade: Any) -> None:
    run = check("chapter-1", "--format", "jsn")
    assert run.code == 2
    assert "did you mean `json`" in run.err
    assert fake_grade.folders == [], "nothing is graded before the options are right"


def test_the_report_goes_into_a_file(workspace: Path, check: Check, fake_grade: Any) -> None:
    run = check("chapter-1", "--format", "json", "--output", "report.json")
    assert (run.code, run.out) == (1, "")
    assert json.loads((workspace / "report.json").read_bytes())["score"] == 50
    assert "not passed, score 50 of 100" in run.err
    assert "report.json" in run.err


@pytest.mark.parametrize(
    ("output", "why"), [("missing/report.json", "does not exist"), ("exercises", "is a folder")]
)
def test_an_impossible_output_is_refused_before_the_work(
    workspace: Path, check: Check, fake_grade: Any, output: str, why: str
) -> None:
    run = check("chapter-1", "--output", output)
    assert run.code == 2
    assert why in run.err
    assert fake_grade.folders == []


def test_a_full_disk_leaves_no_half_report(
    workspace: Path, check: Check, fake_grade: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sorted(workspace.iterdir())

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    run = check("chapter-1", "--output", "report.txt")
    assert run.code == 3
    assert "the disk is full" in run.err
    assert "Your progress could not be saved" in run.err
    assert sorted(path for path in workspace.iterdir() if path.name != ".workbook") == before


def test_a_read_only_workspace_is_a_warning_and_the_verdict_stands(
    workspace: Path, check: Check, fake_grade: Any
) -> None:
    (workspace / ".workbook").write_text("a file where the folder should be")
    run = check("chapter-1")
    assert run.code == 1
    assert "warning:" in run.err
    assert "Task 1.1" in run.out


def test_ctrl_c_while_grading_saves_nothing(workspace: Path, check: Check, fake_grade: Any) -> None:
    fake_grade.trouble = KeyboardInterrupt()
    run = check("chapter-1", "--output", "report.txt")
    assert (run.code, run.out) == (130, "")
    assert record(workspace) is None
    assert not (workspace / "report.txt").exists()


def task(outcome: Outcome) -> Task:
    return Task(id="1.1", title="A task", outcome=outcome, points=0, max_points=10)


def report(**parts: Any) -> Report:
    return Report(chapter="chapter-01", title="Greeting", passed=False, score=0, duration_s=1, **parts)


def metric(outcome: MetricOutcome, *, graded: bool = True) -> MetricResult:
    return MetricResult(
        id="M2", title="mypy", outcome=outcome, value=None, target=0, unit="errors", graded=graded
    )


def constraint(outcome: ConstraintOutcome) -> ConstraintResult:
    return ConstraintResult(id="H1", title="Models", outcome=outcome, hard=True)


OURS = task(Outcome.ERROR)


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (report(tasks=(task(Outcome.FAILED),)), ExitCode.NOT_PASSED),
        (report(tasks=(task(Outcome.FAILED), OURS)), ExitCode.NOT_PASSED),
        (report(tasks=(OURS,)), ExitCode.CHECKER_FAULT),
        (report(tasks=(OURS,), constraints=(constraint(ConstraintOutcome.FAILED),)), ExitCode.NOT_PASSED),
        (report(tasks=(OURS,), metrics=(metric(MetricOutcome.FAILED),)), ExitCode.NOT_PASSED),
        (
            report(tasks=(OURS,), metrics=(metric(MetricOutcome.FAILED, graded=False),)),
            ExitCode.CHECKER_FAULT,
        ),
        (report(metrics=(metric(MetricOutcome.ERROR),)), ExitCode.CHECKER_FAULT),
        (report(constraints=(constraint(ConstraintOutcome.ERROR),)), ExitCode.CHECKER_FAULT),
        (
            report(tasks=(OURS,), faults=(Fault(kind=FaultKind.CRASH, message="It died."),)),
            ExitCode.NOT_PASSED,
        ),
        (report(faults=(Fault(kind=FaultKind.ISOLATION, message="No sandbox."),)), ExitCode.CHECKER_FAULT),
        (report(tasks=(task(Outcome.SKIPPED),)), ExitCode.NOT_PASSED),
    ],
)
def test_only_what_the_learner_did_is_not_passed(found: Report, code: ExitCode) -> None:
    assert verdict(found) == code
