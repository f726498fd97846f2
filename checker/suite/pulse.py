"""Feels from outside whether a server's event loop turns: while a slow request runs, a second connection asks for a sign.

Nothing in the app's process has a say in it: who holds the loop cannot answer, whatever was switched off inside.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from checker.app_under_test.server import Server
from checker.sandbox import added_wait, processor_seconds_of, wait_of_this_thread, waits_for_processor

SLOW_S: Final = 0.1
"""Requests that are answered by then are not felt for."""
EVERY_S: Final = 0.05
HELD_S: Final = 0.3
"""How long a sign must be waited for, the machine's own part taken off, before the loop was held: for each request under way.

The first checkout of chapter 4's reference computes up to 0.09 s on the loop, and once 0.16 s, where a dozen other programs share
two processors; and the work of several requests at once adds up between the turns of a loop that nobody holds.
"""
HELD_WITHOUT_FIGURES_S: Final = 0.6
"""The same where the system does not say how long threads waited for a processor."""
_LONGEST_S: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stillness:
    """The longest time that the loop did not turn during a request of one method and path."""

    method: str
    path: str
    seconds: float


class Pulse:
    """Feels one server while requests to it are under way."""

    def __init__(self, server: Server, path: str) -> None:
        self._server = server
        self._request = f"GET {path} HTTP/1.1\r\nHost: testserver\r\nConnection: close\r\n\r\n".encode()
        self._under_way: dict[int, tuple[str, str, float]] = {}
        self._still: dict[tuple[str, str], float] = {}
        self._news = threading.Condition()
        self._closed = False
        self._started = False
        self._feeling = False
        self._count = 0

    @contextlib.contextmanager
    def during(self, method: str, path: str) -> Iterator[None]:
        """A request is under way inside the block."""
        with self._news:
            self._count += 1
            number = self._count
            self._under_way[number] = (method, path, time.monotonic())
            if not self._started:
                self._started = True
                threading.Thread(target=self._run, daemon=True).start()
            self._news.notify_all()
        try:
            yield
        finally:
            with self._news:
                del self._under_way[number]

    @property
    def stillness(self) -> tuple[Stillness, ...]:
        """What was felt so far; a sign that is waited for comes with the answer, and is waited for here, too."""
        with self._news:
            self._news.wait_for(lambda: not self._feeling, 1.0)
            return tuple(
                Stillness(method=method, path=path, seconds=seconds)
                for (method, path), seconds in self._still.items()
            )

    def close(self) -> None:
        """Feel no more."""
        with self._news:
            self._closed = True
            self._news.notify_all()

    def _run(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._under_way or self._closed)
                if self._closed:
                    return
            time.sleep(EVERY_S)
            if (subject := self._slow_request()) is not None:
                self._feeling = True
                seconds = self._feel()
                with self._news:
                    self._feeling = False
                    if seconds is not None:
                        self._still[subject] = max(seconds, self._still.get(subject, 0.0))
                    self._news.notify_all()

    def _slow_request(self) -> tuple[str, str] | None:
        """The method and path that all requests under way share, once one of them is slow; with several nobody can tell."""
        with self._news:
            subjects = {(method, path) for method, path, _ in self._under_way.values()}
            oldest = min((started for *_, started in self._under_way.values()), default=time.monotonic())
        return subjects.pop() if len(subjects) == 1 and time.monotonic() - oldest >= SLOW_S else None

    def _feel(self) -> float | None:
        """Seconds for which no sign came that the loop must answer for; None where it turned or nothing can be said."""
        process = self._server.pid or 0
        beside = max(1, len(self._under_way))
        own, its = wait_of_this_thread(), waits_for_processor(process)
        # The loop's own thread is the process's first.
        used = processor_seconds_of(process, process)
        started = time.monotonic()
        with contextlib.suppress(TimeoutError, OSError), self._connect() as connection:
            connection.sendall(self._request)
            if not connection.recv(1):
                return None
        seconds = time.monotonic() - started
        if not self._server.alive:
            return None
        if not its:
            return seconds if seconds >= HELD_WITHOUT_FIGURES_S * beside else None
        seconds -= added_wait(its, waits_for_processor(process)) + wait_of_this_thread() - own
        # What that thread computed meanwhile is the app's on any machine.
        seconds = max(seconds, processor_seconds_of(process, process) - used)
        return seconds if seconds >= HELD_S * beside else None

    def _connect(self) -> socket.socket:
        address = self._server.address
        if address is None:
            raise OSError("a server that is not ready has no address")
        return address.connect(_LONGEST_S)
