"""What the authors' gate says: claims about a chapter, each held or broken by named problems."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from checker.errors import ExitCode


class Part(StrEnum):
    """The parts of a chapter that the gate proves, in the order in which they are printed."""

    FILES = "files"
    TASKS = "tasks"
    LESSON = "lesson"
    SPEC = "spec"
    REGIONS = "regions"
    STARTER = "starter"
    REFERENCE = "reference"
    WRONG = "wrong"
    ALTERNATIVES = "alternatives"
    TESTS = "tests"
    GENERATED = "generated"
    TOOLS = "tools"
    MUTANTS = "mutants"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One reason why a claim does not hold; `path` is relative to the book, with a line where there is one."""

    path: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.path}: {self.what} {self.remedy}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposition:
    """A claim that has not been tried yet; `prove` yields a problem for each reason against it."""

    chapter: str
    part: Part
    says: str
    prove: Callable[[], Iterable[Problem]]
    grades: bool = False
    """It takes seconds, for it grades a folder or runs a tool; such ones run two at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A claim that has been tried; `detail` holds numbers worth keeping, a mutation score for instance."""

    chapter: str
    part: Part
    says: str
    problems: tuple[Problem, ...]
    seconds: float
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def held(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Everything that one run of the gate tried, in the order in which it ended."""

    claims: tuple[Claim, ...]
    seconds: float
    interrupted: bool = False

    @property
    def broken(self) -> tuple[Claim, ...]:
        """The claims that do not hold."""
        return tuple(claim for claim in self.claims if not claim.held)

    @property
    def passed(self) -> bool:
        """Every claim was tried and holds."""
        return not self.interrupted and not self.broken

    @property
    def exit_code(self) -> ExitCode:
        return ExitCode.PASSED if self.passed else ExitCode.NOT_PASSED

    def as_data(self) -> dict[str, Any]:
        """The whole outcome as plain data, for JSON."""
        return {
            "passed": self.passed,
            "interrupted": self.interrupted,
            "seconds": round(self.seconds, 2),
            "claims": [{**asdict(claim), "held": claim.held} for claim in self.claims],
        }
