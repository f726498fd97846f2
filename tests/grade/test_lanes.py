"""A hidden suite in lanes judges like one after the other, and is divided by what its files took last time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from checker.book import Chapter, open_book
from checker.grade import GradeOptions, grade
from checker.grade import lanes as dividing
from checker.grade.lanes import divide, remember_seconds
from checker.models.events import CheckFinished, Event, FaultSeen, Stage, StageStarted
from checker.models.report import Check, Outcome, Report
from checker.suite.checks import declared_checks

SUITE_ALONE = frozenset({Stage.SUITE})
FILES = [Path(f"test_{number}.py") for number in range(1, 6)]


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What these tests remember is not what the machine remembers."""
    monkeypatch.setattr(dividing, "user_cache", lambda: tmp_path / "cache")
    monkeypatch.setattr(dividing, "_cores", lambda: 2)


def in_lanes(chapter: Chapter, folder: Path, lanes: int) -> tuple[Report, list[Event]]:
    heard: list[Event] = []
    return grade(chapter, folder, GradeOptions(parts=SUITE_ALONE, lanes=lanes), heard.append), heard


def outcomes(report: Report) -> dict[str, Outcome]:
    return {check.id: check.outcome for task in report.tasks for check in task.checks}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="reference"),
        pytest.param(
            {"app/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n"}, id="an app without routes"
        ),
    ],
)
def test_two_lanes_judge_as_one(
    chapter: Chapter, submit: Callable[..., Path], changes: dict[str, str]
) -> None:
    folder = submit(changes)
    one, _ = in_lanes(chapter, folder, 1)
    two, heard = in_lanes(chapter, folder, 2)
    assert outcomes(two) == outcomes(one)
    assert two.faults == one.faults == ()
    told = [event.check.id for event in heard if isinstance(event, CheckFinished)]
    assert sorted(told) == sorted(outcomes(two))
    assert sum(isinstance(event, StageStarted) and event.stage is Stage.APP for event in heard) == 1


def test_a_fault_of_both_lanes_is_said_once(chapter: Chapter, submit: Callable[..., Path]) -> None:
    folder = submit({"app/main.py": "raise RuntimeError('no app today')\n"})
    report, heard = in_lanes(chapter, folder, 2)
    assert len(report.faults) == 1
    assert sum(isinstance(event, FaultSeen) for event in heard) == 1
    assert set(outcomes(report).values()) == {Outcome.SKIPPED}


def test_nothing_is_divided_before_anything_is_known(chapter: Chapter) -> None:
    assert divide(chapter, FILES, None) == [FILES]


def test_files_that_took_long_are_shared_out(chapter: Chapter) -> None:
    took = dict(zip((path.name for path in FILES), [4.0, 1.0, 1.0, 1.0, 1.0], strict=True))
    dividing.remember(dividing._place(chapter), took)
    assert divide(chapter, FILES, None) == [FILES[:1], FILES[1:]]
    assert divide(chapter, FILES, 1) == [FILES]
    assert divide(chapter, FILES[:1], None) == [FILES[:1]]


def test_one_core_has_one_lane(chapter: Chapter, monkeypatch: pytest.MonkeyPatch) -> None:
    dividing.remember(dividing._place(chapter), {path.name: 3.0 for path in FILES})
    monkeypatch.setattr(dividing, "_cores", lambda: 1)
    assert divide(chapter, FILES, None) == [FILES]


def test_one_long_file_stays_with_the_others(chapter: Chapter) -> None:
    took = dict(zip((path.name for path in FILES), [9.0, 0.2, 0.2, 0.2, 0.2], strict=True))
    dividing.remember(dividing._place(chapter), took)
    assert divide(chapter, FILES, None) == [FILES]


def test_what_is_quick_stays_together(chapter: Chapter) -> None:
    dividing.remember(dividing._place(chapter), {path.name: 0.2 for path in FILES})
    assert divide(chapter, FILES, None) == [FILES]


def test_what_was_remembered_and_is_no_table_of_seconds_does_no_harm(chapter: Chapter) -> None:
    place = dividing._place(chapter)
    place.parent.mkdir(parents=True)
    place.write_text('{"test_1.py": "long"', encoding="utf-8")
    assert divide(chapter, FILES, None) == [FILES]


def test_seconds_are_remembered_of_a_whole_run_alone(chapter: Chapter) -> None:
    declared = {task.id: declared_checks(path) for task, path in chapter.suite_files()}
    checks = {
        one.id: Check(id=one.id, claim="", outcome=Outcome.PASSED, message="", duration_s=1.0)
        for several in declared.values()
        for one in several
    }
    some = dict(list(checks.items())[1:])
    remember_seconds(chapter, declared, some)
    remember_seconds(chapter, dict(list(declared.items())[1:]), checks)
    assert not dividing._place(chapter).exists()
    remember_seconds(chapter, declared, checks)
    files = [path for _, path in chapter.suite_files()]
    took = dividing.recall(dividing._place(chapter), dict[str, float])
    assert took == {path.name: float(len(declared[task.id])) for task, path in chapter.suite_files()}
    assert sorted(path for part in divide(chapter, files, 2) for path in part) == sorted(files)


def test_books_do_not_share_what_is_remembered(chapter: Chapter) -> None:
    assert dividing._place(chapter) != dividing._place(open_book().find("1"))
