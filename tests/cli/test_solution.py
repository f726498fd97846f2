"""`check solution`: closed until it is earned or given up, and nothing of the learner's is touched."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from checker.cli.solution import compare_task

Check = Callable[..., Any]
NAME = "chapter-01-greeting"


def fingerprint(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_it_stays_closed_until_the_chapter_is_passed(
    workspace: Path, check: Check, fake_grade: Any, make_report: Any
) -> None:
    run = check("solution", "chapter-1")
    assert (run.code, run.out) == (1, "")
    assert "`check solution chapter-1 --give-up --book .`" in run.err
    fake_grade.report = make_report(done=("1.1", "1.2"), passed=True, score=100)
    check("chapter-1")
    assert check("solution", "chapter-1").code == 0


def test_giving_up_shows_a_diff_for_each_task_and_changes_nothing(workspace: Path, check: Check) -> None:
    before = fingerprint(workspace / "exercises")
    run = check("solution", "chapter-1", "--give-up")
    assert run.code == 0
    first, second = run.out.split("Task 1.2, Remember visitors")
    assert f"lies in solutions/{NAME}" in first
    assert '+    return Greeting(message=f"{door.word}, {name}")' in first
    assert '-    return Greeting(message="Hello")' in first
    assert "Location" in second
    assert "door.word" not in second
    assert fingerprint(workspace / "exercises") == before
    record = json.loads((workspace / ".workbook" / "progress.json").read_bytes())
    assert record["chapters"]["chapter-01"]["solution_shown_at"]


def test_one_task_alone(workspace: Path, check: Check) -> None:
    run = check("solution", "chapter-1", "--task", "2", "--give-up")
    assert "Task 1.1" not in run.out
    assert "Task 1.2" in run.out


def test_what_is_the_same_is_said_to_be(workspace: Path, check: Check) -> None:
    shutil.copytree(workspace / "solutions" / NAME, workspace / "exercises" / NAME, dirs_exist_ok=True)
    run = check("solution", "chapter-1", "--give-up")
    assert "(the same)" in run.out
    assert "\n  +" not in run.out


def test_moved_fences_still_show_the_reference(workspace: Path) -> None:
    own = workspace / "exercises" / NAME
    main = own / "app" / "main.py"
    main.write_text(main.read_text().replace("# endregion", ""))
    places = list(compare_task(own, workspace / "solutions" / NAME, "1.1"))
    assert all("your file has other regions" in place.remark for place in places)
    assert any("door.word" in line for place in places for line in place.lines)


def test_a_region_that_was_deleted_is_named(workspace: Path) -> None:
    own = workspace / "exercises" / NAME
    main = own / "app" / "main.py"
    text = main.read_text()
    main.write_text(text[: text.index("# region 1.2\n# TODO")])
    places = list(compare_task(own, workspace / "solutions" / NAME, "1.2"))
    assert [place.remark for place in places] == ["", "this region is gone from your file"]


def test_a_missing_file_is_named(workspace: Path) -> None:
    own = workspace / "exercises" / NAME
    (own / "app" / "main.py").unlink()
    places = list(compare_task(own, workspace / "solutions" / NAME, "1.1"))
    assert {place.remark for place in places} == {"you have no such file"}


def test_bytes_that_are_no_text_stop_nothing(workspace: Path, check: Check) -> None:
    (workspace / "exercises" / NAME / "app" / "main.py").write_bytes(b"\xff\xfe\x00")
    assert check("solution", "chapter-1", "--give-up").code == 0


def test_a_file_that_only_the_reference_has_is_listed(workspace: Path, check: Check) -> None:
    (workspace / "solutions" / NAME / "app" / "rules.py").write_text("RULES = 1\n")
    assert "Files that only the reference has: app/rules.py" in check("solution", "1", "--give-up").out


def test_a_book_without_solutions_says_so(workspace: Path, check: Check) -> None:
    shutil.rmtree(workspace / "solutions")
    run = check("solution", "chapter-1", "--give-up")
    assert run.code == 3
    assert "is missing from this book" in run.err
