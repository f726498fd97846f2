"""What `check app` found on a service, in the shape that `--format json` prints.

Fields are added, never renamed; the JSON Schema under `docs/` is built from these classes. All order and all
counts that a reader sees come from here, so that a reporter computes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest

from checker.models.report import ConstraintOutcome, Fault, Finding

SERVICE_SCHEMA_VERSION = 1


class FailOn(StrEnum):
    """Which findings make `check app` exit with 1."""

    ALL = "all"
    HARD = "hard"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFinding(Finding):
    """A finding on a service.

    `key` stays the same when lines move; `baselined` says that the baseline file knows the finding, so that it
    does not count.
    """

    key: str = ""
    baselined: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it counts: neither flexed with a reason nor in the baseline."""
        return self.flexed is None and not self.baselined


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedConstraint:
    """What became of one constraint: how many findings count, how many are flexed, how many the baseline knows."""

    id: str
    title: str
    hard: bool
    outcome: ConstraintOutcome
    findings: int = 0
    flexed: int = 0
    baselined: int = 0
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineUse:
    """What a baseline did: `stale` entries are of findings that are gone, so the file can be written anew."""

    file: str
    entries: int
    known: int
    stale: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePage:
    """What a report may say of a named rule beyond its findings; `page` is its constraint's page in Markdown."""

    name: str
    constraint: str
    title: str
    hard: bool
    help: str
    docs: str
    page: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A constraint that needs a look, with its open findings in the order of file and line."""

    constraint: JudgedConstraint
    findings: tuple[ServiceFinding, ...]

    @property
    def by_rule(self) -> tuple[tuple[ServiceFinding, ...], ...]:
        """The findings of each rule together, the rule with the most places first."""
        groups: dict[str, list[ServiceFinding]] = {}
        for finding in self.findings:
            groups.setdefault(finding.rule, []).append(finding)
        return tuple(tuple(group) for group in sorted(groups.values(), key=len, reverse=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceReport:
    """Everything that `check app` found."""

    schema_version: int = SERVICE_SCHEMA_VERSION
    app: str | None
    """`module:attribute` of the app that ran, or that would have; null where none is known."""
    files: int
    """Python files that were read."""
    findings: tuple[ServiceFinding, ...] = ()
    """In the order of file and line, the flexed and the baselined ones among them."""
    faults: tuple[Fault, ...] = ()
    """Files that could not be read, then places that were left out, then what kept the app from running."""
    passed: bool
    """The verdict; the exit code follows it."""
    fail_on: FailOn = FailOn.ALL
    app_ran: bool = False
    app_reason: str = ""
    """Why the app did not run; empty where it did."""
    constraints: tuple[JudgedConstraint, ...] = ()
    baseline: BaselineUse | None = None
    unread_files: int = 0
    """How many of the faults are files that could not be read; nothing is known of them, so one fails."""
    left_out: int = 0
    """How many of the faults after them are places that do not belong to a service, such as built files."""
    lines: int = 0
    routes: int = 0
    folder: str = "."
    """What was checked, as it was named; paths are relative to it."""
    duration_s: float = 0.0
    checker: str = ""
    python: str = ""
    next_step: str = ""
    """One sentence: what to do now."""

    @property
    def unread(self) -> tuple[Fault, ...]:
        """The files that could not be read."""
        return self.faults[: self.unread_files]

    @property
    def places_left_out(self) -> tuple[Fault, ...]:
        """The places that were not tried."""
        return self.faults[self.unread_files : self.unread_files + self.left_out]

    @property
    def app_faults(self) -> tuple[Fault, ...]:
        """What kept the app from running, or from being asked."""
        return self.faults[self.unread_files + self.left_out :]

    @property
    def open_findings(self) -> tuple[ServiceFinding, ...]:
        """Findings that count, in the order of file and line."""
        return tuple(finding for finding in self.findings if finding.is_open)

    @property
    def flexed_findings(self) -> tuple[ServiceFinding, ...]:
        """Findings that somebody waived with a written reason."""
        return tuple(finding for finding in self.findings if finding.flexed is not None)

    @property
    def baselined(self) -> int:
        """How many findings the baseline knows."""
        return sum(finding.baselined for finding in self.findings)

    @property
    def files_with_findings(self) -> int:
        """How many files have a finding that counts."""
        return len({finding.path for finding in self.open_findings if finding.path})

    @property
    def hard_findings(self) -> int:
        """How many findings that count are of hard constraints."""
        return sum(one.findings for one in self.constraints if one.hard)

    @property
    def soft_findings(self) -> int:
        """How many findings that count are of soft constraints."""
        return sum(one.findings for one in self.constraints if not one.hard)

    @property
    def violations(self) -> tuple[Violation, ...]:
        """Constraints that need a look, worst first: hard before soft, then by the number of findings.

        Those of which the checker could not tell come last.
        """
        found = [
            Violation(
                constraint=one,
                findings=tuple(f for f in self.open_findings if f.constraint == one.id),
            )
            for one in self.constraints
            if one.findings or one.outcome is ConstraintOutcome.ERROR
        ]
        found.sort(key=lambda v: (not v.findings, not v.constraint.hard, -len(v.findings), v.constraint.id))
        return tuple(found)

    @property
    def in_turns(self) -> tuple[ServiceFinding, ...]:
        """Open findings, the first of each constraint before the second of any: for readers who see only ten."""
        turns = zip_longest(*(violation.findings for violation in self.violations))
        return tuple(finding for turn in turns for finding in turn if finding is not None)

    def ids(self, wanted: Callable[[JudgedConstraint], bool]) -> tuple[str, ...]:
        """The ids of the constraints for which `wanted` holds, in the order of the specification."""
        return tuple(one.id for one in self.constraints if wanted(one))

    def is_hard(self, constraint_id: str) -> bool:
        """Whether a constraint of this report is hard."""
        return any(one.hard for one in self.constraints if one.id == constraint_id)

    def fails(self, finding: ServiceFinding) -> bool:
        """Whether this finding alone makes the exit code 1."""
        return finding.is_open and (self.fail_on is FailOn.ALL or self.is_hard(finding.constraint))
