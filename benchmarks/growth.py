"""Time and memory of `check app --static` against lines of code: a straight line?

    python -m benchmarks.growth FOLDER --most 6 --plot benchmarks/growth.svg

The tree is laid side by side 1, 2, ... times in a scratch folder, each copy under a name of its own, so that every size
has the same kind of code. Needs the extra `bench` for the plot.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.peers import run, service_files
from benchmarks.results import machine, say, say_table, write

_COMMAND = [sys.executable, "-m", "checker.cli", "app", ".", "--static", "--format", "json"]


def measure(tree: Path, most: int, rounds: int) -> list[dict[str, Any]]:
    """One row for each size."""
    files, lines = service_files(tree)
    rows = []
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        scratch = Path(name)
        for copies in range(1, most + 1):
            for shown in files:
                target = scratch / f"copy_{copies}" / shown
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(tree / shown, target)
            runs = [run(_COMMAND, scratch) for _ in range(rounds)]
            rows.append(
                {
                    "lines": copies * lines,
                    "seconds": statistics.median(one.seconds for one in runs),
                    "megabytes": max(one.megabytes for one in runs),
                }
            )
    return rows


def straightness(rows: list[dict[str, Any]]) -> float:
    """The correlation of time with lines: 1 for a straight line."""
    return statistics.correlation([one["lines"] for one in rows], [one["seconds"] for one in rows])


def plot(rows: list[dict[str, Any]], path: Path) -> None:
    """Draw time and memory against lines."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    figure, time_axis = pyplot.subplots(figsize=(7, 4))
    thousand = [one["lines"] / 1000 for one in rows]
    time_axis.plot(thousand, [one["seconds"] for one in rows], "o-", color="#00796b", label="time, s")
    time_axis.set_xlabel("thousand lines of Python")
    time_axis.set_ylabel("seconds")
    memory_axis = time_axis.twinx()
    memory_axis.plot(
        thousand, [one["megabytes"] for one in rows], "s--", color="#8e24aa", label="peak memory, MB"
    )
    memory_axis.set_ylabel("MB")
    for axis in (time_axis, memory_axis):
        axis.set_ylim(bottom=0)
    figure.legend(loc="upper left", bbox_to_anchor=(0.12, 0.88))
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def main() -> int:
    """Measure, print, plot; 0 where the line is straight (correlation of 0.99 or more)."""
    parser = argparse.ArgumentParser(description="Time and memory of `check app` against lines of code.")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--most", type=int, default=6, help="copies of the tree at the most; default: 6")
    parser.add_argument("--rounds", type=int, default=3, help="default: 3; the median counts")
    parser.add_argument("--plot", type=Path, help="write the picture here, as SVG")
    parser.add_argument("--output", type=Path, help="write every number to this JSON file")
    options = parser.parse_args()
    rows = measure(options.folder.resolve(), options.most, options.rounds)
    say_table(
        ["lines", "s", "s for 10,000 lines", "MB"],
        [
            [
                one["lines"],
                f"{one['seconds']:.2f}",
                f"{one['seconds'] / one['lines'] * 10_000:.2f}",
                f"{one['megabytes']:.0f}",
            ]
            for one in rows
        ],
    )
    straight = straightness(rows)
    say()
    say(f"Correlation of time with lines: {straight:.4f}.")
    if options.plot is not None:
        plot(rows, options.plot)
        say(f"Drawn in {options.plot}.")
    write(
        options.output,
        {"machine": machine(), "tree": options.folder.name, "rows": rows, "straight": straight},
    )
    return 0 if straight >= 0.99 else 1


if __name__ == "__main__":
    sys.exit(main())
