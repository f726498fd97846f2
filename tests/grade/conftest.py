"""A submission made of the miniature book's reference, changed as a test needs it."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import psutil
import pytest

from checker.book import Chapter, Limits, open_book
from checker.grade import GradeOptions, grade
from checker.models.events import Stage
from checker.models.report import Report

MINI_BOOK = Path(__file__).parents[1] / "book"

# Short, so that a hang is quickly one; long enough for a machine under load.
LIMITS = Limits(start_s=4.0, answer_s=1.5, run_s=25.0, tests_s=20.0, cpu_s=10, memory_mb=1024, output_mb=2)


@pytest.fixture(scope="session")
def chapter() -> Chapter:
    """Chapter 1 of the miniature book, with short limits."""
    found = open_book(MINI_BOOK).find("1")
    return dataclasses.replace(found, file=msgspec.structs.replace(found.file, limits=LIMITS))


def runs(process: psutil.Process) -> bool:
    """Whether a process is there and no mere entry that waits for its parent; it may go at any moment."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


Submit = Callable[..., Path]


@pytest.fixture
def submit(tmp_path: Path, chapter: Chapter) -> Submit:
    """`submit({"app/main.py": text or bytes or None})`: the reference with these files changed or taken out."""

    def make(changes: dict[str, str | bytes | None] | None = None) -> Path:
        folder = tmp_path / "submission"
        shutil.copytree(chapter.solution, folder, ignore=shutil.ignore_patterns("__pycache__"))
        for name, content in (changes or {}).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                path.unlink()
            else:
                path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return folder

    return make


@pytest.fixture
def judge(chapter: Chapter) -> Callable[..., Report]:
    """Grades a folder by the hidden suite alone, unless a test asks for more."""

    def run(folder: Path, **options: object) -> Report:
        parts = frozenset({Stage.SUITE})
        return grade(chapter, folder, GradeOptions(**{"parts": parts, **options}), lambda event: None)  # type: ignore[arg-type]  # options are the test's own

    return run
