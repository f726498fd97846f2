"""What is known of a grade while it runs: its stages, the checks so far, the first trouble."""

from __future__ import annotations

from dataclasses import dataclass, field

from checker.book import Chapter
from checker.models.events import (
    CheckFinished,
    ConstraintsFinished,
    Event,
    FaultSeen,
    MetricFinished,
    SourceRead,
    Stage,
    StageFinished,
    StageStarted,
)
from checker.models.report import (
    Check,
    ConstraintOutcome,
    ConstraintResult,
    Fault,
    MetricOutcome,
    MetricResult,
    Outcome,
    Report,
    Task,
)
from checker.report import one_line

STAGE_NAMES = {
    Stage.SNAPSHOT: "copy of your folder",
    Stage.SOURCE: "source",
    Stage.APP: "your app",
    Stage.SUITE: "hidden tests",
    Stage.CONSTRAINTS: "constraints",
    Stage.RUFF: "ruff",
    Stage.MYPY: "mypy --strict",
    Stage.TESTS: "your own tests",
    Stage.LOAD: "load test",
}
_METRIC_STAGES = {"M1": Stage.RUFF, "M2": Stage.MYPY, "M3": Stage.TESTS, "M4": Stage.LOAD}
WITH_RESULT = {Stage.SOURCE, Stage.CONSTRAINTS, *_METRIC_STAGES.values()}
_LONGEST = 160


@dataclass(slots=True, kw_only=True)
class Seen:
    """What is known of the grade so far."""

    started: dict[Stage, int | None] = field(default_factory=dict)
    finished: dict[Stage, float] = field(default_factory=dict)
    tasks: dict[str, list[Check]] = field(default_factory=dict)
    results: dict[Stage, str] = field(default_factory=dict)
    trouble: str = ""
    """The first fault or, until there is one, the first failure."""
    faulty: bool = False
    constraints: tuple[ConstraintResult, ...] = ()
    metrics: dict[str, MetricResult] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def take(self, event: Event) -> str:
        """Note the event; returns the trouble when it is news, else nothing."""
        before = self.trouble
        match event:
            case StageStarted(stage=stage, total=total):
                self.started[stage] = total
            case StageFinished(stage=stage, seconds=seconds):
                self.started.setdefault(stage, None)
                self.finished[stage] = seconds
            case CheckFinished(task=task, check=check):
                self.tasks.setdefault(task, []).append(check)
                self.results[Stage.SUITE] = self._checks()
                if check.outcome is Outcome.FAILED and not self.trouble:
                    self.trouble = one_line(f"{check.id}: {check.claim or check.message}", _LONGEST)
            case SourceRead(files=files, routes=routes, unread=unread):
                left = f", {unread} not read" if unread else ""
                self.results[Stage.SOURCE] = f"{_many(files, 'file')}, {_many(routes, 'route')}{left}"
            case ConstraintsFinished(results=results):
                self.constraints = results
                violated = [r.id for r in results if r.graded and r.outcome is ConstraintOutcome.FAILED]
                graded = sum(result.graded for result in results)
                self.results[Stage.CONSTRAINTS] = (
                    f"violated: {one_line(' '.join(violated), 60)}" if violated else f"{graded} kept"
                )
            case MetricFinished(result=result):
                self.metrics[result.id] = result
                measured_by = _METRIC_STAGES.get(result.id)
                if measured_by is not None:
                    self.results[measured_by] = _metric(result)
            case FaultSeen(fault=fault):
                self.faults.append(fault)
                if not self.faulty:
                    self.faulty = True
                    self.trouble = one_line(f"{fault.kind.value}: {fault.message}", _LONGEST)
        return self.trouble if self.trouble != before else ""

    def metrics_of(self, stage: Stage) -> list[MetricResult]:
        """What a stage has measured so far."""
        return [result for name, result in self.metrics.items() if _METRIC_STAGES.get(name) is stage]

    def sketch(self, chapter: Chapter) -> Report:
        """The report as far as it is known; tasks of which nothing is known yet have no check."""
        tasks = []
        for spec in chapter.tasks:
            checks = tuple(self.tasks.get(spec.id, ()))
            failed = any(check.outcome is not Outcome.PASSED for check in checks)
            tasks.append(
                Task(
                    id=spec.id,
                    title=spec.title,
                    outcome=Outcome.FAILED if failed else Outcome.PASSED if checks else Outcome.SKIPPED,
                    points=0.0,
                    max_points=spec.points,
                    stretch=spec.stretch,
                    checks=checks,
                )
            )
        return Report(
            chapter=chapter.id,
            title=chapter.title,
            passed=False,
            score=0.0,
            duration_s=0.0,
            tasks=tuple(tasks),
            constraints=self.constraints,
            metrics=tuple(sorted(self.metrics.values(), key=lambda metric: metric.id)),
            faults=tuple(self.faults),
        )

    def _checks(self) -> str:
        checks = [check for found in self.tasks.values() for check in found]
        total = self.started.get(Stage.SUITE) or len(checks)
        failed = sum(check.outcome in (Outcome.FAILED, Outcome.ERROR) for check in checks)
        return f"{len(checks)} of {total}" + (f", {failed} not passed" if failed else "")

    def sorted_tasks(self) -> list[str]:
        """The tasks that have a result, `4.2` before `4.10`."""
        return sorted(self.tasks, key=lambda task: [int(p) if p.isdigit() else 0 for p in task.split(".")])


def _many(count: int, one: str) -> str:
    return f"{count:,} {one}" if count == 1 else f"{count:,} {one}s"


def _metric(result: MetricResult) -> str:
    if result.value is None:
        return result.outcome.value
    value = one_line(f"{result.value:,.4g} {result.unit}", 30)
    return (
        value
        if result.outcome is MetricOutcome.PASSED or not result.graded
        else f"{value}, {result.outcome.value}"
    )
