"""What one sees while a grade runs: a small region that redraws itself on a terminal, plain lines elsewhere.

Everything goes to standard error, so that standard output holds the report alone.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

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
from checker.models.report import Check, ConstraintOutcome, MetricOutcome, MetricResult, Outcome
from checker.report import one_line

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live
    from rich.spinner import Spinner

_NAMES = {
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
_WITH_RESULT = {Stage.SOURCE, Stage.CONSTRAINTS, *_METRIC_STAGES.values()}
_SYMBOLS = {"passed": "✓", "failed": "✗", "error": "!", "skipped": "–"}
_PLAIN_SYMBOLS = {"passed": "+", "failed": "x", "error": "!", "skipped": "-"}
_STYLES = {"passed": "green", "failed": "red", "error": "yellow", "skipped": "bright_black"}
_LONGEST = 160


@dataclass(slots=True, kw_only=True)
class _Run:
    """What is known of the grade so far."""

    started: dict[Stage, int | None] = field(default_factory=dict)
    finished: dict[Stage, float] = field(default_factory=dict)
    tasks: dict[str, list[Check]] = field(default_factory=dict)
    results: dict[Stage, str] = field(default_factory=dict)
    trouble: str = ""
    """The first fault or, until there is one, the first failure."""
    faulty: bool = False

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
                violated = [r.id for r in results if r.graded and r.outcome is ConstraintOutcome.FAILED]
                graded = sum(result.graded for result in results)
                self.results[Stage.CONSTRAINTS] = (
                    f"violated: {one_line(' '.join(violated), 60)}" if violated else f"{graded} kept"
                )
            case MetricFinished(result=result):
                measured_by = _METRIC_STAGES.get(result.id)
                if measured_by is not None:
                    self.results[measured_by] = _metric(result)
            case FaultSeen(fault=fault):
                if not self.faulty:
                    self.faulty = True
                    self.trouble = one_line(f"{fault.kind.value}: {fault.message}", _LONGEST)
        return self.trouble if self.trouble != before else ""

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


class LiveDisplay:
    """Shows the events of one grade: `with LiveDisplay("Chapter 4") as show: grade(..., listen=show)`.

    Events may come from any thread. Leaving the block, also by Ctrl-C, gives the terminal back as it was.
    """

    def __init__(
        self, title: str = "", *, stream: TextIO | None = None, environ: Mapping[str, str] = os.environ
    ) -> None:
        self._title = one_line(title, 100)
        self._stream = sys.stderr if stream is None else stream
        self._environ = environ
        self._run = _Run()
        self._told: set[Stage] = set()
        self._lock = Lock()
        self._live: Live | None = None
        self._spinner: Spinner | None = None
        # A stream of another encoding would raise in the middle of a redraw.
        self._unicode = (getattr(self._stream, "encoding", None) or "utf-8").lower().startswith("utf")

    def __enter__(self) -> Self:
        if _can_redraw(self._stream, self._environ):
            self._live = self._start_live()
        elif self._title:
            self._write(self._title)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        live, self._live = self._live, None
        if live is not None:
            # The reader of standard error may have gone; that is no reason to lose the report.
            with contextlib.suppress(OSError, ValueError):
                live.stop()
        elif error is None:
            self._tell_stages(everything=True)

    def __call__(self, event: Event) -> None:
        """Show one event."""
        with self._lock:
            trouble = self._run.take(event)
            if self._live is not None:
                return
            if trouble:
                self._write(f"first failure: {trouble}" if not self._run.faulty else trouble)
            self._tell_stages(everything=False)

    def _tell_stages(self, *, everything: bool) -> None:
        """One line for each stage that has ended; a result may land shortly after its stage."""
        for stage, seconds in self._run.finished.items():
            result = self._run.results.get(stage)
            if stage in self._told or (result is None and stage in _WITH_RESULT and not everything):
                continue
            self._told.add(stage)
            self._write(f"{_NAMES[stage]}: {result or 'done'}, {seconds:.1f} s")

    def _write(self, line: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(self._fitting(line) + "\n")
            self._stream.flush()

    def _fitting(self, text: str) -> str:
        return text if self._unicode else text.encode("ascii", "backslashreplace").decode()

    def _start_live(self) -> Live:
        from rich.console import Console
        from rich.live import Live
        from rich.spinner import Spinner

        console: Console = Console(
            file=self._stream,
            force_terminal=True,
            highlight=False,
            markup=False,
            emoji=False,
            no_color="NO_COLOR" in self._environ and self._environ["NO_COLOR"] != "",
        )
        self._spinner = Spinner("dots" if self._unicode else "line")
        live = Live(
            get_renderable=self._draw,
            console=console,
            refresh_per_second=8,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        live.start()
        return live

    def _draw(self) -> RenderableType:
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        symbols = _SYMBOLS if self._unicode else _PLAIN_SYMBOLS
        with self._lock:
            run = self._run
            stages = Table.grid(padding=(0, 1))
            for _ in range(4):
                stages.add_column(no_wrap=True, overflow="ellipsis" if self._unicode else "crop")
            for stage in run.started:
                done = run.finished.get(stage)
                stages.add_row(
                    Text(symbols["passed"], "green") if done is not None else self._spinner,
                    _NAMES[stage],
                    self._fitting(run.results.get(stage, "")),
                    Text(f"{done:.1f} s" if done is not None else "", "bright_black"),
                )
            lines: list[RenderableType] = [stages]
            if self._title:
                lines.insert(0, Text(self._fitting(self._title), "bold"))
            for task in run.sorted_tasks():
                line = Text(self._fitting(f"  {one_line(task, 12)} "), no_wrap=True, overflow="crop")
                for check in run.tasks[task]:
                    line.append(symbols[check.outcome.value], _STYLES[check.outcome.value])
                lines.append(line)
            if run.trouble:
                lines.append(Text(f"{symbols['failed']} {self._fitting(run.trouble)}", "red"))
            return Group(*lines)


def _can_redraw(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether the stream is a terminal on which the cursor can be moved."""
    try:
        if not stream.isatty():
            return False
    except ValueError:
        return False
    term = environ.get("TERM", "")
    return term not in ("dumb", "unknown") and (bool(term) or os.name == "nt")
