"""Records of progress only grow, and two of them become one in any order."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.models.report import Check, Outcome, Report, Task
from checker.progress import (
    HINTS,
    Attempt,
    ChapterProgress,
    FirstFailure,
    Progress,
    graded,
    hint_opened,
    merge,
    solution_shown,
    tasks_left,
)

TIMES = st.datetimes().map(lambda at: at.isoformat())
NAMES = st.sampled_from(["1.1", "1.2", "1.3", "4.10"])
SCORES = st.floats(min_value=0, max_value=100, allow_nan=False)
ATTEMPTS = st.builds(
    Attempt,
    at=TIMES,
    passed=st.booleans(),
    score=SCORES,
    tasks_passed=st.lists(NAMES, max_size=3).map(tuple),
    duration_s=SCORES,
    failure=st.builds(FirstFailure, task=NAMES, check=st.text(max_size=5), claim=st.text(max_size=5)),
)
CHAPTERS = st.builds(
    ChapterProgress,
    best_score=SCORES,
    passed_at=st.none() | TIMES,
    tasks=st.dictionaries(NAMES, TIMES, max_size=3),
    hints=st.dictionaries(NAMES, st.integers(0, HINTS), max_size=3),
    attempts=st.integers(0, 50),
    solution_shown_at=st.none() | TIMES,
    last=st.none() | ATTEMPTS,
)
RECORDS = st.builds(
    Progress, chapters=st.dictionaries(st.sampled_from(["chapter-01", "chapter-04"]), CHAPTERS)
)

# A busy machine is no reason to fail.
patient = settings(deadline=None, max_examples=60)


@patient
@given(RECORDS, RECORDS)
def test_merging_does_not_depend_on_the_order(one: Progress, other: Progress) -> None:
    assert merge(one, other) == merge(other, one)


@patient
@given(RECORDS, RECORDS, RECORDS)
def test_merging_does_not_depend_on_the_grouping(one: Progress, other: Progress, third: Progress) -> None:
    assert merge(merge(one, other), third) == merge(one, merge(other, third))


@patient
@given(RECORDS, RECORDS)
def test_merging_again_changes_nothing(one: Progress, other: Progress) -> None:
    joined = merge(one, other)
    assert merge(joined, joined) == joined
    assert merge(joined, one) == joined
    assert merge(other, joined) == joined


@patient
@given(RECORDS)
def test_an_empty_record_adds_nothing(one: Progress) -> None:
    assert merge(one, Progress()) == one


@patient
@given(RECORDS)
def test_a_record_survives_the_file(one: Progress) -> None:
    assert msgspec.json.decode(msgspec.json.encode(one), type=Progress) == one


def test_merging_keeps_what_each_side_alone_knew() -> None:
    laptop = Progress(chapters={"chapter-01": ChapterProgress(best_score=80, tasks={"1.1": "2026-01-01"})})
    desktop = Progress(chapters={"chapter-01": ChapterProgress(best_score=60, tasks={"1.2": "2026-01-02"})})
    joined = merge(laptop, desktop).chapter("chapter-01")
    assert joined.best_score == 80
    assert joined.tasks == {"1.1": "2026-01-01", "1.2": "2026-01-02"}


def report(*, passed: bool = False, score: float = 50.0, done: tuple[str, ...] = ()) -> Report:
    tasks = tuple(
        Task(
            id=task_id,
            title="A task",
            outcome=Outcome.PASSED if task_id in done else Outcome.FAILED,
            points=0,
            max_points=10,
            checks=(
                Check(
                    id=f"{task_id}-check",
                    outcome=Outcome.PASSED if task_id in done else Outcome.FAILED,
                    message="Mend it.",
                    claim="It holds.",
                ),
            ),
        )
        for task_id in ("1.1", "1.2")
    )
    return Report(
        chapter="chapter-01", title="Greeting", passed=passed, score=score, duration_s=1.0, tasks=tasks
    )


def test_a_grade_is_remembered_with_its_first_failure() -> None:
    record = graded(Progress(), report(done=("1.1",)), at="2026-01-01").chapter("chapter-01")
    assert record.tasks == {"1.1": "2026-01-01"}
    assert record.attempts == 1
    assert record.best_score == 50
    assert record.last is not None
    assert record.last.failure == FirstFailure(task="1.2", check="1.2-check", claim="It holds.")


def test_a_worse_grade_takes_nothing_away() -> None:
    progress = graded(Progress(), report(passed=True, score=100, done=("1.1", "1.2")), at="2026-01-01")
    record = graded(progress, report(score=0), at="2026-01-02").chapter("chapter-01")
    assert record.best_score == 100
    assert record.passed_at == "2026-01-01"
    assert set(record.tasks) == {"1.1", "1.2"}
    assert record.attempts == 2
    assert record.last is not None
    assert record.last.score == 0


def test_a_grade_of_single_tasks_sets_no_score_and_passes_no_chapter() -> None:
    part = report(passed=True, score=100, done=("1.1",))
    record = graded(Progress(), part, at="2026-01-01", whole=False).chapter("chapter-01")
    assert record.tasks == {"1.1": "2026-01-01"}
    assert record.best_score == 0
    assert record.passed_at is None
    assert record.last is None


@pytest.mark.parametrize("score", [-5.0, 250.0])
def test_a_score_out_of_range_is_stored_within_it(score: float) -> None:
    progress = graded(Progress(), report(score=score), at="2026-01-01")
    assert msgspec.json.decode(msgspec.json.encode(progress), type=Progress) == progress


def test_hints_open_one_by_one_and_end() -> None:
    progress, opened = Progress(), []
    for _ in range(HINTS + 2):
        progress = hint_opened(progress, "chapter-01", "1.1")
        opened.append(progress.chapter("chapter-01").hints["1.1"])
    assert opened == [1, 2, 3, 3, 3]


def test_the_first_look_at_the_solution_is_remembered() -> None:
    progress = solution_shown(Progress(), "chapter-01", at="2026-01-02")
    progress = solution_shown(progress, "chapter-01", at="2026-01-05")
    assert progress.chapter("chapter-01").solution_shown_at == "2026-01-02"


def test_core_tasks_come_before_stretch_tasks() -> None:
    record = ChapterProgress(tasks={"1.1": "2026-01-01"})
    assert tasks_left(record, [("1.1", False), ("1.2", True), ("1.3", False)]) == ("1.3", "1.2")
