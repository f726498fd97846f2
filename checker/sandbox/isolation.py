"""Cuts the calling process off: from now on it reaches nobody and writes nothing down."""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import socket
import struct
import sys
from typing import NoReturn

# Numbers of the kernel's interface, which never change: the audit architecture, `socket`, `seccomp`.
_MACHINES = {"x86_64": (0xC000003E, 41, 317), "aarch64": (0xC00000B7, 198, 277)}
_NO_NEW_PRIVILEGES = 38
_SET_MODE_FILTER = 1
_ALL_THREADS = 1
_LOAD_WORD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.ENETUNREACH


def cut_off_this_process() -> bool:
    """Refuse every new socket and every byte in a file to this process and to all that it starts.

    Sockets that are open stay open, so a server goes on with those that it was given; its output must be no file. What
    wants to connect to a database or a broker hears at once that the network is unreachable. False where the system
    cannot see to that: then Python's own sockets refuse, and nothing more is certain.
    """
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    if _filter_sockets():
        return True

    def refuse(_socket: socket.socket, address: object) -> NoReturn:
        raise OSError(errno.ENETUNREACH, f"{os.strerror(errno.ENETUNREACH)}: {address}")

    socket.socket.connect = refuse  # type: ignore[method-assign, assignment]
    socket.socket.connect_ex = refuse  # type: ignore[method-assign, assignment]
    return False


def _filter_sockets() -> bool:
    numbers = _MACHINES.get(platform.machine())
    if sys.platform != "linux" or numbers is None:
        return False
    architecture, socket_call, seccomp_call = numbers
    program = b"".join(
        struct.pack("HBBI", *instruction)
        for instruction in (
            (_LOAD_WORD, 0, 0, 4),  # the architecture
            (_JUMP_IF_EQUAL, 0, 3, architecture),
            (_LOAD_WORD, 0, 0, 0),  # the number of the call
            (_JUMP_IF_EQUAL, 0, 1, socket_call),
            (_RETURN, 0, 0, _REFUSE),
            (_RETURN, 0, 0, _ALLOW),
        )
    )
    instructions = ctypes.create_string_buffer(program, len(program))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))

    filtered = Program(len(program) // 8, ctypes.addressof(instructions))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.syscall(seccomp_call, _SET_MODE_FILTER, _ALL_THREADS, ctypes.byref(filtered)) == 0)
