"""Ports on loopback behind which the trusted side answers an app: what an upstream stand-in listens on.

Where the app has a network of its own (level H), a port of ours means nothing there. So each process that imports the app
opens the ports in its network before it knows the app, and passes the listening sockets out: a socket stays in the
network in which it was made.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Final

HOW_MANY: Final = 48
"""How many ports a run has where they must be known before the app is: more than any suite uses."""


class Port:
    """One port number, and every listening socket that was made for it."""

    def __init__(self, number: int, listeners: Sequence[socket.socket]) -> None:
        self.number = number
        self._listeners = list(listeners)
        self._serve: Callable[[socket.socket], None] | None = None
        self._lock = threading.Lock()
        self.closed = False
        """Nobody answers there any more."""

    def serve(self, serve: Callable[[socket.socket], None]) -> None:
        """Call `serve` with each listening socket, also with those that come later."""
        with self._lock:
            self._serve = serve
            waiting = list(self._listeners)
        for listener in waiting:
            serve(listener)

    def add(self, listener: socket.socket) -> None:
        """One more socket, of another process's network."""
        with self._lock:
            self._listeners.append(listener)
            serve = self._serve
        if serve is not None:
            with contextlib.suppress(OSError, ValueError):
                serve(listener)

    def close(self) -> None:
        """Close all sockets; who connects from now on is refused."""
        with self._lock:
            self.closed = True
            for listener in self._listeners:
                listener.close()


class Ports:
    """The ports of one run. They are known before the app is, or each is opened when it is claimed (`as_needed`)."""

    def __init__(self, *, as_needed: bool) -> None:
        self._as_needed = as_needed
        self._ports: list[Port] = []
        self._claimed = 0

    @property
    def numbers(self) -> list[int]:
        """What is known so far."""
        return [port.number for port in self._ports]

    @property
    def in_use(self) -> list[int]:
        """Those behind which somebody answers: all that one more process of the app's needs, which cannot hold all open."""
        return [port.number for port in self._ports[: self._claimed] if not port.closed]

    def open(self) -> None:
        """Open all ports here, where the app shares our network."""
        self._ports += [_open() for _ in range(HOW_MANY)]

    def adopt(self, numbers: Sequence[int], listeners: Sequence[socket.socket]) -> None:
        """Sockets that a process of the app's opened for these numbers."""
        known = {port.number: port for port in self._ports}
        for number, listener in zip(numbers, listeners, strict=True):
            if number in known:
                known[number].add(listener)
            else:
                self._ports.append(Port(number, [listener]))

    def claim(self) -> Port:
        """A port that nobody else has had. Raises `RuntimeError` where all are gone."""
        self._claimed += 1
        if self._as_needed:
            self._ports.append(_open())
        if self._claimed > len(self._ports):
            raise RuntimeError(f"a run has {len(self._ports)} ports for upstream services, and all were used")
        return self._ports[self._claimed - 1]

    def close(self) -> None:
        """Close everything."""
        for port in self._ports:
            port.close()


def open_ports(numbers: Sequence[int]) -> list[socket.socket]:
    """Listening sockets on loopback for these numbers, 0 for any; for a process of the app's."""
    return [socket.create_server(("127.0.0.1", number), backlog=64) for number in numbers]


def _open() -> Port:
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    return Port(listener.getsockname()[1], [listener])
