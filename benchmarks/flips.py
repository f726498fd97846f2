"""Many grades in a row of each starter and reference, half of them with every core loaded: does a verdict change?

    python -m benchmarks.flips --grades 30

A verdict is what a learner would notice: passed or not, the score, each check, each graded constraint, each graded
metric. `inconclusive` is what a metric answers when the machine is too busy to tell, and counts as `passed` does.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.results import machine, say, say_table, warm_environment, write
from checker.book import Book, Chapter, open_book

LIMIT_S = 600.0
_ROOT = Path(__file__).resolve().parent.parent
_BUSY = "import time\nend = time.monotonic() + {seconds}\nwhile time.monotonic() < end:\n    pass\n"
_BUSY_AT_MOST_S = 120
_TOLD_EVERY = 10


@contextlib.contextmanager
def cores_loaded(*, on: bool) -> Iterator[None]:
    """One busy process for each core; each ends by itself after two minutes at the latest."""
    count = (os.cpu_count() or 1) if on else 0
    script = _BUSY.format(seconds=_BUSY_AT_MOST_S)
    busy = [subprocess.Popen([sys.executable, "-I", "-S", "-c", script]) for _ in range(count)]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()


def verdict_of(report: dict[str, Any]) -> tuple[str, ...]:
    """What a learner would notice of a report, one text for each part."""
    parts = [f"passed {report['passed']}", f"score {report['score']:g}"]
    parts += [f"fault {fault['kind']}" for fault in report["faults"]]
    for task in report["tasks"]:
        parts += [f"{check['id']} {check['outcome']}" for check in task["checks"]]
    parts += [f"{one['id']} {one['outcome']}" for one in report["constraints"] if one.get("graded", True)]
    for metric in report["metrics"]:
        if metric.get("graded", True):
            outcome = "passed" if metric["outcome"] == "inconclusive" else metric["outcome"]
            parts.append(f"{metric['id']} {outcome}")
    return tuple(parts)


def grade(chapter: Chapter, folder: Path, book: Path | None, *, load: bool) -> tuple[str, ...]:
    """One verdict, from a process of its own as a learner starts it."""
    command = [sys.executable, "-m", "checker.cli", chapter.short, str(folder), "--format=json"]
    command += [] if load else ["--no-load"]
    command += ["--book", str(book)] if book else []
    env = warm_environment()
    finished = subprocess.run(
        command, cwd=folder.parent, env=env, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    try:
        report = json.loads(finished.stdout)
    except ValueError:
        said = (finished.stderr or finished.stdout).strip().splitlines()
        return (f"no report, exit {finished.returncode}: {said[-1] if said else 'nothing said'}",)
    return (*verdict_of(report), f"exit {finished.returncode}")


def grade_often(
    chapter: Chapter, folder: Path, book: Path | None, *, grades: int, load: bool
) -> dict[str, Any]:
    """`grades` verdicts of one folder, every second one on loaded cores."""
    seen: Counter[tuple[str, ...]] = Counter()
    seconds: list[float] = []
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        copy = Path(shutil.copytree(folder, Path(name) / "submission"))
        for number in range(grades):
            started = time.monotonic()
            with cores_loaded(on=number % 2 == 1):
                seen[grade(chapter, copy, book, load=load)] += 1
            seconds.append(round(time.monotonic() - started, 2))
            if number % _TOLD_EVERY == _TOLD_EVERY - 1:
                say(f"  {number + 1} of {grades}: {len(seen)} verdict(s)")
    usual = seen.most_common(1)[0][0]
    return {
        "grades": grades,
        "verdicts": len(seen),
        "usual": list(usual[:2]) + [usual[-1]],
        "flips": [
            {"times": times, "differs": sorted(set(verdict) ^ set(usual))}
            for verdict, times in seen.items()
            if verdict != usual
        ],
        "seconds": seconds,
    }


def measure(
    book: Book, chapters: list[Chapter], root: Path | None, *, only: str | None, grades: int, load: bool
) -> list[dict[str, Any]]:
    """Starter and reference of every chapter, or one of the two."""
    results: list[dict[str, Any]] = []
    for chapter in chapters or list(book.chapters):
        for what, folder in (("starter", chapter.starter), ("reference", chapter.solution)):
            if only not in (None, what):
                continue
            found = grade_often(chapter, folder, root, grades=grades, load=load)
            results.append({"chapter": chapter.id, "what": what, **found})
            say(f"{chapter.id} {what}: {grades} grades, {found['verdicts']} verdict(s), {found['usual']}")
            for flip in found["flips"]:
                say(f"  {flip['times']} x other: {', '.join(flip['differs'])}")
    return results


def main() -> int:
    """Grade and print; 0 where no verdict changed."""
    parser = argparse.ArgumentParser(
        description="Grade starters and references many times, half of them on loaded cores, and look for changes."
    )
    parser.add_argument("chapters", nargs="*", help="default: all")
    parser.add_argument("--book", type=Path, help="another book than the workbook's own")
    parser.add_argument("--only", choices=("starter", "reference"), help="of each chapter, default: both")
    parser.add_argument("--grades", type=int, default=30, help="grades of each folder, default: 30")
    parser.add_argument("--no-load", action="store_true", help="leave the load test out")
    parser.add_argument("--output", type=Path, help="write every number to this JSON file")
    options = parser.parse_args()
    if options.grades < 2:
        parser.error("--grades must be at least 2, one quiet and one loaded")
    root = options.book.resolve() if options.book else None
    book = open_book(root)
    chapters = [book.find(name) for name in options.chapters]
    results = measure(
        book, chapters, root, only=options.only, grades=options.grades, load=not options.no_load
    )
    say()
    rows = [
        [f"{one['chapter']} {one['what']}", one["grades"], one["verdicts"], f"{max(one['seconds']):.1f}"]
        for one in results
    ]
    say_table(["folder", "grades", "verdicts", "longest s"], rows)
    write(options.output, {"machine": machine(), "results": results})
    return 0 if all(one["verdicts"] == 1 for one in results) else 1


if __name__ == "__main__":
    sys.exit(main())
