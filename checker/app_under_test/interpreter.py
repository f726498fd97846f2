"""Finds the Python of a service's own environment, which has the service's packages in the service's releases."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

_NAMES = (".venv", "venv", "env")
_OLDEST = (3, 10)
"""What the child itself can run on."""


def find_python(folders: Sequence[Path]) -> Path | None:
    """The interpreter of the virtual environment in one of the folders, or of the active one; None for our own.

    Environments that are too old for the child are passed over.
    """
    places = [folder / name for folder in folders for name in _NAMES]
    if active := os.environ.get("VIRTUAL_ENV"):
        places.append(Path(active))
    for place in places:
        python = place / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
        if not python.is_file() or _version(place) < _OLDEST:
            continue
        # Not resolved: a virtual environment's Python is a link, and its own place is what makes it one.
        return None if place.resolve() == Path(sys.prefix).resolve() else python.absolute()
    return None


def _version(environment: Path) -> tuple[int, ...]:
    """The Python of a virtual environment, (0,) where the folder is none."""
    try:
        text = (environment / "pyvenv.cfg").read_text("utf-8", "replace")
    except OSError:
        return (0,)
    found = re.search(r"^version(?:_info)?\s*=\s*(\d+)\.(\d+)", text, re.MULTILINE)
    return (int(found[1]), int(found[2])) if found else (0,)
