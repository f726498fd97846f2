"""Peak memory of a verdict: the checker itself (the watch and the judge), the zygote, its servers, the tools; each and together.

    python -m benchmarks.memory --chapter 4

The memory of every process is sampled while `check` runs. What a process is follows from its command line: the one started
here is the watch, `checker.suite.judge` the judge; the process that imports the app is the zygote, what it forks are servers, of
which some wait ahead of need. Pages that several processes share are divided among them where the system tells (Linux: PSS), so
that sums are true; elsewhere they count for each.
"""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import psutil

from benchmarks.results import machine, say, say_table, warm_environment, write
from checker.book import Chapter, open_book

LIMIT_MB = 300.0
_EVERY_S = 0.02
_ROOT = Path(__file__).resolve().parent.parent
_OWN = ("watch", "judge")


def role_of(process: psutil.Process, watch: int) -> str:
    """What a process does for the verdict."""
    if process.pid == watch:
        return "watch"
    if process.name() == "bwrap":
        return "bubblewrap"
    line = " ".join(process.cmdline())
    if "guest.py" in line:
        parent = process.parent()
        forked = parent is not None and parent.name() != "bwrap" and "guest.py" in " ".join(parent.cmdline())
        return "servers" if forked else "zygote"
    for mark, role in (
        ("checker.suite.judge", "judge"),
        ("mypy", "mypy"),
        ("ruff", "ruff"),
        ("pytest", "learner's tests"),
        ("coverage", "learner's tests"),
    ):
        if mark in line:
            return role
    return "other"


def sample(watch: psutil.Process) -> dict[str, list[float]]:
    """Megabytes of the whole family now: those of each process, by role."""
    found: dict[str, list[float]] = defaultdict(list)
    for process in [watch, *_children(watch)]:
        with contextlib.suppress(psutil.Error):
            memory = process.memory_full_info()
            found[role_of(process, watch.pid)].append(getattr(memory, "pss", memory.rss) / 2**20)
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
    env = warm_environment()
    peaks: dict[str, float] = defaultdict(float)
    each: dict[str, float] = defaultdict(float)
    own = whole = samples = 0.0
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        started = subprocess.Popen(
            command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        watch = psutil.Process(started.pid)
        while started.poll() is None:
            now = sample(watch)
            for role, megabytes in now.items():
                peaks[role] = max(peaks[role], sum(megabytes))
                each[role] = max(each[role], *megabytes)
            own = max(own, sum(sum(now.get(role, ())) for role in _OWN))
            whole = max(whole, sum(sum(megabytes) for megabytes in now.values()))
            samples += 1
            time.sleep(_EVERY_S)
    return {
        "own_mb": round(own, 1),
        "whole_mb": round(whole, 1),
        "each_mb": {role: round(value, 1) for role, value in sorted(each.items())},
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
    rows = [
        [
            role,
            *(f"{max(one[kind].get(role, 0.0) for one in rounds):.0f}" for kind in ("each_mb", "peaks_mb")),
        ]
        for role in roles
    ]
    rows.append(["everything at one moment", "", f"{max(one['whole_mb'] for one in rounds):.0f}"])
    say_table(["role", "largest process MB", "together MB"], rows)
    say()
    say(f"The checker itself, watch and judge at the same moment: {peak:.0f} MB; limit {LIMIT_MB:.0f} MB.")
    write(options.output, {"chapter": chapter.id, "machine": machine(), "peak_mb": peak, "rounds": rounds})
    return 0 if peak < LIMIT_MB else 1


if __name__ == "__main__":
    sys.exit(main())
