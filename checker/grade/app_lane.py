"""The engineer's app beside the reading of its source: found, started in the sandbox, asked, and ended."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from types import TracebackType
from typing import Self

from checker.app_under_test import service
from checker.app_under_test.box import make_box, remove_box
from checker.models.events import Event, FaultSeen, Listener, Stage, StageFinished, StageStarted
from checker.sandbox import end_all_processes
from checker.source import Project


class AppLane:
    """Runs the app in a lane of its own; leaving the block, also by Ctrl-C, ends whatever it started."""

    def __init__(self, folder: Path, env: Mapping[str, str], listen: Listener) -> None:
        self._folder = folder
        self._env = env
        self._listen = listen
        self._lane = ThreadPoolExecutor(max_workers=1, thread_name_prefix="app")
        self._running: Future[service.Observed] | None = None
        self._stopped = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped = error is not None
        if error is not None and self._running is not None:
            # The lane waits for a child; it returns once the child is gone.
            while not self._running.done():
                end_all_processes()
                wait([self._running], timeout=0.2)
        self._lane.shutdown(wait=True, cancel_futures=True)

    def find(self, project: Project) -> service.Target:
        """The app that this project serves, where that is plain."""
        return service.find_target(project, self._folder)

    def start(self, target: str, python_path: Sequence[Path] = ()) -> None:
        """Begin to import and ask the app; without `python_path` its folders are looked for."""
        self._running = self._lane.submit(self._observe, target, python_path)

    def result(self) -> service.Observed | None:
        """What the app showed, once it has been asked; None where it was not started."""
        return self._running.result() if self._running is not None else None

    def _observe(self, target: str, python_path: Sequence[Path]) -> service.Observed:
        box = make_box()
        self._listen(StageStarted(stage=Stage.APP))
        started = time.monotonic()
        try:
            observed = service.observe_service(
                self._folder, target, env=self._env, box=box, python_path=python_path
            )
            for fault in observed.faults:
                self._tell(FaultSeen(fault=fault))
            return observed
        finally:
            self._tell(StageFinished(stage=Stage.APP, seconds=time.monotonic() - started))
            remove_box(box)

    def _tell(self, event: Event) -> None:
        # An app that we have ended ourselves has no fault.
        if not self._stopped:
            self._listen(event)
