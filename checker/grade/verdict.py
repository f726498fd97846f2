"""From results to a verdict: tasks, points, what passes, and the sentence that says what to do now. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from checker.book import Chapter, TaskSpec
from checker.models.report import (
    Check,
    ConstraintOutcome,
    ConstraintResult,
    Fault,
    MetricOutcome,
    MetricResult,
    Outcome,
    Task,
)
from checker.suite.checks import DeclaredCheck

SOFT_POINTS = 10.0
"""What a chapter's graded soft constraints are worth together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What it all comes to."""

    passed: bool
    score: float
    next_step: str


def settle_task(
    task: TaskSpec,
    declared: Sequence[DeclaredCheck],
    seen: Mapping[str, Check],
    *,
    why_missing: str,
    missing: Outcome,
) -> Task:
    """One task from the checks that ran; those that did not are `missing`, never passed."""
    checks = tuple(_settle_check(task, one, seen.get(one.id), why_missing, missing) for one in declared)
    outcome = _worst([check.outcome for check in checks])
    passed = sum(check.outcome is Outcome.PASSED for check in checks)
    share = passed / len(checks) if checks else 0.0
    return Task(
        id=task.id,
        title=task.title,
        outcome=outcome,
        points=round(task.points * share, 2),
        max_points=task.points,
        stretch=task.stretch,
        checks=checks,
    )


def _settle_check(
    task: TaskSpec, declared: DeclaredCheck, seen: Check | None, why_missing: str, missing: Outcome
) -> Check:
    if seen is None:
        seen = Check(id=declared.id, claim=declared.claim, outcome=missing, message=why_missing)
    return replace(seen, lesson=seen.lesson or task.lesson, docs=seen.docs or task.docs)


def _worst(outcomes: Sequence[Outcome]) -> Outcome:
    for outcome in (Outcome.FAILED, Outcome.ERROR, Outcome.SKIPPED):
        if outcome in outcomes:
            return outcome
    return Outcome.PASSED if outcomes else Outcome.ERROR


def settle(
    chapter: Chapter,
    tasks: Sequence[Task],
    constraints: Sequence[ConstraintResult],
    metrics: Sequence[MetricResult],
    faults: Sequence[Fault],
    *,
    task_only: str | None,
    solution: bool,
) -> Verdict:
    """What passes: every core task, no hard constraint violated, every graded metric passed or inconclusive."""
    graded = [constraint for constraint in constraints if constraint.graded]
    hard = [
        one
        for one in graded
        if one.hard and one.outcome in (ConstraintOutcome.FAILED, ConstraintOutcome.ERROR)
    ]
    missed = [
        metric
        for metric in metrics
        if metric.graded and metric.outcome not in (MetricOutcome.PASSED, MetricOutcome.INCONCLUSIVE)
    ]
    core = [task for task in tasks if not task.stretch or task_only]
    passed = bool(core) and all(task.outcome is Outcome.PASSED for task in core)
    if task_only is None:
        passed = passed and not hard and not missed
    return Verdict(
        passed=passed,
        score=_score(tasks, graded if task_only is None else []),
        next_step=_next_step(
            chapter, tasks, hard, missed, faults, passed=passed, solution=solution, task_only=task_only
        ),
    )


def _score(tasks: Sequence[Task], graded: Sequence[ConstraintResult]) -> float:
    points = sum(task.points for task in tasks)
    most = sum(task.max_points for task in tasks)
    soft = [constraint for constraint in graded if not constraint.hard]
    if soft:
        kept = sum(one.outcome is not ConstraintOutcome.FAILED for one in soft)
        points += SOFT_POINTS * kept / len(soft)
        most += SOFT_POINTS
    return round(100 * points / most, 1) if most else 0.0


def _next_step(
    chapter: Chapter,
    tasks: Sequence[Task],
    hard: Sequence[ConstraintResult],
    missed: Sequence[MetricResult],
    faults: Sequence[Fault],
    *,
    passed: bool,
    solution: bool,
    task_only: str | None,
) -> str:
    again = f"`check {chapter.short}{f' --task {task_only}' if task_only else ''}`"
    if solution:
        return (
            "This was the reference solution."
            if passed
            else "The reference does not pass: please report this."
        )
    if passed:
        return _after_passing(chapter, tasks, task_only)
    failed = [task for task in tasks if task.outcome is Outcome.FAILED]
    if faults and not any(check.outcome is Outcome.PASSED for task in tasks for check in task.checks):
        where = f"{faults[0].path}:{faults[0].line}" if faults[0].path else "what the first lines say"
        return f"Mend {where}, then run {again} again."
    if failed:
        return f"Take task {failed[0].id} first: `check hint {chapter.short} {failed[0].id}` opens a hint."
    if any(task.outcome is Outcome.ERROR for task in tasks):
        return f"The checker could not tell, which is not your fault; run {again} again, and report it if it stays."
    if hard:
        return f"Mend {hard[0].id} first: `check explain {hard[0].id}` says why and how."
    if missed:
        return f"Mend {missed[0].id} next: `check explain {missed[0].id}` says what is measured."
    return f"Run {again} again once the first problem is mended."


def _after_passing(chapter: Chapter, tasks: Sequence[Task], task_only: str | None) -> str:
    if task_only:
        return f"Task {task_only} is done: `check {chapter.short}` grades the whole chapter."
    stretch = [task for task in tasks if task.stretch and task.outcome is not Outcome.PASSED]
    more = f" The stretch, task {stretch[0].id}, is still open." if stretch else ""
    return (
        f"Chapter {chapter.number} is passed: `check solution {chapter.short}` shows how an expert wrote it, "
        f"`check next` what comes now.{more}"
    )
