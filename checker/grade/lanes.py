"""Which files of a hidden suite go beside each other, from how long they took last time."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from checker.book import Chapter
from checker.metrics import user_cache
from checker.metrics.remembered import recall, remember
from checker.models.report import Check
from checker.suite.checks import DeclaredCheck

_PAYS_FROM_S = 1.5
"""A second judge, with a process for the app, takes about that much of the processor: so much must it save."""


def divide(chapter: Chapter, files: Sequence[Path], lanes: int | None) -> list[list[Path]]:
    """The files of each lane, in their order; one lane where no more are asked for and more would not pay.

    How long it takes is known after the first grade, on this machine and of whatever was handed in.
    """
    known = recall(_place(chapter), dict[str, float]) or {}
    took = {path: known.get(path.name, 0.0) for path in files}
    parts: list[list[Path]] = [[] for _ in range(max(1, min(lanes or 2, len(files))))]
    for path in sorted(files, key=lambda path: -took[path]):
        # The lane that is done first so far; of those that are equal, the one with fewer files.
        min(parts, key=lambda part: (_seconds(part, took), len(part))).append(path)
    saved_s = sum(took.values()) - max(_seconds(part, took) for part in parts)
    if lanes is None and (_cores() < 2 or saved_s < _PAYS_FROM_S):
        return [list(files)]
    return [sorted(part, key=list(files).index) for part in parts]


def _seconds(files: Sequence[Path], took: Mapping[Path, float]) -> float:
    return sum(took[path] for path in files)


def remember_seconds(
    chapter: Chapter, declared: Mapping[str, Sequence[DeclaredCheck]], checks: Mapping[str, Check]
) -> None:
    """Keep how long each file took, where all of it ran."""
    if set(declared) != {task.id for task in chapter.tasks}:
        return
    seconds: dict[str, float] = {}
    for task, path in chapter.suite_files():
        ran = [checks[one.id].duration_s for one in declared[task.id] if one.id in checks]
        if len(ran) < len(declared[task.id]):
            return
        seconds[path.name] = round(sum(ran), 3)
    remember(_place(chapter), seconds)


def _place(chapter: Chapter) -> Path:
    where = hashlib.sha256(str(chapter.suite.resolve()).encode()).hexdigest()[:16]
    return user_cache() / "suite-seconds" / f"{where}.json"


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
