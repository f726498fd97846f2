"""What is remembered of a learner's way, and how two records of it become one.

Every field only ever grows in one direction (a higher score, an earlier date, one more hint), so that `merge` is
commutative, associative and idempotent: records can be joined in any order, any number of times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Annotated, TypeVar

from msgspec import Meta

from checker.models.report import Outcome, Report

VERSION = 1  # 1: first shape
HINTS = 3

_T = TypeVar("_T")

Score = Annotated[float, Meta(ge=0, le=100)]
Count = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Short = Annotated[str, Meta(max_length=2000)]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class FirstFailure:
    """The check that the last attempt's report told to look at first."""

    task: Short = ""
    check: Short = ""
    claim: Short = ""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Attempt:
    """The summary of one report; `at` is an ISO 8601 time in UTC."""

    at: Short
    passed: bool = False
    score: Score = 0.0
    tasks_passed: tuple[Short, ...] = ()
    duration_s: Annotated[float, Meta(ge=0)] = 0.0
    failure: FirstFailure = field(default_factory=FirstFailure)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChapterProgress:
    """One chapter; times are ISO 8601 in UTC."""

    best_score: Score = 0.0
    passed_at: Short | None = None
    """When it was passed for the first time."""
    tasks: dict[Short, Short] = field(default_factory=dict)
    """Tasks passed so far, each with when it was first passed."""
    hints: dict[Short, Annotated[int, Meta(ge=0, le=HINTS)]] = field(default_factory=dict)
    """How many hints of a task have been opened."""
    attempts: Count = 0
    """At least so many grades; two records joined keep the higher number."""
    solution_shown_at: Short | None = None
    """When the reference was first looked at."""
    last: Attempt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Everything remembered, by chapter id (`chapter-04`)."""

    version: int = VERSION
    chapters: dict[Short, ChapterProgress] = field(default_factory=dict)

    def chapter(self, chapter_id: str) -> ChapterProgress:
        """What is known of a chapter; an empty record where nothing is."""
        return self.chapters.get(chapter_id, ChapterProgress())

    def with_chapter(self, chapter_id: str, record: ChapterProgress) -> Progress:
        """A copy in which that chapter's record is `record`."""
        return replace(self, chapters={**self.chapters, chapter_id: record})


def merge(one: Progress, other: Progress) -> Progress:
    """Both records in one; the order of the two does not matter."""
    return Progress(
        version=max(one.version, other.version),
        chapters=_joined(one.chapters, other.chapters, _merge_chapters),
    )


def _merge_chapters(one: ChapterProgress, other: ChapterProgress) -> ChapterProgress:
    attempts = [last for last in (one.last, other.last) if last is not None]
    return ChapterProgress(
        best_score=max(one.best_score, other.best_score),
        passed_at=_earlier(one.passed_at, other.passed_at),
        tasks=_joined(one.tasks, other.tasks, min),
        hints=_joined(one.hints, other.hints, max),
        attempts=max(one.attempts, other.attempts),
        solution_shown_at=_earlier(one.solution_shown_at, other.solution_shown_at),
        last=max(attempts, default=None),
    )


def _joined(one: dict[str, _T], other: dict[str, _T], join: Callable[[_T, _T], _T]) -> dict[str, _T]:
    both = {**one, **other}
    return {
        key: join(one[key], other[key]) if key in one and key in other else both[key] for key in sorted(both)
    }


def _earlier(one: str | None, other: str | None) -> str | None:
    return min((at for at in (one, other) if at is not None), default=None)


def graded(progress: Progress, report: Report, *, at: str, whole: bool = True) -> Progress:
    """The record after a grade of the learner's own folder; `whole` is False where single tasks were graded."""
    before = progress.chapter(report.chapter)
    passed = tuple(task.id[:2000] for task in report.tasks if task.outcome is Outcome.PASSED)
    after = replace(
        before,
        tasks=_joined(before.tasks, dict.fromkeys(passed, at), min),
        attempts=before.attempts + 1,
    )
    if whole:
        score = min(max(report.score, 0.0), 100.0)
        after = replace(
            after,
            best_score=max(before.best_score, score),
            passed_at=_earlier(before.passed_at, at if report.passed else None),
            last=Attempt(
                at=at,
                passed=report.passed,
                score=score,
                tasks_passed=passed,
                duration_s=max(report.duration_s, 0.0),
                failure=_first_failure(report),
            ),
        )
    return progress.with_chapter(report.chapter, after)


def _first_failure(report: Report) -> FirstFailure:
    found = report.first_failure
    if found is None:
        return FirstFailure()
    task, check = found
    return FirstFailure(task=task.id[:2000], check=check.id[:2000], claim=check.claim[:2000])


def hint_opened(progress: Progress, chapter_id: str, task_id: str) -> Progress:
    """The record after one more hint of a task; never more than there are."""
    before = progress.chapter(chapter_id)
    opened = min(before.hints.get(task_id, 0) + 1, HINTS)
    return progress.with_chapter(chapter_id, replace(before, hints={**before.hints, task_id: opened}))


def solution_shown(progress: Progress, chapter_id: str, *, at: str) -> Progress:
    """The record after the reference was looked at."""
    before = progress.chapter(chapter_id)
    return progress.with_chapter(
        chapter_id, replace(before, solution_shown_at=_earlier(before.solution_shown_at, at))
    )


def tasks_left(record: ChapterProgress, tasks: Iterable[tuple[str, bool]]) -> tuple[str, ...]:
    """Ids of the tasks not yet passed, core tasks first; `tasks` are pairs of id and stretch."""
    left = [(stretch, task_id) for task_id, stretch in tasks if task_id not in record.tasks]
    return tuple(task_id for _, task_id in sorted(left, key=lambda pair: pair[0]))
