"""Peak memory of the checker itself during a verdict: the watch and the judge, without the tools and the app.

    python -m benchmarks.memory --chapter 4

The resident memory of every process is sampled while `check` runs. What a process is follows from its command line:
the one started here is the watch, `checker.suite.judge` the judge; everything else (ruff, mypy, the learner's tests, the
app) is a child tool. Shared pages count for every process that maps them, so sums are on the high side.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import psutil

from benchmarks.results import machine, say, say_table, write
from checker.book import Chapter, open_book

LIMIT_MB = 300.0
_EVERY_S = 0.02
_ROOT = Path(__file__).resolve().parent.parent
_OWN = ("watch", "judge")


def role_of(process: psutil.Process, watch: int) -> str:
    """What a process does for the verdict."""
    if process.pid == watch:
        return "watch"
    line = " ".join(process.cmdline())
    for mark, role in (
        ("checker.suite.judge", "judge"),
        ("app_under_test", "app"),
        ("mypy", "mypy"),
        ("ruff", "ruff"),
        ("pytest", "learner's tests"),
        ("coverage", "learner's tests"),
    ):
        if mark in line:
            return role
    return "app" if "uvicorn" in line else "other"


def sample(watch: psutil.Process) -> dict[str, float]:
    """Resident megabytes of the whole family now, by role."""
    found: dict[str, float] = defaultdict(float)
    for process in [watch, *_children(watch)]:
        with contextlib.suppress(psutil.Error):
            found[role_of(process, watch.pid)] += process.memory_info().rss / 2**20
    return found


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def measure(chapter: Chapter, book: Path | None, *, load: bool) -> dict[str, Any]:
    """Run one verdict on the reference and keep the peaks."""
    command = [sys.executable, "-m", "checker.cli", chapter.short, "--solution", "--format=json"]
    command += [] if load else ["--no-load"]
    command += ["--book", str(book)] if book else []
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(_ROOT), os.environ.get("PYTHONPATH", "")])}
    peaks: dict[str, float] = defaultdict(float)
    own = samples = 0.0
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        started = subprocess.Popen(
            command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        watch = psutil.Process(started.pid)
        while started.poll() is None:
            now = sample(watch)
            for role, megabytes in now.items():
                peaks[role] = max(peaks[role], megabytes)
            own = max(own, sum(now.get(role, 0.0) for role in _OWN))
            samples += 1
            time.sleep(_EVERY_S)
    return {
        "own_mb": round(own, 1),
        "peaks_mb": {role: round(value, 1) for role, value in sorted(peaks.items())},
        "samples": int(samples),
        "exit_code": started.returncode,
    }


def main() -> int:
    """Measure and print; 0 where the checker itself stays below its limit."""
    parser = argparse.ArgumentParser(description="Peak memory of the checker itself during a verdict.")
    parser.add_argument("--chapter", default="4", help="default: 4")
    parser.add_argument("--book", type=Path, help="another book than the workbook's own")
    parser.add_argument("--rounds", type=int, default=3, help="default: 3; the highest counts")
    parser.add_argument("--no-load", action="store_true", help="leave the load test out")
    parser.add_argument("--output", type=Path, help="write every number to this JSON file")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    book = options.book.resolve() if options.book else None
    chapter = open_book(book).find(options.chapter)
    rounds = [measure(chapter, book, load=not options.no_load) for _ in range(options.rounds)]
    peak = max(one["own_mb"] for one in rounds)
    roles = sorted({role for one in rounds for role in one["peaks_mb"]})
    rows = [[role, f"{max(one['peaks_mb'].get(role, 0.0) for one in rounds):.0f}"] for role in roles]
    say_table(["role, highest of its processes together", "MB"], rows)
    say()
    say(f"The checker itself, watch and judge at the same moment: {peak:.0f} MB; limit {LIMIT_MB:.0f} MB.")
    write(options.output, {"chapter": chapter.id, "machine": machine(), "peak_mb": peak, "rounds": rounds})
    return 0 if peak < LIMIT_MB else 1


if __name__ == "__main__":
    sys.exit(main())
