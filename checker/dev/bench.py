"""The bench: grades folders for the gate, two at a time, each in a process of its own."""

from __future__ import annotations

import multiprocessing
import signal
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, ParamSpec, Self, TypeVar

from checker.book import Chapter
from checker.dev.graded import Scope
from checker.models.events import Stage
from checker.models.report import Report

AT_ONCE = 3
"""A grade waits for servers half of its time, so three share two processors well."""

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")


class Workbench:
    """Runs grades and other slow work in a few worker processes; a context manager."""

    def __init__(self, *, at_once: int = AT_ONCE) -> None:
        self._at_once = at_once
        self._numbers = count()

    def __enter__(self) -> Self:
        self._scratch = tempfile.TemporaryDirectory(prefix="check-verify-", ignore_cleanup_errors=True)
        # Spawned, for a fork of a process with threads may hold locks that nobody releases.
        self._pool = ProcessPoolExecutor(
            self._at_once, mp_context=multiprocessing.get_context("spawn"), initializer=_be_quiet
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # A grade under way ends its own children; waiting for it leaves nothing running.
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._scratch.cleanup()

    def grade(self, chapter: Chapter, folder: Path, scope: Scope, *, task: str | None = None) -> Report:
        """Grade `folder`, for one task where that is enough, and wait for the report; raises what the grade raises."""
        return self.run(grade_folder, chapter, folder, scope, task)

    def run(self, work: Callable[_Given, _Result], /, *given: _Given.args, **named: _Given.kwargs) -> _Result:
        """Call a function of a module in a worker and wait for what it returns or raises."""
        with _interrupts_held_back():
            future: Future[_Result] = self._pool.submit(_interruptibly, work, *given, **named)
        return future.result()

    def folder(self) -> Path:
        """A new empty folder, gone when the bench closes."""
        path = Path(self._scratch.name) / str(next(self._numbers))
        path.mkdir()
        return path


_SUITE = frozenset({Stage.SNAPSHOT, Stage.APP, Stage.SUITE})
_STAGES = {
    Scope.FIRST_FAILURE: _SUITE,
    Scope.SUITE: _SUITE,
    Scope.BEHAVIOUR: _SUITE | {Stage.CONSTRAINTS},
    Scope.TOOLS: frozenset(Stage) - {Stage.LOAD},
    Scope.ALL: frozenset(Stage),
}


SEED = 20_261_123
"""The same questions in every run of the gate: a claim that breaks breaks again, and can be looked into."""


def grade_folder(chapter: Chapter, folder: Path, scope: Scope, task: str | None = None) -> Report:
    """Grade one folder, as far as `scope` asks; what the chapter shows as advice only is looked at in the whole grade."""
    from checker.grade import GradeOptions, grade

    options = GradeOptions(
        task=task,
        advice=scope is Scope.ALL,
        load=scope is Scope.ALL,
        parts=_STAGES[scope],
        stop_early=scope is Scope.FIRST_FAILURE,
        # Several grades go beside each other here.
        lanes=1,
        seed=SEED,
    )
    return grade(chapter, folder, options, lambda event: None)


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """A worker that is born here hears of Ctrl-C only once it has its handler, not amid its imports."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _be_quiet() -> None:
    """An idle worker takes no notice of Ctrl-C; the gate itself decides when it ends."""
    signal.signal(signal.SIGINT, _take_no_notice)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _take_no_notice(number: int, frame: FrameType | None) -> None:
    """A handler, not `SIG_IGN`: what is ignored stays ignored in every child."""


def _interruptibly(work: Callable[..., Any], *given: Any, **named: Any) -> Any:
    """While a grade runs, Ctrl-C ends it the way it ends one at the prompt."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return work(*given, **named)
    finally:
        signal.signal(signal.SIGINT, before)
