"""Sees what holds the event loop while a request is being served: intercepted calls, and a loop that does not turn."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from checker.app_under_test.description import relative_path
from checker.sandbox.scheduling import added_wait, waits_for_processor

Say = Callable[..., None]
"""`say(how, what, site, held_ms, label)`, the fields of `BlockedLoop`."""

_sleep = time.sleep  # before calls that block are intercepted

_Places = tuple[tuple[str, Iterable[str]], ...]

LOOK_EVERY_S = 0.01
LATE_S = 0.02
"""A watch that is itself late by this much was not given the processor: its sample says nothing."""
HELD_S = 0.08
"""How long the loop must stand still in the learner's code, by samples in time, before it is worth a word."""
LOOKS_THAT_TELL = 3
"""Samples in the learner's code below which a still loop has no line to be laid at."""
HELD_WITHOUT_FIGURES_S = 0.4
"""The same where the system does not say how long threads waited for a processor."""

# Quick, or without effect on the loop where nothing is contended: reporting them would be a false alarm.
_HARMLESS = (
    "os.path.", "os.getcwd", "threading.", "os.access", "os.stat", "os.mkdir", "os.rmdir", "os.rename", "os.replace", "os.link",
    "os.symlink", "os.readlink",
)  # fmt: skip


def learner_frame(frame: FrameType | None, folder: Path) -> FrameType | None:
    """The innermost frame of a stack that runs the learner's code."""
    while frame is not None:
        if relative_path(frame.f_code.co_filename, folder):
            return frame
        frame = frame.f_back
    return None


def site_of(frame: FrameType, folder: Path) -> dict[str, Any]:
    """Where a frame stands, as JSON of `checker.models.facts.Site`."""
    code = frame.f_code
    return {
        "path": relative_path(code.co_filename, folder),
        "line": frame.f_lineno,
        "name": getattr(code, "co_qualname", code.co_name),
    }


def intercept_blocking_calls(folder: Path, say: Say, serving: Callable[[], bool]) -> None:
    """Note every blocking call that the learner's code makes on the loop during a request; all still run."""
    # Not in an engineer's environment, where nobody asks for this.
    from blockbuster import BlockBuster

    # Each place once: a loop of a thousand reads is one finding.
    seen: set[tuple[str, str, int]] = set()
    try:
        # It looks round in the working folder, which the app may have left for one that nobody may list.
        with contextlib.chdir(folder):
            buster = BlockBuster()
    except OSError:
        return
    for name, function in buster.functions.items():
        if name.startswith(_HARMLESS):
            continue
        allowed, exempt = function.can_block_predicate, tuple(function.can_block_functions)

        def note(
            *arguments: Any,
            _name: str = name,
            _allowed: Any = allowed,
            _exempt: _Places = exempt,
            **named: Any,
        ) -> bool:
            # Answering True lets the call through: the app behaves as without us.
            if serving() and not _allowed(*arguments, **named) and not _under(sys._getframe(1), _exempt):
                frame = learner_frame(sys._getframe(1), folder)
                if frame is not None:
                    site = site_of(frame, folder)
                    key = (_name, site["path"], site["line"])
                    if key not in seen:
                        seen.add(key)
                        say("call", _name, site)
            return True

        function.can_block_predicate = note
        function.activate()


def _under(frame: FrameType | None, places: _Places) -> bool:
    """Whether one of these functions is being run, each named by the end of its file's path: an import, for instance.

    Libraries import parts of themselves at first use, once in the life of a process.
    """
    while frame is not None:
        path = frame.f_code.co_filename.replace("\\", "/")
        if any(path.endswith(file) and frame.f_code.co_name in functions for file, functions in places):
            return True
        frame = frame.f_back
    return False


def processor_seconds(thread: int) -> float:
    """Processor time that a thread of this process has used; 0 for ever where the system does not say it by thread."""
    if not hasattr(time, "pthread_getcpuclockid"):
        return 0.0
    return time.clock_gettime(time.pthread_getcpuclockid(thread))


class LoopWatch:
    """A thread that notices when the loop does not turn during a request, and which line held it."""

    def __init__(self, folder: Path, say: Say) -> None:
        self._folder = folder
        self._say = say
        self._serving: Counter[str] = Counter()
        self._started = False
        self._asked = threading.Event()
        """Somebody is being served: while nobody is, this thread sleeps, for there may be a dozen servers."""
        self._turned = threading.Event()

    @contextlib.contextmanager
    def serving(self, label: str) -> Iterator[None]:
        """A request is being served inside the block."""
        if not self._started:
            self._started = True
            loop, thread = asyncio.get_running_loop(), threading.get_ident()
            threading.Thread(target=self._run, args=(loop, thread), daemon=True).start()
        self._serving[label] += 1
        self._asked.set()
        try:
            yield
        finally:
            self._serving[label] -= 1

    def _run(self, loop: asyncio.AbstractEventLoop, thread: int) -> None:
        while not loop.is_closed():
            self._asked.wait()
            _sleep(LOOK_EVERY_S)
            self._asked.clear()
            if self._serving.total() == 0:
                continue
            self._asked.set()
            self._turned.clear()
            try:
                loop.call_soon_threadsafe(self._turned.set)
            except RuntimeError:
                return
            self._wait_for_turn(thread)

    def _wait_for_turn(self, thread: int) -> None:
        waits_before, used_before = waits_for_processor(), processor_seconds(thread)
        lines: Counter[tuple[str, int, str]] = Counter()
        looks = 0
        while True:
            before = time.perf_counter()
            if self._turned.wait(LOOK_EVERY_S):
                break
            if time.perf_counter() - before > LOOK_EVERY_S + LATE_S:
                continue
            looks += 1
            frame = learner_frame(sys._current_frames().get(thread), self._folder)
            if frame is not None:
                site = site_of(frame, self._folder)
                lines[site["path"], site["line"], site["name"]] += 1
        held_s, enough_s = lines.total() * LOOK_EVERY_S, HELD_S
        if lines.total() >= LOOKS_THAT_TELL:
            if waits := waits_for_processor():
                # A busy machine also makes the loop stand still; that part is not the learner's.
                held_s -= added_wait(waits_before, waits)
            else:
                enough_s = HELD_WITHOUT_FIGURES_S
            # What the loop's own thread computed meanwhile is the learner's on any machine, as far as it was in their code.
            computed_s = (processor_seconds(thread) - used_before) * lines.total() / looks
            held_s = max(held_s, computed_s)
        if held_s >= enough_s:
            (path, line, name), _ = lines.most_common(1)[0]
            label = next((label for label, count in self._serving.items() if count), "")
            self._say(
                "held", "the event loop", {"path": path, "line": line, "name": name}, held_s * 1000, label
            )
