"""All that is said of speed, in one run: the verdict, other graders, `check watch` and the light commands; and the picture.

    python -m benchmarks.speed --rounds 5 --saves 100 --plot docs/assets/speed.svg

Each part is a benchmark of its own, whose page says how it measures. Needs the extra `bench` for the plot.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.results import say, write
from checker.book import open_book

_ROOT = Path(__file__).resolve().parent.parent


def parts(rounds: int, saves: int) -> dict[str, list[str]]:
    """The benchmarks, each with its arguments."""
    some = str(max(saves // 3, 1))
    found = {
        f"verdict, chapter {chapter.number}": [
            *("verdict", "--chapter", str(chapter.number)),
            *("--rounds", str(rounds)),
        ]
        for chapter in open_book().chapters
    }
    return found | {
        "other graders": ["graders", "--rounds", str(rounds)],
        "watch": ["watch", "--saves", str(saves)],
        "watch, 1,000 lines": ["watch", "--saves", some, "--lines", "1000"],
        "watch, the other core busy": ["watch", "--saves", some, "--busy"],
        "light commands": ["start", "--rounds", str(4 * rounds)],
    }


def run(name: str, arguments: list[str], scratch: Path) -> dict[str, Any]:
    """One benchmark; its numbers, and whether it held what it promises."""
    output = scratch / "numbers.json"
    output.unlink(missing_ok=True)
    say(f"## {name}")
    say()
    module, *rest = arguments
    command = [sys.executable, "-m", f"benchmarks.{module}", *rest, "--output", str(output)]
    done = subprocess.run(command, cwd=_ROOT, stderr=subprocess.DEVNULL, check=False)
    say()
    numbers: dict[str, Any] = json.loads(output.read_text(encoding="utf-8")) if output.exists() else {}
    return numbers | {"held": done.returncode == 0}


def plot(found: dict[str, dict[str, Any]], path: Path) -> None:
    """Draw what a grade takes beside the tools by hand, and the time from a save to the first failure."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10, 3.8))
    verdicts = {name: one for name, one in found.items() if "median_ratio" in one}
    places = [4 * number for number in range(len(verdicts))]
    bottoms = [0.0] * len(verdicts)
    for number, tool in enumerate(next(iter(verdicts.values()))["by_hand"]):
        heights = [one["by_hand"][number]["median_wall_s"] for one in verdicts.values()]
        left.bar(places, heights, bottom=bottoms, label=f"by hand: {tool['name']}", width=0.9)
        bottoms = [bottom + height for bottom, height in zip(bottoms, heights, strict=True)]
    for beside, (side, label, color) in enumerate(
        [("check", "check", "#00796b"), ("got_ready", "check, got ready", "#80cbc4")], 1
    ):
        heights = [one[side]["median_wall_s"] for one in verdicts.values()]
        left.bar([place + beside for place in places], heights, color=color, width=0.9, label=label)
    left.set_xticks([place + 1 for place in places], [name.removeprefix("verdict, ") for name in verdicts])
    left.set_ylabel("seconds")
    left.set_title("A whole verdict, without load", fontsize=10)
    left.tick_params(axis="x", labelsize=7)
    left.legend(fontsize=6)
    for name, one in found.items():
        if "first_failure_s" in one:
            times = sorted(one["first_failure_s"])
            right.plot(times, [(place + 1) / len(times) for place in range(len(times))], label=name)
    right.set_xlabel("seconds from the save to the first failure")
    right.set_ylabel("share of saves")
    right.set_xlim(left=0)
    right.set_title("`check watch`", fontsize=10)
    right.legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def main() -> int:
    """Measure all, print, plot; 0 where every part held what it promises."""
    parser = argparse.ArgumentParser(description="All that is said of speed, in one run.")
    parser.add_argument("--rounds", type=int, default=5, help="of a verdict; default: 5")
    parser.add_argument("--saves", type=int, default=100, help="default: 100")
    parser.add_argument("--plot", type=Path, help="write the picture here, as SVG")
    parser.add_argument("--output", type=Path, help="write every number to this JSON file")
    options = parser.parse_args()
    found: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory(prefix="benchmark-") as scratch:
        for name, arguments in parts(options.rounds, options.saves).items():
            found[name] = run(name, arguments, Path(scratch))
    missed = [name for name, one in found.items() if not one["held"]]
    for name, one in found.items():
        if "first_failure_s" in one:
            say(f"{name}: median {statistics.median(one['first_failure_s']):.2f} s to the first failure.")
    say(f"Not held: {', '.join(missed)}." if missed else "Everything held.")
    if options.plot is not None:
        plot(found, options.plot)
        say(f"Drawn in {options.plot}.")
    write(options.output, found)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
