"""What a person may ask of a grade."""

from __future__ import annotations

from dataclasses import dataclass

from checker.models.events import Stage
from checker.sandbox import Isolation

_ALL = frozenset(Stage)


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeOptions:
    """How much of a grade to run.

    `advice` adds constraints and metrics that the chapter does not grade yet; `parts` leaves out whole stages;
    `first` are checks to run before the others (those that failed last time); `source_first` judges the source before there
    is an app to ask, for who waits for news; `fork=False` is the portable way;
    `lanes` is how many parts of the hidden suite go beside each other, by default as many as it pays;
    `isolation` is by default the strongest that this machine gives.
    """

    task: str | None = None
    solution: bool = False
    load: bool = True
    advice: bool = True
    seed: int | None = None
    parts: frozenset[Stage] = _ALL
    first: frozenset[str] = frozenset()
    stop_early: bool = False
    source_first: bool = False
    fork: bool | None = None
    lanes: int | None = None
    isolation: Isolation | None = None

    def runs(self, stage: Stage) -> bool:
        """Whether this stage is part of the grade."""
        return stage in self.parts and (stage is not Stage.LOAD or self.load)
