"""When something in a folder was saved: by the system's events, or by looking where it sends none."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from watchfiles import Change, DefaultFilter, watch

from checker.submission.snapshot import PASSED_OVER

_DEBOUNCE_MS = 150
_STEP_MS = 50
_LOOK_EVERY_S = 0.3
_LOOK_BESIDE_EVENTS_S = 1.0
_GRACE_S = 1.0
"""An event that has not come by then will not come."""
_MOST_FILES = 5000
_BY_PROGRAMS = (r"\.(db|sqlite3?)(-\w+)?$", r"\.log$", r"^\.coverage")
"""What an app or a tool writes while it runs, and nobody saves."""

Fingerprint = dict[str, tuple[int, int]]


class Saves:
    """Calls `saved` soon after a file below `folder` has changed; `noted` gets a sentence when something is to be said of that.

    Use as a context manager. With `looking`, events are not asked for.
    """

    def __init__(
        self,
        folder: Path,
        *,
        saved: Callable[[], None],
        noted: Callable[[str], None],
        looking: bool = False,
    ) -> None:
        self._folder = folder
        self._saved = saved
        self._noted = noted
        self._wanted = DefaultFilter(
            ignore_dirs=[*DefaultFilter.ignore_dirs, *PASSED_OVER],
            ignore_entity_patterns=[*DefaultFilter.ignore_entity_patterns, *_BY_PROGRAMS],
        )
        self._looking = looking
        self._known: Fingerprint = {}
        self._looked_at = 0.0
        self._news = threading.Condition()
        self._heard_at = 0.0
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._look, daemon=True, name="saves")]
        if not looking:
            self._threads.append(threading.Thread(target=self._listen, daemon=True, name="events"))

    def __enter__(self) -> Self:
        self._known, self._looked_at = self._fingerprint(), time.monotonic()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join(2.0)

    def _listen(self) -> None:
        try:
            for _ in watch(
                self._folder,
                watch_filter=self._wanted,
                debounce=_DEBOUNCE_MS,
                step=_STEP_MS,
                stop_event=self._stopped,
                rust_timeout=200,
                raise_interrupt=False,
                ignore_permission_denied=True,
            ):
                with self._news:
                    self._heard_at = time.monotonic()
                    self._news.notify_all()
                self._saved()
        except (OSError, RuntimeError) as error:
            # No more watches to be had, or the folder is gone.
            self._look_from_now_on(f"The system does not report changes here ({error})")

    def _look_from_now_on(self, why: str) -> None:
        if not self._looking and not self._stopped.is_set():
            self._looking = True
            self._noted(f"{why}, so the files are looked at every {_LOOK_EVERY_S:g} s.")

    def _look(self) -> None:
        """Alone, or beside the events as long as they come: a change that no event told of means that there are none."""
        while not self._stopped.wait(_LOOK_EVERY_S if self._looking else _LOOK_BESIDE_EVENTS_S):
            before, self._looked_at = self._looked_at, time.monotonic()
            now = self._fingerprint()
            if now == self._known:
                continue
            self._known = now
            if not self._looking and not self._event_since(before):
                self._look_from_now_on("This file system sends no events")
            if self._looking:
                self._saved()

    def _event_since(self, moment: float) -> bool:
        """Whether an event came, or comes soon, that tells of a change after `moment`."""
        with self._news:
            return self._news.wait_for(lambda: self._heard_at >= moment, _GRACE_S)

    def _fingerprint(self) -> Fingerprint:
        """Size and time of every file that counts, at most some thousands."""
        found: Fingerprint = {}
        for folder, below, files in os.walk(self._folder):
            below[:] = [
                name for name in below if self._wanted(Change.modified, os.path.join(folder, name, "x"))
            ]
            for name in files:
                path = os.path.join(folder, name)
                if not self._wanted(Change.modified, path):
                    continue
                try:
                    state = os.lstat(path)
                except OSError:
                    continue  # gone again
                found[path] = (state.st_size, state.st_mtime_ns)
                if len(found) >= _MOST_FILES:
                    return found
        return found
