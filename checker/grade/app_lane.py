"""The engineer's app beside the reading of its source: found, started in the sandbox, asked, and ended."""

from __future__ import annotations

import importlib
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, cast

from checker.app_under_test.box import remove_box
from checker.grade.run import make_box
from checker.models.events import FaultSeen, Listener, Stage, StageFinished, StageStarted
from checker.models.facts import AppFacts
from checker.models.report import Fault
from checker.sandbox import end_all_processes
from checker.source import Project


class Target(Protocol):
    """The app to run, `module:attribute`; where there is not exactly one, the candidates and the reason."""

    @property
    def target(self) -> str | None: ...
    @property
    def candidates(self) -> tuple[str, ...]: ...
    @property
    def reason(self) -> str: ...
    @property
    def python_path(self) -> Sequence[Path]: ...


class Observed(Protocol):
    """What the running app showed, or the faults that kept it from running."""

    @property
    def facts(self) -> AppFacts | None: ...
    @property
    def faults(self) -> tuple[Fault, ...]: ...


class Runner(Protocol):
    """What finds and runs a service's app."""

    def find_target(self, project: Project, folder: Path) -> Target: ...
    def observe_service(
        self,
        folder: Path,
        target: str,
        *,
        env: Mapping[str, str],
        box: Path,
        python_path: Sequence[Path] = (),
    ) -> Observed: ...


def find_runner() -> Runner | None:
    """The part of the checker that runs services; None where this version has none."""
    try:
        return cast(Runner, importlib.import_module("checker.app_under_test.service"))
    except ModuleNotFoundError:
        return None


class AppLane:
    """Runs the app in a lane of its own; leaving the block, also by Ctrl-C, ends whatever it started."""

    def __init__(self, folder: Path, env: Mapping[str, str], listen: Listener) -> None:
        self._folder = folder
        self._env = env
        self._listen = listen
        self._lane = ThreadPoolExecutor(max_workers=1, thread_name_prefix="app")
        self._runner = find_runner()
        self._running: Future[Observed] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None and self._running is not None:
            # The lane waits for a child; it returns once the child is gone.
            while not self._running.done():
                end_all_processes()
                wait([self._running], timeout=0.2)
        self._lane.shutdown(wait=True, cancel_futures=True)

    @property
    def can_run(self) -> bool:
        """Whether this version of the checker can run a service."""
        return self._runner is not None

    def find(self, project: Project) -> Target | None:
        """The app that this project makes, where it makes exactly one."""
        return self._runner.find_target(project, self._folder) if self._runner is not None else None

    def start(self, target: str, python_path: Sequence[Path] = ()) -> None:
        """Begin to import and ask the app; without `python_path` its folders are looked for."""
        if self._runner is not None:
            self._running = self._lane.submit(self._observe, self._runner, target, python_path)

    def result(self) -> Observed | None:
        """What the app showed, once it has been asked; None where it was not started."""
        return self._running.result() if self._running is not None else None

    def _observe(self, runner: Runner, target: str, python_path: Sequence[Path]) -> Observed:
        box = make_box()
        self._listen(StageStarted(stage=Stage.APP))
        started = time.monotonic()
        try:
            observed = runner.observe_service(
                self._folder, target, env=self._env, box=box, python_path=python_path
            )
            for fault in observed.faults:
                self._listen(FaultSeen(fault=fault))
            return observed
        finally:
            self._listen(StageFinished(stage=Stage.APP, seconds=time.monotonic() - started))
            remove_box(box)
