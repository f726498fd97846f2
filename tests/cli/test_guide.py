"""`check list`, `check next` and `check hint`: where one is, and how to go on."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checker.cli.guide import columns

Check = Callable[..., Any]
NAME = "chapter-01-greeting"
HINTS = ("The name is in the path", "The function `greet`", "`name: Annotated[str")


def test_list_shows_minutes_tasks_score_and_state(
    workspace: Path, check: Check, fake_grade: Any, make_report: Any
) -> None:
    assert "22    0/2      -  not begun" in check("list").out
    fake_grade.report = make_report(done=("1.1",), score=33.3)
    check("chapter-1")
    assert "22    1/2     33  begun" in check("list").out
    fake_grade.report = make_report(done=("1.1", "1.2"), passed=True, score=100)
    check("chapter-1")
    run = check("list")
    assert "22    2/2    100  passed" in run.out
    assert max(len(line) for line in run.out.splitlines()) <= 80
    assert "\x1b" not in run.out


def test_a_grade_of_one_task_is_no_score_of_the_chapter(
    workspace: Path, check: Check, fake_grade: Any, make_report: Any
) -> None:
    fake_grade.report = make_report(done=("1.1",), score=100)
    check("chapter-1", "--task", "1.1")
    row = next(line for line in check("list").out.splitlines() if line.lstrip().startswith("1 "))
    assert row.split()[-2] == "-"


def test_list_shows_a_missing_folder(workspace: Path, check: Check) -> None:
    (workspace / ".workbook").mkdir()
    shutil.rmtree(workspace / "exercises" / NAME)
    assert "no folder" in check("list").out


def test_list_works_without_a_workspace(
    check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mini_book_root: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(mini_book_root / "chapters", tmp_path / "pack" / "chapters")
    run = check("list", book="pack")
    assert run.code == 0
    assert "not begun" in run.out
    assert "check init" in run.err


def test_list_stands_a_damaged_record(workspace: Path, check: Check) -> None:
    (workspace / ".workbook").mkdir()
    (workspace / ".workbook" / "progress.json").write_text("{")
    run = check("list")
    assert run.code == 0
    assert "not begun" in run.out
    assert "not valid JSON" in run.err


def test_next_leads_from_task_to_task(
    workspace: Path, check: Check, fake_grade: Any, make_report: Any
) -> None:
    run = check("next")
    assert run.out.startswith("Task 1.1, Greet by name")
    assert "check chapter-1 --task 1.1 --book ." in run.out
    assert "Hint 1 of 3" in run.out
    fake_grade.report = make_report(done=("1.1",))
    check("chapter-1")
    assert check("next").out.startswith("Task 1.2, Remember visitors")


def test_next_says_when_only_the_chapter_as_a_whole_is_missing(
    workspace: Path, check: Check, fake_grade: Any, make_report: Any
) -> None:
    fake_grade.report = make_report(done=("1.1", "1.2"), passed=False)
    check("chapter-1")
    run = check("next")
    assert "Each core task of chapter-1 has passed, but the chapter has not" in " ".join(run.out.split())
    assert "a constraint or a metric" in " ".join(run.out.split())


def test_next_offers_a_stretch_task_after_everything_else(
    workspace: Path, check: Check, fake_grade: Any, make_report: Any
) -> None:
    toml = workspace / "chapters" / NAME / "chapter.toml"
    toml.write_text(toml.read_text().replace('id = "1.2"', 'id = "1.2"\nstretch = true'))
    fake_grade.report = make_report(done=("1.1",), passed=True)
    check("chapter-1")
    run = check("next")
    assert run.out.startswith("Every chapter is passed. What is left is a stretch task:")
    assert "Task 1.2, Remember visitors" in run.out


def test_next_ends(workspace: Path, check: Check, fake_grade: Any, make_report: Any) -> None:
    fake_grade.report = make_report(done=("1.1", "1.2"), passed=True)
    check("chapter-1")
    assert check("next").out.startswith("Every chapter is passed, and every task in it.")


def test_hints_open_one_step_more_each_time(workspace: Path, check: Check) -> None:
    for number, text in enumerate(HINTS, start=1):
        run = check("hint", "chapter-1")
        assert run.code == 0
        assert f"hint {number} of 3" in run.out
        assert text in run.out
        assert all(other not in run.out for other in HINTS if other != text)
    everything = check("hint", "chapter-1").out
    assert "all 3 hints are open" in everything
    assert all(text in everything for text in HINTS)


def test_hints_of_a_named_task(workspace: Path, check: Check) -> None:
    for typed in (("hint", "1", "1.2"), ("hint", "1.2"), ("hint", "greeting", "2")):
        run = check(*typed)
        assert "Task 1.2, Remember visitors" in run.out
    assert "part of the code" in run.out


def test_hints_turn_to_the_task_one_is_at(
    workspace: Path, check: Check, fake_grade: Any, make_report: Any
) -> None:
    fake_grade.report = make_report(done=("1.1",))
    check("chapter-1")
    assert "Task 1.2" in check("hint", "chapter-1").out


def test_hints_ask_which_task_is_meant_when_all_have_passed(
    workspace: Path, check: Check, fake_grade: Any, make_report: Any
) -> None:
    fake_grade.report = make_report(done=("1.1", "1.2"), passed=True)
    check("chapter-1")
    run = check("hint", "chapter-1")
    assert run.code == 2
    assert "check hint chapter-1 1.1" in run.err


def test_hints_without_a_workspace_are_the_first(
    check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mini_book_root: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(mini_book_root / "chapters", tmp_path / "pack" / "chapters")
    for _ in range(2):
        run = check("hint", "chapter-1", book="pack")
        assert run.code == 0
        assert "hint 1 of 3" in run.out
        assert "not remembered" in run.err
    assert "nothing is remembered" in check("next", book="pack").err


@pytest.mark.parametrize("typed", [("hint", "9.9"), ("hint", "nope"), ("hint", "chapter-1", "1.9")])
def test_hints_of_nothing_are_wrong_use(workspace: Path, check: Check, typed: tuple[str, ...]) -> None:
    run = check(*typed)
    assert (run.code, run.out) == (2, "")


def test_columns_stay_within_80() -> None:
    lines = columns(
        [
            ("Lesson", "word " * 30),
            ("a first column of more than half the width of it", "word " * 20),
            ("", ""),
        ]
    )
    assert max(len(line) for text in lines for line in text.splitlines()) <= 80
    assert lines[-1] == ""
