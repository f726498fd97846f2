"""What a grade says while it runs, so that results appear as they land."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from checker.models.report import Check, ConstraintResult, Fault, MetricResult


class Stage(StrEnum):
    """The parts of a grade; several run at the same time."""

    SNAPSHOT = "snapshot"
    SOURCE = "source"
    APP = "app"
    SUITE = "suite"
    CONSTRAINTS = "constraints"
    RUFF = "ruff"
    MYPY = "mypy"
    TESTS = "tests"
    LOAD = "load"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageStarted:
    """A part began; `total` is the number of results to expect, where it is known."""

    stage: Stage
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StageFinished:
    """A part ended."""

    stage: Stage
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFinished:
    """One hidden test has an outcome."""

    task: str
    check: Check


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRead:
    """A code base has been read: how many files and path operations, and how many files could not be read."""

    files: int
    routes: int
    unread: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstraintsFinished:
    """The constraints have been judged."""

    results: tuple[ConstraintResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricFinished:
    """One metric has been measured."""

    result: MetricResult


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultSeen:
    """Something keeps the app from being graded as usual."""

    fault: Fault


Event = (
    StageStarted
    | StageFinished
    | CheckFinished
    | SourceRead
    | ConstraintsFinished
    | MetricFinished
    | FaultSeen
)
Listener = Callable[[Event], None]
