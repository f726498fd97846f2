"""How a grade is ended before its end: by Ctrl-C, or because the folder was saved again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager

from checker.sandbox import end_all_processes


class GradeStopped(Exception):
    """Somebody stopped the grade, so there is no verdict."""


class Stop:
    """Ends one grade, also from another thread: what its lanes wait for is ended until all have returned."""

    def __init__(self) -> None:
        self._lanes = threading.Condition()
        self._busy = 0
        self._stopped = False

    def stop(self) -> None:
        """End the grade; returns once nothing of it runs any more.

        An executor cannot be left to it: a thread that was being started at that moment is not among those that it joins.
        """
        with self._lanes:
            self._stopped = True
            while self._busy:
                end_all_processes()
                self._lanes.wait(0.2)

    def raise_if_stopped(self) -> None:
        """Raise `CancelledError` once the grade was stopped."""
        if self._stopped:
            raise CancelledError

    @contextmanager
    def may_run(self) -> Iterator[None]:
        """Around everything that starts processes and waits for them; raises `CancelledError` once the grade was stopped."""
        with self._lanes:
            self.raise_if_stopped()
            self._busy += 1
        try:
            yield
        finally:
            with self._lanes:
                self._busy -= 1
                self._lanes.notify_all()
