"""What every benchmark does with its numbers: a small table for a reader, JSON for a machine."""

from __future__ import annotations

import compileall
import json
import os
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parent.parent


def machine() -> dict[str, Any]:
    """Where numbers were taken, so that they can be compared with care."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "platform": platform.platform(terse=True),
        "python": platform.python_version(),
        "fastapi": version("fastapi"),
        "cores": cores,
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
    }


def warm_environment(path: Sequence[str] = ()) -> dict[str, str]:
    """The environment of what is timed, with `path` and this clone importable; its bytecode is cached, as `pip install` leaves it."""
    compileall.compile_dir(_ROOT / "checker", quiet=2)
    entries = [*path, str(_ROOT), os.environ.get("PYTHONPATH", "")]
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPATH": os.pathsep.join(entry for entry in entries if entry)}


def say(text: str = "") -> None:
    """A line for the reader."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def say_table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table: the first column to the left, numbers to the right."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in [list(heads), *cells]) for column in range(len(heads))]
    for row in [list(heads), *cells]:
        first, *others = zip(row, widths, strict=True)
        say("  ".join([f"{first[0]:<{first[1]}}", *(f"{cell:>{width}}" for cell, width in others)]).rstrip())


def write(path: Path | None, data: dict[str, Any]) -> None:
    """Write the numbers as JSON, where that was asked for."""
    if path is None:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        say(f"`{path}` could not be written: {error.strerror}.")
        return
    say(f"Written to {path}.")
