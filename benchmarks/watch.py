"""How long a learner waits in front of `check watch`: from the save to the first failure, and to the whole verdict.

    python -m benchmarks.watch --saves 100
    python -m benchmarks.watch --saves 30 --lines 1000
    python -m benchmarks.watch --saves 30 --busy

A real `check watch` on the starter of a chapter, as `check init` lays it down, speaking into a pipe. Each save writes one file
as editors do (a new file that takes the old one's place) and waits for the two lines; time is counted from the moment of
the rename, so the event, the pause for further saves and the printing are part of it. Between saves there is a pause as
somebody makes it who reads. `--lines` makes the file that is saved so long, `--busy` keeps one core at work meanwhile.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from benchmarks.results import machine, say_table, warm_environment, write
from checker.book import open_book

_FIRST = re.compile(r"\s*first failure after")
_WHOLE = re.compile(r"\s*(not )?passed, \d+ of \d+ tasks done")
_PATIENCE_S = 120.0


def save(file: Path, text: str) -> float:
    """Write the file as an editor does; the moment when it lay there."""
    fresh = file.with_name(f".{file.name}.new~")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(file)
    return time.perf_counter()


def wait_for(lines: IO[str], wanted: re.Pattern[str]) -> float:
    """Read until a line matches; the moment when it was read."""
    ends = time.monotonic() + _PATIENCE_S
    while time.monotonic() < ends:
        line = lines.readline()
        if not line:
            raise SystemExit("`check watch` ended by itself.")
        if wanted.match(line):
            return time.perf_counter()
    raise SystemExit(f"No line like `{wanted.pattern}` came within {_PATIENCE_S:g} s.")


def longer(text: str, lines: int) -> str:
    """The source with functions added until it has so many lines."""
    more: list[str] = []
    number = 0
    while text.count("\n") + len(more) < lines:
        more += ["", "", f"def added_{number}(value: int) -> int:", f"    return value + {number}"]
        number += 1
    return text + "\n".join(more) + "\n"


def measure(chapter_name: str, saves: int, lines: int, busy: bool) -> dict[str, Any]:
    """`saves` counted saves after two to warm up."""
    chapter = open_book().find(chapter_name)
    first: list[float] = []
    whole: list[float] = []
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="benchmark-")))
        check = [sys.executable, "-m", "checker.cli"]
        env = warm_environment(sys.path)
        subprocess.run([*check, "init", "workbook"], cwd=scratch, env=env, check=True, capture_output=True)
        folder = scratch / "workbook" / "exercises" / chapter.name / "app"
        file = folder / "main.py"
        text = longer(file.read_text(encoding="utf-8"), lines)
        if busy:
            other = stack.enter_context(subprocess.Popen([sys.executable, "-c", "while True: pass"]))
            stack.callback(other.kill)
        watching = stack.enter_context(
            subprocess.Popen(
                [*check, "watch", chapter.short],
                cwd=scratch / "workbook",
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        stack.callback(watching.terminate)
        if watching.stdout is None:
            raise RuntimeError("it was started with a pipe")
        wait_for(watching.stdout, _WHOLE)
        for number in range(saves + 2):
            time.sleep(random.uniform(1.0, 2.0))
            saved = save(file, f"{text}\n# save {number}\n")
            told = wait_for(watching.stdout, _FIRST)
            done = wait_for(watching.stdout, _WHOLE)
            if number >= 2:
                first.append(told - saved)
                whole.append(done - saved)
    return {
        "chapter": chapter.id,
        "saves": saves,
        "lines": text.count("\n"),
        "busy": busy,
        "machine": machine(),
        "first_failure_s": [round(one, 3) for one in first],
        "verdict_s": [round(one, 3) for one in whole],
    }


def row(name: str, values: list[float]) -> list[str]:
    """Median, 95th percentile and the longest, in seconds."""
    p95 = statistics.quantiles(values, n=20)[18] if len(values) > 1 else values[0]
    return [name, f"{statistics.median(values):.2f}", f"{p95:.2f}", f"{max(values):.2f}"]


def main() -> int:
    """Measure and print; 0 where the first failure comes within 1 s (p95: 2 s) and the verdict within 3 s."""
    parser = argparse.ArgumentParser(description="From save to first failure and to the verdict.")
    parser.add_argument("--chapter", default="1", help="default: 1")
    parser.add_argument("--saves", type=int, default=100, help="counted saves, default: 100")
    parser.add_argument("--lines", type=int, default=0, help="make the saved file at least so long")
    parser.add_argument("--busy", action="store_true", help="keep one core at work")
    parser.add_argument("--output", type=Path, help="write every number to this JSON file")
    options = parser.parse_args()
    if options.saves < 1:
        parser.error("--saves must be at least 1")
    result = measure(options.chapter, options.saves, options.lines, options.busy)
    first, whole = result["first_failure_s"], result["verdict_s"]
    say_table(
        [f"{options.saves} saves, {result['lines']} lines", "median s", "p95 s", "longest s"],
        [row("first failure", first), row("verdict, without load", whole)],
    )
    write(options.output, result)
    p95 = float(row("", first)[2])
    return 0 if statistics.median(first) < 1 and p95 < 2 and statistics.median(whole) < 3 else 1


if __name__ == "__main__":
    sys.exit(main())
