"""The whole verdict on a chapter's reference, against the same tools by hand, one after the other.

    python -m benchmarks.verdict --chapter 4 --rounds 5 --output verdict.json

By hand: `ruff check`, `mypy --strict` on `app` with a warm cache, the learner's tests with coverage, the hidden suite
in one process with the app (`benchmarks.in_process`; up to three checks of a chapter need a process of the app's own and may
fail there). No side runs the load test. A grade does more than that: snapshot, constraints, limits, an app in a process of its
own.

`check` is the command, from the prompt. `got ready` is the same grade in a process that has got ready for it, as `check watch`
does after each verdict (`benchmarks.ready`): from the moment at which the folder is handed in. Rounds are interleaved, and the
side that goes first takes turns; one round to warm up is not counted.

Processor time is what the whole machine was busy meanwhile, so nothing else may run: much of what a grade starts is ended without
its parent's waiting for it, and counted nowhere.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from benchmarks.results import machine, say, say_table, warm_environment, write
from checker.book import Chapter, open_book
from checker.submission import imported_libraries

LIMIT_S = 600.0
_SETTLES_S = 5.0
"""Somebody reads a verdict before the next save; what was started meanwhile is ready by then."""
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
        before, started = busy_s(), time.perf_counter()
        finished = subprocess.run(
            self.command, cwd=self.cwd, env=env, capture_output=True, text=True, timeout=LIMIT_S, check=False
        )
        wall = time.perf_counter() - started
        cpu = busy_s() - before
        self.note(wall, cpu, finished.returncode, finished.stdout + finished.stderr, counted=counted)
        return wall

    def note(self, wall: float, cpu: float, code: int, said: str, *, counted: bool) -> None:
        """Keep what one round took, and how it failed."""
        if code:
            self.failed = f"`{self.name}` ended with {code}: {' / '.join(said.strip().splitlines()[-3:])}"
        if counted:
            self.wall.append(wall)
            self.cpu.append(cpu)

    def as_data(self) -> dict[str, Any]:
        """Every round, and the medians."""
        return {
            "name": self.name,
            "wall_s": [round(one, 3) for one in self.wall],
            "cpu_s": [round(one, 3) for one in self.cpu],
            "median_wall_s": round(statistics.median(self.wall), 3),
            "median_cpu_s": round(statistics.median(self.cpu), 3),
        }


class GotReady(Series):
    """A grade in a process that waits for the folder."""

    def run(self, env: dict[str, str], *, counted: bool) -> float:
        """Let it get ready, hand in the folder, and wait for the verdict; the wall time of the latter."""
        with subprocess.Popen(
            self.command,
            cwd=self.cwd,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as grading:
            if grading.stdin is None or grading.stdout is None:
                raise RuntimeError("it was started with pipes")
            said = grading.stdout.readline()
            time.sleep(_SETTLES_S)
            before, started = busy_s(), time.perf_counter()
            grading.stdin.write("begin\n")
            grading.stdin.flush()
            said += grading.stdout.readline()
            wall, cpu = time.perf_counter() - started, busy_s() - before
            grading.stdin.close()
            said += grading.stdout.read()
            code = grading.wait(LIMIT_S)
        self.note(wall, cpu, code, said, counted=counted)
        return wall


def busy_s() -> float:
    """How long this machine's processors have been busy since it was started, together."""
    times = psutil.cpu_times()
    return float(times.user + times.system + getattr(times, "nice", 0.0))


def by_hand(chapter: Chapter, book: Path | None, folder: Path, scratch: Path) -> list[Series]:
    """The tools as one would call them in the folder of the solution."""
    python = [sys.executable, "-m"]
    config = scratch / "mypy.ini"
    config.write_text("[mypy]\nstrict = true\nplugins = pydantic.mypy\n", encoding="utf-8")
    data = f"--data-file={scratch / 'coverage'}"
    # Only SQLAlchemy's async engine runs in greenlets, and to follow them is dear.
    switches = any(name.startswith("sqlalchemy") for name in imported_libraries(folder))
    concurrency = "greenlet,thread" if switches else "thread"
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
                *(*python, "coverage", "run", data, "--source=app", f"--concurrency={concurrency}"),
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
        ready = [sys.executable, "-m", "benchmarks.ready", chapter.short, str(folder)]
        if book is not None:
            ready += ["--book", str(book)]
        got_ready = GotReady("got ready", ready, scratch)
        sides: dict[str, Sequence[Series]] = {
            "hand": by_hand(chapter, book, folder, scratch),
            "check": [check],
            "got ready": [got_ready],
        }
        env = warm_environment()
        took: dict[str, list[float]] = {name: [] for name in sides}
        for number in range(rounds + 1):
            names = list(sides)
            for name in names[number % 3 :] + names[: number % 3]:
                seconds = sum(one.run(env, counted=number > 0) for one in sides[name])
                if number:
                    took[name].append(seconds)
            failed = [one.failed for commands in sides.values() for one in commands if one.failed]
            if failed:
                return {"failed": failed}
            done = ", ".join(f"{name} {seconds[-1]:.1f} s" for name, seconds in took.items() if seconds)
            say(f"round {number}: {done}" if number else "One round to warm up is done.")
    tools = sides["hand"]
    return {
        "chapter": chapter.id,
        "rounds": rounds,
        "machine": machine(),
        "check": check.as_data(),
        "got_ready": got_ready.as_data(),
        "by_hand": [one.as_data() for one in tools],
        **_ratios("", took["check"], took["hand"]),
        **_ratios("ready_", took["got ready"], took["hand"]),
        "by_hand_wall_s": round(sum(statistics.median(one.wall) for one in tools), 3),
        "by_hand_cpu_s": round(sum(statistics.median(one.cpu) for one in tools), 3),
    }


def _ratios(which: str, side: list[float], hand: list[float]) -> dict[str, Any]:
    """What one side takes of the other, round by round."""
    ratios = [round(one / other, 3) for one, other in zip(side, hand, strict=True)]
    return {f"{which}ratios": ratios, f"median_{which}ratio": statistics.median(ratios)}


def main() -> int:
    """Measure and print; 0 where a grade that has got ready needs at most half the time of the tools by hand."""
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
    ready = result["got_ready"]
    hand = {
        "name": "all by hand",
        **{f"median_{kind}_s": result[f"by_hand_{kind}_s"] for kind in ("wall", "cpu")},
    }
    say_table(
        ["medians", "wall s", "cpu s", "check takes of it", "got ready"],
        [
            [
                one["name"],
                f"{one['median_wall_s']:.2f}",
                f"{one['median_cpu_s']:.2f}",
                *(f"{side['median_wall_s'] / one['median_wall_s']:.2f}" for side in (check, ready)),
            ]
            for one in [*result["by_hand"], hand, check, ready]
        ],
    )
    say()
    for name, which in (("check", ""), ("got ready", "ready_")):
        ratios = result[f"{which}ratios"]
        median = result[f"median_{which}ratio"]
        say(f"{name} / by hand, round by round: median {median:.2f}, {min(ratios):.2f} to {max(ratios):.2f}")
    write(options.output, result)
    return 0 if result["median_ready_ratio"] <= _TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
