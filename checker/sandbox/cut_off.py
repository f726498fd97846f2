"""Cuts the calling process off: from now on it reaches nobody and writes nothing down."""

from __future__ import annotations

import errno
import functools
import os
import socket
import sys
import threading
from typing import Any

from checker.sandbox.seccomp import refuse_sockets


def cut_off_this_process() -> bool:
    """Refuse every new socket and every byte in a file to this process and to all that it starts.

    Sockets that are open stay open, so a server goes on with those that it was given; its output must be no file. What
    wants to connect to a database or a broker hears at once that the network is unreachable. False where the system
    cannot see to that: then Python's own sockets refuse, and nothing more is certain.
    """
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    if refuse_sockets():
        return True

    _refuse_in_python()
    return False


def _refuse_in_python() -> None:
    connect, pair = socket.socket.connect, socket.socketpair
    making = threading.local()

    def refuse(itself: object, *given: object) -> None:
        address = given[-1]
        if isinstance(itself, socket.socket) and getattr(making, "pair", False):
            connect(itself, address)  # type: ignore[arg-type]  # whatever Python's own pair has made
        else:
            raise OSError(errno.ENETUNREACH, f"{os.strerror(errno.ENETUNREACH)}: {address}")

    @functools.wraps(pair)
    def make_pair(*given: Any, **named: Any) -> tuple[socket.socket, socket.socket]:
        # Windows has none, so Python connects two sockets: without that there is no event loop.
        making.pair = True
        try:
            return pair(*given, **named)
        finally:
            making.pair = False

    socket.socketpair = make_pair
    # Methods of a class are given others here on purpose.
    socket.socket.connect = refuse  # type: ignore[method-assign]
    socket.socket.connect_ex = refuse  # type: ignore[method-assign, assignment]
    if sys.platform == "win32":
        # Its own event loop connects beside the sockets.
        import asyncio

        asyncio.IocpProactor.connect = refuse  # type: ignore[method-assign, assignment]
