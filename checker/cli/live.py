"""What one sees while a grade runs: a small region that redraws itself on a terminal, plain lines elsewhere.

Everything goes to standard error, so that standard output holds the report alone.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from checker.cli.seen import STAGE_NAMES, WITH_RESULT, Seen
from checker.models.events import Event, Stage
from checker.report import one_line

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live
    from rich.spinner import Spinner

_SYMBOLS = {"passed": "✓", "failed": "✗", "error": "!", "skipped": "–"}
_PLAIN_SYMBOLS = {"passed": "+", "failed": "x", "error": "!", "skipped": "-"}
_STYLES = {"passed": "green", "failed": "red", "error": "yellow", "skipped": "bright_black"}


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
        self._run = Seen()
        self._told: set[Stage] = set()
        self._lock = Lock()
        self._live: Live | None = None
        self._spinner: Spinner | None = None
        # A stream of another encoding would raise in the middle of a redraw.
        self._unicode = (getattr(self._stream, "encoding", None) or "utf-8").lower().startswith("utf")

    def __enter__(self) -> Self:
        if can_redraw(self._stream, self._environ):
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
            if stage in self._told or (result is None and stage in WITH_RESULT and not everything):
                continue
            self._told.add(stage)
            self._write(f"{STAGE_NAMES[stage]}: {result or 'done'}, {seconds:.1f} s")

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
                    STAGE_NAMES[stage],
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


def can_redraw(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether the stream is a terminal on which the cursor can be moved."""
    try:
        if not stream.isatty():
            return False
    except ValueError:
        return False
    term = environ.get("TERM", "")
    return term not in ("dumb", "unknown") and (bool(term) or os.name == "nt")
