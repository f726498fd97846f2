"""Landlock by the kernel's own interface: a process gives up what it may reach, for itself and all that it starts.

No package and no root are needed. Numbers and layouts are from the kernel's `uapi/linux/landlock.h`. Standard library only,
and importable by path: `shim.py` loads it without the package around it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import stat
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LEAST_VERSION: Final = 6
"""The first version (Linux 6.12) that also keeps signals in."""

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_VERSION_FLAG = 1
_BENEATH, _PORT = 1, 2
_NO_NEW_PRIVILEGES = 38
_CAPABILITY_LAYOUT = 0x20080522

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_FOLDER = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_TRUNCATE, _CONTROL_DEVICE = 1 << 14, 1 << 15
_EVERYTHING = (1 << 16) - 1
_READ = _EXECUTE | _READ_FILE | _READ_FOLDER
# What a rule on a file, not a folder, may speak of.
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _CONTROL_DEVICE
_BIND, _CONNECT = 1 << 0, 1 << 1
_ABSTRACT_SOCKETS, _SIGNALS = 1 << 0, 1 << 1


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _BeneathRule(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("access", ctypes.c_uint64), ("folder", ctypes.c_int32))


class _PortRule(ctypes.Structure):
    _fields_ = (("access", ctypes.c_uint64), ("port", ctypes.c_uint64))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What a process may still reach; paths that do not exist are passed over.

    `read` and `write` hold folders, with all below them, and files; `listed` folders whose names may be seen, but not what
    lies in their files. `ports` are TCP ports of any host that may be connected to.
    """

    read: tuple[str, ...] = ()
    write: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()


def landlock_version() -> int:
    """The version that the running kernel offers; 0 where there is none or it is switched off."""
    if sys.platform != "linux":
        return 0
    return max(0, int(_libc().syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION_FLAG))))


def restrict_this_process(reach: Reach) -> None:
    """Give up everything but `reach`: files, TCP, signals to processes outside, abstract sockets, and root's capabilities.

    It holds for the calling thread and whatever it starts from now on, and cannot be taken back. Raises `OSError` where the
    kernel refuses.
    """
    libc = _libc()
    ruleset = _Ruleset(_EVERYTHING, _BIND | _CONNECT, _ABSTRACT_SOCKETS | _SIGNALS)
    descriptor = _checked(
        libc.syscall(
            _CREATE, ctypes.byref(ruleset), ctypes.c_size_t(ctypes.sizeof(ruleset)), ctypes.c_uint32(0)
        )
    )
    try:
        for access, paths in ((_READ, reach.read), (_EVERYTHING, reach.write), (_READ_FOLDER, reach.listed)):
            for path in paths:
                _allow(libc, descriptor, path, access)
        for port in reach.ports:
            rule = _PortRule(_CONNECT, port)
            _checked(libc.syscall(_ADD, descriptor, _PORT, ctypes.byref(rule), ctypes.c_uint32(0)))
        _checked(libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0))
        # With them root reads the environment of processes outside, whatever Landlock says.
        _give_up_capabilities(libc)
        _checked(libc.syscall(_RESTRICT, descriptor, ctypes.c_uint32(0)))
    finally:
        os.close(descriptor)


def siblings_of(hidden: Iterable[Path], root: Path) -> tuple[list[Path], list[Path]]:
    """How to name all below `root` but what is `hidden`: paths to allow as a whole, and folders of which names are seen."""
    inside = [path for path in hidden if path.is_relative_to(root)]
    if not inside:
        return [root], []
    whole: list[Path] = []
    listed = [root]
    with contextlib.suppress(OSError):
        for entry in root.iterdir():
            if entry in inside:
                continue
            below, seen = siblings_of(inside, entry)
            whole += below
            listed += seen
    return whole, listed


def _allow(libc: ctypes.CDLL, ruleset: int, path: str, access: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            access &= _OF_FILES
        rule = _BeneathRule(access, descriptor)
        _checked(libc.syscall(_ADD, ruleset, _BENEATH, ctypes.byref(rule), ctypes.c_uint32(0)))
    finally:
        os.close(descriptor)


def _give_up_capabilities(libc: ctypes.CDLL) -> None:
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_LAYOUT, 0)
    nothing = (ctypes.c_uint32 * 6)()
    _checked(libc.capset(header, nothing))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"Landlock: {os.strerror(number)}")
    return result
