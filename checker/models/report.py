"""The report: what a grade found, in the shape that `--format json` prints.

Fields are added, never renamed; the JSON Schema under `docs/` is built from these classes. All order and all
counts that a reader sees come from here, so that a reporter computes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

SCHEMA_VERSION = 1


class Outcome(StrEnum):
    """How a check or a task ended; never a bool, since "could not tell" is not the learner's fault."""

    PASSED = "passed"
    FAILED = "failed"  # the learner's code is wrong
    ERROR = "error"  # the checker could not tell; never the learner's fault
    SKIPPED = "skipped"  # something it needs failed first


class ConstraintOutcome(StrEnum):
    """How a constraint ended."""

    PASSED = "passed"
    FAILED = "failed"
    FLEXED = "flexed"  # every finding carries the learner's written reason
    NOT_APPLICABLE = "not-applicable"  # the app has nothing that the constraint speaks of
    ERROR = "error"


class MetricOutcome(StrEnum):
    """How a metric ended."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"  # the machine's noise drowned the measurement
    SKIPPED = "skipped"
    ERROR = "error"


class FaultKind(StrEnum):
    """Why an app could not be graded as usual."""

    TIMEOUT = "timeout"
    CRASH = "crash"
    MEMORY = "memory"
    IMPORT = "import"
    SYNTAX = "syntax"
    START_UP = "start-up"
    OUTPUT = "output"
    ISOLATION = "isolation"


class Evidence(StrEnum):
    """Where a finding was seen."""

    STATIC = "static"
    RUNTIME = "runtime"
    BOTH = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class SentRequest:
    """The request of a failed check, as it went over the wire; `body` is text or JSON, bounded."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One hidden test.

    `claim` says what holds when it passes, `message` what to do when it does not. `lesson` is a heading's
    anchor in the chapter's lesson, `docs` a URL of FastAPI's own documentation.
    """

    id: str
    outcome: Outcome
    message: str
    claim: str = ""
    request: SentRequest | None = None
    expected: Any = None
    received: Any = None
    path: str | None = None
    line: int | None = None
    lesson: str | None = None
    docs: str | None = None
    duration_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One task of the chapter with its checks; `points` is the share of `max_points` that was earned."""

    id: str
    title: str
    outcome: Outcome
    points: float
    max_points: float
    stretch: bool = False
    checks: tuple[Check, ...] = ()

    @property
    def failing_checks(self) -> tuple[Check, ...]:
        """Checks that failed, then those of which the checker could not tell."""
        return tuple(
            check
            for wanted in (Outcome.FAILED, Outcome.ERROR)
            for check in self.checks
            if check.outcome is wanted
        )

    @property
    def checks_passed(self) -> int:
        """How many checks passed."""
        return sum(check.outcome is Outcome.PASSED for check in self.checks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One place that violates a constraint; `path` is relative to the graded folder, `line` starts at 1.

    `trace` leads from a call on the event loop to the line that blocks: one `path:line what` an element.
    """

    rule: str
    constraint: str
    path: str | None
    line: int | None
    column: int | None
    message: str
    help: str
    docs: str
    evidence: Evidence = Evidence.STATIC
    flexed: str | None = None
    trace: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstraintResult:
    """What became of one constraint; `graded` is False where the chapter shows it as advice."""

    id: str
    title: str
    outcome: ConstraintOutcome
    hard: bool
    graded: bool = True
    findings: tuple[Finding, ...] = ()
    detail: str = ""

    @property
    def open_findings(self) -> tuple[Finding, ...]:
        """Findings without a written reason, in the order of file and line."""
        found = [finding for finding in self.findings if finding.flexed is None]
        return tuple(sorted(found, key=lambda finding: (finding.path or "", finding.line or 0)))

    @property
    def flexed_findings(self) -> tuple[Finding, ...]:
        """Findings that the learner waived with a written reason."""
        return tuple(finding for finding in self.findings if finding.flexed is not None)

    @property
    def finding_groups(self) -> tuple[tuple[Finding, ...], ...]:
        """Open findings that say the same of several places, together, in the order of their first place."""
        groups: dict[tuple[str, str, str, tuple[str, ...]], list[Finding]] = {}
        for finding in self.open_findings:
            key = (finding.rule, finding.message, finding.help, finding.trace)
            groups.setdefault(key, []).append(finding)
        return tuple(tuple(group) for group in groups.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricResult:
    """What became of one metric; `detail` holds numbers and samples that explain `value`."""

    id: str
    title: str
    outcome: MetricOutcome
    value: float | None
    target: float | None
    unit: str
    graded: bool = True
    message: str = ""
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def lines(self) -> tuple[str, ...]:
        """The message as a reader gets it: all of it where something is wrong, and nothing where one sentence praises."""
        lines = tuple(line for line in self.message.splitlines() if line.strip())
        return lines if self.outcome is not MetricOutcome.PASSED or len(lines) > 1 else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that kept the app from being graded as usual: one sentence with the remedy in it."""

    kind: FaultKind
    message: str
    path: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """How the verdict came about, so that it can be repeated."""

    seed: int
    isolation: str
    """P, L or H: how well the learner's code was kept in."""
    servers: str
    """How servers were made: "fork" or "spawn"."""
    checker: str
    python: str
    fastapi: str
    platform: str
    folder: str
    solution: bool = False
    isolation_why: str = ""
    """Why it was not the strongest level; empty at H."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that one grade found."""

    schema_version: int = SCHEMA_VERSION
    chapter: str
    title: str
    passed: bool
    score: float
    duration_s: float
    tasks: tuple[Task, ...] = ()
    constraints: tuple[ConstraintResult, ...] = ()
    metrics: tuple[MetricResult, ...] = ()
    faults: tuple[Fault, ...] = ()
    run: RunInfo | None = None
    next_step: str = ""
    """One sentence: what to do now."""

    @property
    def first_failure(self) -> tuple[Task, Check] | None:
        """The failing check to look at first: the earliest in the order of the tasks, errors after failures."""
        for wanted in (Outcome.FAILED, Outcome.ERROR):
            for task in self.tasks:
                for check in task.checks:
                    if check.outcome is wanted and not (task.stretch and self.passed):
                        return task, check
        return None

    @property
    def first_problem(self) -> tuple[Task, Check] | Finding | MetricResult | None:
        """What to look at first when the chapter is not passed; None when it is.

        Core tasks come first, then graded hard constraints, then graded metrics, then whatever else failed.
        """
        if self.passed:
            return None
        failure = self.first_failure
        if failure is not None and not failure[0].stretch:
            return failure
        for constraint in self.constraints_with_findings:
            if constraint.hard and constraint.open_findings:
                return constraint.open_findings[0]
        for metric in self.graded_metrics:
            if metric.outcome is MetricOutcome.FAILED:
                return metric
        return failure

    @property
    def constraints_with_findings(self) -> tuple[ConstraintResult, ...]:
        """Graded constraints that cost something or could not be judged, worst first: hard, soft, errors."""
        wanted = [c for c in self.constraints if c.graded and _needs_a_look(c)]
        wanted.sort(key=lambda c: (not c.open_findings, not c.hard, c.id))
        return tuple(wanted)

    @property
    def constraints_at_rest(self) -> tuple[ConstraintResult, ...]:
        """Graded constraints that cost nothing: passed, flexed or not applicable."""
        return tuple(c for c in self.constraints if c.graded and not _needs_a_look(c))

    @property
    def advice(self) -> tuple[ConstraintResult, ...]:
        """Constraints that this chapter does not grade and that have something to say."""
        return tuple(c for c in self.constraints if not c.graded and c.open_findings)

    @property
    def graded_metrics(self) -> tuple[MetricResult, ...]:
        """Metrics that count in this chapter."""
        return tuple(metric for metric in self.metrics if metric.graded)

    @property
    def graded_findings(self) -> tuple[Finding, ...]:
        """Findings that cost something, hard constraints first, in the order of file and line."""
        found = [
            (not constraint.hard, finding)
            for constraint in self.constraints
            if constraint.graded
            for finding in constraint.findings
            if finding.flexed is None
        ]
        found.sort(key=lambda pair: (pair[0], pair[1].constraint, pair[1].path or "", pair[1].line or 0))
        return tuple(finding for _, finding in found)

    @property
    def flexed_findings(self) -> tuple[Finding, ...]:
        """Findings that the learner waived with a written reason."""
        return tuple(finding for constraint in self.constraints for finding in constraint.flexed_findings)

    @property
    def tasks_passed(self) -> int:
        """How many tasks have every check passed."""
        return sum(task.outcome is Outcome.PASSED for task in self.tasks)


def _needs_a_look(constraint: ConstraintResult) -> bool:
    return bool(constraint.open_findings) or constraint.outcome in (
        ConstraintOutcome.FAILED,
        ConstraintOutcome.ERROR,
    )
