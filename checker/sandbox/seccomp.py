"""A filter over system calls that the calling process puts on itself and on all that it starts (Linux)."""

from __future__ import annotations

import ctypes
import errno
import platform
import socket
import struct
import sys
from typing import Final

# Numbers of the kernel's interface, which never change: the audit architecture, `socket`, `seccomp`.
_MACHINES: Final = {"x86_64": (0xC000003E, 41, 317), "aarch64": (0xC00000B7, 198, 277)}
_NO_NEW_PRIVILEGES, _SET_MODE_FILTER, _ALL_THREADS = 38, 1, 1
_LOAD_WORD, _JUMP_IF_EQUAL, _AND, _RETURN = 0x20, 0x15, 0x54, 0x06
_ALLOW = 0x7FFF0000
_REFUSE_NETWORK = 0x00050000 | errno.ENETUNREACH
# Where the words of a call lie: its number, the architecture, the low halves of its first two arguments.
_CALL, _ARCHITECTURE, _FIRST, _SECOND = 0, 4, 16, 24
_KIND_OF_SOCKET = 0xF

_Instruction = tuple[int, int, int, int]


def refuse_sockets() -> bool:
    """Refuse every new socket; False where the system cannot see to that."""
    return _install([(_RETURN, 0, 0, _REFUSE_NETWORK)])


def refuse_datagrams() -> bool:
    """Refuse new sockets of the internet's families but TCP's, which Landlock does not see; False as above."""
    families = (socket.AF_INET, socket.AF_INET6)
    return _install(
        [
            (_LOAD_WORD, 0, 0, _FIRST),
            (_JUMP_IF_EQUAL, 2, 0, families[0]),
            (_JUMP_IF_EQUAL, 1, 0, families[1]),
            (_RETURN, 0, 0, _ALLOW),
            (_LOAD_WORD, 0, 0, _SECOND),
            (_AND, 0, 0, _KIND_OF_SOCKET),
            (_JUMP_IF_EQUAL, 0, 1, socket.SOCK_STREAM),
            (_RETURN, 0, 0, _ALLOW),
            (_RETURN, 0, 0, _REFUSE_NETWORK),
        ]
    )


def _install(for_socket: list[_Instruction]) -> bool:
    """Put on a filter that runs `for_socket`, which must return, for calls of `socket` and allows all others."""
    numbers = _MACHINES.get(platform.machine())
    if sys.platform != "linux" or numbers is None:
        return False
    architecture, socket_call, seccomp_call = numbers
    instructions: list[_Instruction] = [
        (_LOAD_WORD, 0, 0, _ARCHITECTURE),
        (_JUMP_IF_EQUAL, 0, 2, architecture),
        (_LOAD_WORD, 0, 0, _CALL),
        (_JUMP_IF_EQUAL, 1, 0, socket_call),
        (_RETURN, 0, 0, _ALLOW),
        *for_socket,
    ]
    program = b"".join(struct.pack("HBBI", *instruction) for instruction in instructions)
    buffer = ctypes.create_string_buffer(program, len(program))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))

    filtered = Program(len(instructions), ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.syscall(seccomp_call, _SET_MODE_FILTER, _ALL_THREADS, ctypes.byref(filtered)) == 0)
