"""The whole verdict on a chapter's reference, against the same tools by hand, one after the other.

    python -m benchmarks.verdict --chapter 4 --rounds 5 --output verdict.json

By hand: `ruff check`, `mypy --strict` on `app` with a warm cache, the learner's tests with coverage, the hidden suite
in one process with the app (`benchmarks.in_process`; up to three checks of a chapter need a process of the app's own and may
fail there). Neither side runs the load test. `check` does more than that:
snapshot, constraints, limits, an app in a process of its own. Rounds are interleaved, and the side that goes first takes
turns; one round to warm up is not counted.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.results import machine, say, say_table, warm_environment, write
from checker.book import Chapter, open_book

LIMIT_S = 600.0
_ROOT = Path(__file__).resolve().parent.parent
_TARGET = 0.5


@dataclass(slots=True)
class Series:
    """One command and what it took in each round: seconds on the clock, seconds of processor."""

    name: str
    command: list[str]
    cwd: Path
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    failed: str = ""

    def run(self, env: dict[str, str], *, counted: bool) -> float:
        """Run it once; the wall time."""
        before, started = os.times(), time.perf_counter()
        finished = subprocess.run(
            self.command, cwd=self.cwd, env=env, capture_output=True, text=True, timeout=LIMIT_S, check=False
        )
        wall, after = time.perf_counter() - started, os.times()
        cpu = after.children_user + after.children_system - before.children_user - before.children_system
        if finished.returncode:
            said = (finished.stdout + finished.stderr).strip().splitlines()
            self.failed = f"`{self.name}` ended with {finished.returncode}: {' / '.join(said[-3:])}"
        if counted:
            self.wall.append(wall)
            self.cpu.append(cpu)
        return wall

    def as_data(self) -> dict[str, Any]:
        """Every round, and the medians."""
        return {
            "name": self.name,
            "wall_s": [round(one, 3) for one in self.wall],
            "cpu_s": [round(one, 3) for one in self.cpu],
            "median_wall_s": round(statistics.median(self.wall), 3),
            "median_cpu_s": round(statistics.median(self.cpu), 3),
        }


def by_hand(chapter: Chapter, book: Path | None, folder: Path, scratch: Path) -> list[Series]:
    """The tools as one would call them in the folder of the solution."""
    python = [sys.executable, "-m"]
    config = scratch / "mypy.ini"
    config.write_text("[mypy]\nstrict = true\nplugins = pydantic.mypy\n", encoding="utf-8")
    data = f"--data-file={scratch / 'coverage'}"
    suite = [*python, "benchmarks.in_process", chapter.short, str(folder), "--let-fail=3"]
    if book is not None:
        suite += ["--book", str(book)]
    return [
        Series("ruff", [*python, "ruff", "check", "--isolated", "app", "tests"], folder),
        Series(
            "mypy --strict",
            [*python, "mypy", f"--config-file={config}", f"--cache-dir={scratch / 'mypy'}", "app"],
            folder,
        ),
        Series(
            "tests with coverage",
            [
                *(*python, "coverage", "run", data, "--source=app", "--concurrency=greenlet,thread"),
                # Without the plugin of a library that only the project's own tests need.
                *("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", "tests"),
            ],
            folder,
        ),
        Series("coverage report", [*python, "coverage", "report", data], folder),
        Series("hidden suite in process", suite, _ROOT),
    ]


def measure(chapter: Chapter, book: Path | None, rounds: int) -> dict[str, Any]:
    """Both sides, `rounds` times each after one round to warm up."""
    with tempfile.TemporaryDirectory(prefix="benchmark-", ignore_cleanup_errors=True) as name:
        scratch = Path(name)
        folder = Path(shutil.copytree(chapter.solution, scratch / "solution"))
        checker = [
            sys.executable,
            "-m",
            "checker.cli",
            chapter.short,
            "--solution",
            "--no-load",
            "--format=json",
        ]
        if book is not None:
            checker += ["--book", str(book)]
        check = Series("check", checker, scratch)
        tools = by_hand(chapter, book, folder, scratch)
        env = warm_environment()
        ratios: list[float] = []
        for number in range(rounds + 1):
            sides: dict[str, float] = {}
            order = ["check", "hand"] if number % 2 else ["hand", "check"]
            for side in order:
                chosen = [check] if side == "check" else tools
                sides[side] = sum(one.run(env, counted=number > 0) for one in chosen)
            if number:
                ratios.append(sides["check"] / sides["hand"])
            failed = [one.failed for one in (check, *tools) if one.failed]
            if failed:
                return {"failed": failed}
            say(
                f"round {number or 'to warm up'}: check {sides['check']:.1f} s, by hand {sides['hand']:.1f} s"
            )
    return {
        "chapter": chapter.id,
        "rounds": rounds,
        "machine": machine(),
        "check": check.as_data(),
        "by_hand": [one.as_data() for one in tools],
        "ratios": [round(one, 3) for one in ratios],
        "median_ratio": round(statistics.median(ratios), 3),
        "by_hand_wall_s": round(sum(statistics.median(one.wall) for one in tools), 3),
        "by_hand_cpu_s": round(sum(statistics.median(one.cpu) for one in tools), 3),
    }


def main() -> int:
    """Measure and print; 0 where `check` needs at most half the time of the tools by hand."""
    parser = argparse.ArgumentParser(
        description="Time `check` on a chapter's reference against the same tools by hand, interleaved."
    )
    parser.add_argument("--chapter", default="4", help="default: 4")
    parser.add_argument("--book", type=Path, help="another book than the workbook's own")
    parser.add_argument("--rounds", type=int, default=5, help="counted rounds, default: 5")
    parser.add_argument("--output", type=Path, help="write every number to this JSON file")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    book = options.book.resolve() if options.book else None
    result = measure(open_book(book).find(options.chapter), book, options.rounds)
    if "failed" in result:
        for line in result["failed"]:
            say(line)
        say("A side that fails does not do the work; mend it before timing it.")
        return 1
    say()
    check = result["check"]
    rows = [
        [
            one["name"],
            f"{one['median_wall_s']:.2f}",
            f"{one['median_cpu_s']:.2f}",
            f"{check['median_wall_s'] / one['median_wall_s']:.2f}",
        ]
        for one in result["by_hand"]
    ]
    rows.append(
        [
            "all by hand",
            f"{result['by_hand_wall_s']:.2f}",
            f"{result['by_hand_cpu_s']:.2f}",
            f"{result['median_ratio']:.2f}",
        ]
    )
    rows.append(["check", f"{check['median_wall_s']:.2f}", f"{check['median_cpu_s']:.2f}", "1.00"])
    say_table(["medians", "wall s", "cpu s", "check takes of it"], rows)
    say()
    low, high = min(result["ratios"]), max(result["ratios"])
    say(f"check / by hand, round by round: median {result['median_ratio']:.2f}, {low:.2f} to {high:.2f}")
    write(options.output, result)
    return 0 if result["median_ratio"] <= _TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
