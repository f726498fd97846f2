"""The screen of `check watch`: one page that is drawn anew on a terminal, a few lines for each grade elsewhere."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from datetime import datetime

from checker.book import Chapter
from checker.cli import terminal
from checker.cli.live import can_redraw
from checker.cli.seen import STAGE_NAMES, Seen
from checker.models.events import Stage
from checker.models.report import ConstraintOutcome, MetricOutcome, Report
from checker.report._watch import Part, render_watch

_KEYS = "h hint · n next task · e everything, with the load test · r again · q quit"
_PARTS = (Stage.CONSTRAINTS, Stage.RUFF, Stage.MYPY, Stage.TESTS, Stage.LOAD)
_HOME, _TO_END_OF_LINE, _TO_END_OF_SCREEN = "\x1b[H", "\x1b[K", "\x1b[J"
_CLEAR = "\x1b[2J"


class Screen:
    """Shows the run under way, or the last one. `stale` asks for it to be drawn."""

    def __init__(self, *, has_keys: bool) -> None:
        self.stale = True
        self._has_keys = has_keys
        self._redraws = can_redraw(sys.stdout, os.environ)
        self._seen = Seen()
        self._report: Report | None = None
        self._at = ""
        self._first_s: float | None = None
        self._seconds: float | None = None
        if self._redraws:
            self._write(_CLEAR)

    def began(self) -> None:
        """A grade begins; what is shown stays until the first of it is known."""
        self._seen, self._report = Seen(), None
        self._first_s = self._seconds = None
        self._at = datetime.now().astimezone().strftime("%H:%M:%S")
        self.stale = True
        if not self._redraws:
            terminal.out(f"{self._at} grading")

    def heard(self, seen: Seen, trouble: str, seconds: float) -> None:
        """News of the grade; `trouble` is its first failure, `seconds` after the save."""
        self._seen = seen
        self.stale = True
        if trouble and self._first_s is None:
            self._first_s = seconds
            if not self._redraws:
                terminal.out(terminal.wrap(f"first failure after {seconds:.1f} s: {trouble}", indent=2))

    def ended(self, report: Report, seen: Seen, seconds: float) -> None:
        """The grade is done, `seconds` after the save."""
        self._seen, self._report, self._seconds = seen, report, seconds
        self.stale = True
        if not self._redraws:
            self._tell(report, seconds)

    def note(self, text: str) -> None:
        """A sentence for who has no page to read it on."""
        self.stale = True
        if not self._redraws:
            terminal.out(terminal.wrap(text, indent=2))

    def draw(self, chapter: Chapter, task: str, notes: Sequence[str]) -> None:
        """The page, where there is one."""
        self.stale = False
        if not self._redraws:
            return
        size = shutil.get_terminal_size((80, 24))
        page = render_watch(
            self._report or self._seen.sketch(chapter),
            task=task,
            state=self._state(),
            parts=self._parts(),
            notes=notes,
            keys=_KEYS if self._has_keys else "Ctrl-C ends it.",
            width=terminal.width(),
            # One line in reserve: an address that is longer than the screen is wide takes two.
            height=size.lines - 1,
            colour=terminal.has_colour(sys.stdout),
            ascii=terminal.is_ascii_only(sys.stdout),
        )
        lines = page.rstrip("\n").split("\n")[-size.lines :]
        self._write(_HOME + f"{_TO_END_OF_LINE}\n".join(lines) + _TO_END_OF_LINE + _TO_END_OF_SCREEN)

    def close(self) -> None:
        """Leave the cursor below what is shown."""
        if self._redraws:
            self._write("\n")

    def _write(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()

    def _state(self) -> str:
        if self._seconds is None:
            first = f", first failure after {self._first_s:.1f} s" if self._first_s is not None else ""
            return f"grading since {self._at}{first}"
        word = "passed" if self._report is not None and self._report.passed else "not passed"
        return f"{word} · saved {self._at} · {self._seconds:.1f} s"

    def _parts(self) -> list[Part]:
        parts = []
        for stage in _PARTS:
            if stage in self._seen.started or stage in self._seen.results:
                parts.append(
                    Part(
                        name=STAGE_NAMES[stage],
                        outcome=self._outcome(stage),
                        result=self._seen.results.get(stage, "" if self._seconds is None else "done"),
                    )
                )
        return parts

    def _outcome(self, stage: Stage) -> str:
        if stage is Stage.CONSTRAINTS:
            if not self._seen.constraints:
                return ""
            failed = [one for one in self._seen.constraints if one.outcome is ConstraintOutcome.FAILED]
            return "failed" if any(one.graded for one in failed) else "passed"
        outcomes = [one.outcome.value for one in self._seen.metrics_of(stage) if one.graded]
        for outcome in (MetricOutcome.FAILED, MetricOutcome.ERROR, MetricOutcome.INCONCLUSIVE):
            if outcome.value in outcomes:
                return outcome.value
        return outcomes[0] if outcomes else ""

    def _tell(self, report: Report, seconds: float) -> None:
        word = "passed" if report.passed else "not passed"
        done = f"{report.tasks_passed} of {len(report.tasks)} tasks done"
        terminal.out(f"  {word}, {done}, {seconds:.1f} s")
        for part in self._parts():
            terminal.out(f"  {part.name}: {part.result}")
