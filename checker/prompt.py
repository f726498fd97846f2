"""What a person types, spelled so that this system's own shell reads it."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import PurePath

# What cmd.exe and PowerShell both take as it stands.
_PLAIN = re.compile(r"[\w./:\\@+,=-]+")


def quoted(text: str) -> str:
    """One argument of a command line."""
    if sys.platform != "win32":
        return shlex.quote(text)
    return text if _PLAIN.fullmatch(text) else f'"{text}"'


def written(path: PurePath) -> str:
    """A path with the slashes that every system takes, and that stand in every report."""
    return path.as_posix()
