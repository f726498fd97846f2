"""Cuts the calling process off: from now on it reaches nobody and writes nothing down."""

from __future__ import annotations

import errno
import os
import socket
import sys
from typing import NoReturn

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

    def refuse(_socket: socket.socket, address: object) -> NoReturn:
        raise OSError(errno.ENETUNREACH, f"{os.strerror(errno.ENETUNREACH)}: {address}")

    socket.socket.connect = refuse  # type: ignore[method-assign, assignment]
    socket.socket.connect_ex = refuse  # type: ignore[method-assign, assignment]
    return False
