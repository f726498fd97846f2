"""What every server of an app gets: a folder and a database of its own, a clock that can be turned, and its seed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Furnishing:
    """The environment of one server, and the files that it names."""

    env: dict[str, str]
    database: Path
    clock: Path
    folder: Path
    """Where the app keeps files of its own."""


def furnish(box: Path, *, seed: Any = None, env: Mapping[str, str] | None = None) -> Furnishing:
    """Put a server's files into `box`, which is made; `env` comes on top of the variables that name them."""
    box.mkdir(parents=True)
    database, clock = box / "toolshed.sqlite", box / "clock-offset"
    clock.write_text("0", encoding="ascii")
    folder = box / "files"
    folder.mkdir()
    variables = {
        "DATABASE_URL": f"sqlite+aiosqlite:///{database.as_posix()}",
        "TOOLSHED_CLOCK_OFFSET_FILE": str(clock),
        "TOOLSHED_FOLDER": str(folder),
    }
    if seed is not None:
        file = box / "seed.json"
        file.write_text(json.dumps(seed), encoding="utf-8")
        variables["TOOLSHED_SEED_FILE"] = str(file)
    return Furnishing(env=variables | dict(env or {}), database=database, clock=clock, folder=folder)
