"""One grade that gets ready, says so, and waits for a line before it takes the folder.

    python -m benchmarks.ready 4 solutions/chapter-04-dependency-injection

What `check watch` keeps ready between two saves (`checker.grade.Ready`), with nothing else of it; `benchmarks.verdict` times it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.results import say
from checker.book import open_book
from checker.grade import GradeOptions, Ready, grade_ready
from checker.sandbox import hide_this_process


def main() -> int:
    """0 where the grade passes."""
    parser = argparse.ArgumentParser(description="Get ready, wait for a line, grade.")
    parser.add_argument("chapter")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--book", type=Path, help="another book than the workbook's own")
    parser.add_argument("--lanes", type=int, help="parts of the suite that go beside each other")
    options = parser.parse_args()
    hide_this_process()
    chapter = open_book(options.book).find(options.chapter)
    wanted = GradeOptions(solution=True, load=False, lanes=options.lanes)
    with Ready(chapter, wanted) as ready:
        say("ready")
        sys.stdin.readline()
        report = grade_ready(ready, options.folder, wanted, lambda event: None)
        say(f"passed: {report.passed}")
    return 0 if report.passed else 1


if __name__ == "__main__":
    sys.exit(main())
