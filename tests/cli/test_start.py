"""`check start`: a first look that ends well, wherever it is begun."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checker.errors import SubmissionError
from checker.models.report import Fault, FaultKind

Check = Callable[..., Any]
NAME = "chapter-01-greeting"


def test_the_first_failure_is_explained_and_the_way_on_shown(
    workspace: Path, check: Check, fake_grade: Any
) -> None:
    run = check("start")
    assert run.code == 0
    text = run.out
    for words in (
        f"Your code   exercises/{NAME}/app",
        "0 of 2 tasks done, score 50 of 100. That is as it should be",
        "The first check that does not hold",
        "Task 1.1, Greet by name",
        "Sent       GET /greetings/ada",
        'Expected   {"message": "Ahoy, ada"}',
        "Where      app/main.py:12",
        "Put both into the message.",
        f"Task sheet   exercises/{NAME}/README.md",
        f"jupyter lab chapters/{NAME}/lesson.ipynb",
        f"TODO(1.1) in exercises/{NAME}/app",
        "check chapter-1 --book .",
        "check hint chapter-1 --book .",
    ):
        assert words in text, words
    assert max(len(line) for line in text.splitlines()) <= 80
    assert "\x1b" not in text, "what the app answered must not drive the terminal"


def test_it_grades_the_learners_own_folder_without_load_and_advice(
    workspace: Path, check: Check, fake_grade: Any
) -> None:
    check("start")
    assert fake_grade.folders == [workspace / "exercises" / NAME]
    assert (fake_grade.options[0].load, fake_grade.options[0].advice) == (False, False)


def test_a_fault_is_explained_instead_of_a_check(
    workspace: Path, check: Check, fake_grade: Any, make_report: Any
) -> None:
    fault = Fault(kind=FaultKind.SYNTAX, message="A bracket is never closed.", path="app/main.py", line=3)
    fake_grade.report = make_report(faults=(fault,), score=0)
    run = check("start")
    assert run.code == 0
    assert "A bracket is never closed." in run.out
    assert "app/main.py:3" in run.out


def test_tasks_all_done_lead_to_the_grade_in_full(
    workspace: Path, check: Check, fake_grade: Any, make_report: Any
) -> None:
    fake_grade.report = make_report(done=("1.1", "1.2"), passed=True, score=100)
    run = check("start")
    assert run.code == 0
    assert "Every check of the tasks of chapter-1 passes." in run.out
    assert "`check chapter-1 --book .` grades it in full" in run.out


def test_a_chapter_already_passed_leads_on(
    workspace: Path, check: Check, fake_grade: Any, make_report: Any
) -> None:
    fake_grade.report = make_report(done=("1.1", "1.2"), passed=True, score=100)
    check("chapter-1")
    run = check("start")
    assert run.code == 0
    assert "Every chapter is passed" in run.out


def test_without_a_workspace_the_delivered_starter_is_graded(
    mini_book: Callable[[], Path],
    check: Check,
    fake_grade: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book = mini_book()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("checker.cli.desk.find_workspace", lambda start=None: None)
    run = check("start", book=str(book))
    assert run.code == 0
    assert fake_grade.folders == [book / "exercises" / NAME]
    assert "check init my-workbook" in run.out
    assert not (book / ".workbook").exists()


def test_a_workspace_that_lost_its_folder_grades_the_delivered_starter(
    workspace: Path, check: Check, fake_grade: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check("init", str(tmp_path / "own"))
    shutil.rmtree(tmp_path / "own" / "exercises" / NAME)
    monkeypatch.chdir(tmp_path / "own")
    run = check("start", book=str(workspace))
    assert run.code == 0
    assert fake_grade.folders == [workspace / "exercises" / NAME]


def test_a_book_without_its_starter_is_a_sentence(workspace: Path, check: Check, fake_grade: Any) -> None:
    shutil.rmtree(workspace / "exercises")
    run = check("start")
    assert run.code == 3
    assert "is missing" in run.err
    assert fake_grade.folders == []


def test_what_cannot_be_graded_is_not_a_bug(workspace: Path, check: Check, fake_grade: Any) -> None:
    fake_grade.trouble = SubmissionError("The folder holds 10,000 files.")
    run = check("start")
    assert run.code == 1
    assert "10,000 files" in run.err
