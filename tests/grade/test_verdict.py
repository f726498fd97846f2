"""What passes, what it scores, and which sentence comes last."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from checker.book import Chapter
from checker.errors import UsageError
from checker.grade import GradeOptions, grade
from checker.grade.verdict import settle, settle_task
from checker.models.events import CheckFinished, Event, Stage, StageFinished, StageStarted
from checker.models.report import (
    Check,
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
from checker.suite.checks import DeclaredCheck

DECLARED = (
    DeclaredCheck(id="1.1-a", claim="A holds.", function="test_a"),
    DeclaredCheck(id="1.1-b", claim="B holds.", function="test_b"),
)


def check(check_id: str, outcome: Outcome) -> Check:
    return Check(id=check_id, outcome=outcome, message="Mend it.")


def constraint(constraint_id: str, outcome: ConstraintOutcome) -> ConstraintResult:
    return ConstraintResult(id=constraint_id, title="", outcome=outcome, hard=constraint_id.startswith("H"))


def metric(outcome: MetricOutcome, *, graded: bool = True) -> MetricResult:
    return MetricResult(id="M1", title="", outcome=outcome, value=1, target=0, unit="", graded=graded)


def task(task_id: str, outcome: Outcome, *, stretch: bool = False) -> Task:
    points = 10.0 if outcome is Outcome.PASSED else 0.0
    return Task(id=task_id, title="", outcome=outcome, points=points, max_points=10, stretch=stretch)


def verdict_of(chapter: Chapter, *tasks: Task, **parts: object) -> tuple[bool, float, str]:
    given = {"constraints": (), "metrics": (), "faults": (), **parts}
    settled = settle(chapter, tasks, **given, task_only=None, solution=False)  # type: ignore[arg-type]  # the test's own
    return settled.passed, settled.score, settled.next_step


@pytest.mark.parametrize(
    ("seen", "outcome", "points"),
    [
        ([Outcome.PASSED, Outcome.PASSED], Outcome.PASSED, 10.0),
        ([Outcome.PASSED, Outcome.FAILED], Outcome.FAILED, 5.0),
        ([Outcome.ERROR, Outcome.FAILED], Outcome.FAILED, 0.0),
        ([Outcome.PASSED, Outcome.ERROR], Outcome.ERROR, 5.0),
        ([Outcome.PASSED, None], Outcome.SKIPPED, 5.0),
    ],
)
def test_a_task_is_as_good_as_its_worst_check(
    chapter: Chapter, seen: list[Outcome | None], outcome: Outcome, points: float
) -> None:
    checks = {
        one.id: check(one.id, result)
        for one, result in zip(DECLARED, seen, strict=True)
        if result is not None
    }
    settled = settle_task(chapter.tasks[0], DECLARED, checks, why_missing="Not run.", missing=Outcome.SKIPPED)
    assert (settled.outcome, settled.points) == (outcome, points)
    assert [one.id for one in settled.checks] == ["1.1-a", "1.1-b"]


def test_a_hard_constraint_fails_a_chapter_with_all_tasks_passed(chapter: Chapter) -> None:
    passed, score, next_step = verdict_of(
        chapter, task("1.1", Outcome.PASSED), constraints=[constraint("H1", ConstraintOutcome.FAILED)]
    )
    assert (passed, score) == (False, 100.0)
    assert "check explain H1" in next_step


def test_a_soft_constraint_costs_points_and_a_flexed_one_none(chapter: Chapter) -> None:
    failed = verdict_of(
        chapter, task("1.1", Outcome.PASSED), constraints=[constraint("S5", ConstraintOutcome.FAILED)]
    )
    flexed = verdict_of(
        chapter, task("1.1", Outcome.PASSED), constraints=[constraint("S5", ConstraintOutcome.FLEXED)]
    )
    assert failed[:2] == (True, 50.0)
    assert flexed[:2] == (True, 100.0)


@pytest.mark.parametrize(
    ("result", "passes"),
    [
        (metric(MetricOutcome.PASSED), True),
        (metric(MetricOutcome.INCONCLUSIVE), True),
        (metric(MetricOutcome.FAILED), False),
        (metric(MetricOutcome.ERROR), False),
        (metric(MetricOutcome.SKIPPED), False),
        (metric(MetricOutcome.FAILED, graded=False), True),
    ],
)
def test_graded_metrics_must_pass_or_be_drowned_in_noise(
    chapter: Chapter, result: MetricResult, passes: bool
) -> None:
    assert verdict_of(chapter, task("1.1", Outcome.PASSED), metrics=[result])[0] is passes


def test_an_open_stretch_does_not_keep_a_chapter_from_passing(chapter: Chapter) -> None:
    passed, score, next_step = verdict_of(
        chapter, task("1.1", Outcome.PASSED), task("1.2", Outcome.FAILED, stretch=True)
    )
    assert (passed, score) == (True, 50.0)
    assert "1.2" in next_step


def test_an_error_of_the_checker_never_passes(chapter: Chapter) -> None:
    passed, _, next_step = verdict_of(chapter, task("1.1", Outcome.ERROR))
    assert not passed
    assert "not your fault" in next_step


def test_the_fault_is_the_next_step_where_nothing_ran(chapter: Chapter) -> None:
    fault = Fault(kind=FaultKind.SYNTAX, message="", path="app/main.py", line=3)
    _, _, next_step = verdict_of(chapter, task("1.1", Outcome.SKIPPED), faults=[fault])
    assert "app/main.py:3" in next_step


def test_the_reference_passes_and_the_starter_does_not(
    chapter: Chapter, judge: Callable[..., Report]
) -> None:
    assert judge(chapter.solution, solution=True).passed
    starter = judge(chapter.starter)
    assert not starter.passed
    assert starter.first_failure is not None
    assert "check hint chapter-1 1.1" in starter.next_step


def test_a_single_task_is_graded_alone(chapter: Chapter, judge: Callable[..., Report]) -> None:
    report = judge(chapter.solution, task="1.2")
    assert [one.id for one in report.tasks] == ["1.2"]
    assert report.passed
    with pytest.raises(UsageError, match=r"it has 1\.1, 1\.2"):
        judge(chapter.solution, task="1.9")


def test_the_same_seed_asks_the_same_questions(chapter: Chapter, judge: Callable[..., Report]) -> None:
    def asked(seed: int) -> list[object]:
        report = judge(chapter.starter, seed=seed)
        return [one.request for each in report.tasks for one in each.checks]

    assert asked(5) == asked(5)
    assert asked(5) != asked(6)


def test_results_are_heard_as_they_land(chapter: Chapter) -> None:
    heard: list[Event] = []
    grade(chapter, chapter.solution, GradeOptions(parts=frozenset({Stage.SUITE})), heard.append)
    checks = [event for event in heard if isinstance(event, CheckFinished)]
    assert len(checks) == 5
    begun = [event.stage for event in heard if isinstance(event, StageStarted)]
    ended = [event.stage for event in heard if isinstance(event, StageFinished)]
    assert begun == [Stage.SNAPSHOT, Stage.SUITE, Stage.APP]
    assert sorted(begun) == sorted(ended)


@pytest.mark.parametrize("fork", [True, False], ids=["fork", "spawn"])
def test_both_ways_to_start_servers_come_to_the_same_verdict(
    chapter: Chapter, judge: Callable[..., Report], fork: bool
) -> None:
    assert judge(chapter.solution, fork=fork).passed
    assert judge(chapter.solution, fork=fork).run is not None
