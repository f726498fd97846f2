"""What isolation costs: whole grades of a reference at each level that this machine gives, side by side.

    python -m benchmarks.isolation --chapter 4 --rounds 7

Rounds are interleaved, P L H, P L H, …, so that the machine's moods meet all levels alike; the ratio is taken round by round.
The load test is left out: it takes a fixed time.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path

from benchmarks.results import machine, say, say_table, write
from checker.book import Chapter, open_book
from checker.grade import GradeOptions, grade
from checker.sandbox import Isolation, best_isolation


def seconds_of(chapter: Chapter, level: Isolation) -> float:
    """One whole grade without the load test; raises `SystemExit` where it does not pass."""
    started = time.perf_counter()
    options = GradeOptions(solution=True, load=False, isolation=level)
    report = grade(chapter, chapter.solution, options, lambda event: None)
    if not report.passed:
        raise SystemExit(f"the reference does not pass at level {level}: nothing to compare")
    return time.perf_counter() - started


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Compare whole grades at each level of isolation.")
    parser.add_argument("--chapter", default="4", help="default: 4")
    parser.add_argument("--book", type=Path, help="another book than the workbook's own")
    parser.add_argument("--rounds", type=int, default=7, help="default: 7")
    parser.add_argument("--output", type=Path, help="write every number to this JSON file")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    chapter = open_book(options.book.resolve() if options.book else None).find(options.chapter)
    levels = [level for level in Isolation if level.strength <= best_isolation().level.strength]
    seconds: dict[Isolation, list[float]] = {level: [] for level in levels}
    for level in levels:
        seconds_of(chapter, level)  # caches warm
    for number in range(options.rounds):
        for level in levels:
            seconds[level].append(seconds_of(chapter, level))
        say(f"round {number + 1}: " + ", ".join(f"{level} {seconds[level][-1]:.2f} s" for level in levels))
    rows = []
    for level in levels:
        pairs = zip(seconds[level], seconds[Isolation.PORTABLE], strict=True)
        ratios = [own / portable for own, portable in pairs]
        spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
        rows.append(
            [level, f"{statistics.median(seconds[level]):.2f}", f"{statistics.median(ratios):.2f}", spread]
        )
    say()
    say_table(["level", "median s", "ratio to P", "spread"], rows)
    write(options.output, {"machine": machine(), "seconds": {str(k): v for k, v in seconds.items()}})
    return 0


if __name__ == "__main__":
    sys.exit(main())
