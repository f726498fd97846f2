"""Time of a grade against what grows: tests, files, findings, grades at the same time, lines of the app.

    python -m benchmarks.scale --rounds 3 --plot docs/assets/scale.svg

Each series grades the miniature book of the tests with one thing made larger, and is fitted by a straight line. The load test
is left out. `lines` compares an app of 200 lines with one of 5,000 and more, beside what the tools alone (ruff, mypy) take for each.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.results import machine, say, say_table, warm_environment, write

_ROOT = Path(__file__).resolve().parent.parent
_MINI = _ROOT / "tests" / "book"
_CHAPTER = "chapter-01-greeting"
_LIMIT_S = 300.0
_TEST = """

@check("1.1-more-{number}", "Greeting {number} is right.", say="Greeting {number} is wrong.")
def test_more_{number}(app: App, world: World) -> None:
    expect(app.get("/greetings/ada-{number}")).status(200).json({{"message": f"{{world.facts['word']}}, ada-{number}"}})
"""
_FINDING = '''

@router.get("/found/{number}")
def found_{number}(later: str = Depends(word)) -> str:
    """Depends as a default value."""
    return later
'''
_FOUND_HEAD = '''"""Path operations that break a soft constraint."""

from fastapi import APIRouter, Depends

router = APIRouter()


def word() -> str:
    """A dependency."""
    return "word"
'''
_PLAIN = '''

def added_{number}(value: int) -> int:
    """One more function."""
    return value + {number}
'''


def grade(book: Path, folder: Path) -> float:
    """Seconds of one grade; the verdict does not matter."""
    command = [sys.executable, "-m", "checker.cli", "chapter-1", str(folder), "--no-load", "--format=json"]
    environment = warm_environment()
    started = time.perf_counter()
    done = subprocess.run(
        [*command, "--book", str(book)],
        cwd=_ROOT,
        env=environment,
        capture_output=True,
        timeout=_LIMIT_S,
        check=False,
    )
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr.decode("utf-8", "replace"))
    return time.perf_counter() - started


class Bench:
    """A copy of the miniature book, and the submission that is made larger."""

    def __init__(self, scratch: Path) -> None:
        self.book = Path(shutil.copytree(_MINI, scratch / "book"))
        self.folder = Path(shutil.copytree(_MINI / "solutions" / _CHAPTER, scratch / "submission"))

    def add_tests(self, count: int) -> None:
        """So many hidden tests more."""
        suite = next((self.book / "suites" / "chapter_01").glob("test_1_1*.py"))
        suite.write_text(suite.read_text() + "".join(_TEST.format(number=n) for n in range(count)))

    def add_files(self, count: int) -> None:
        """So many modules more."""
        for number in range(count):
            text = '"""One more module."""\n' + _PLAIN.format(number=number)
            (self.folder / "app" / f"added_{number}.py").write_text(text)

    def add_findings(self, count: int) -> None:
        """So many places that break a constraint."""
        text = _FOUND_HEAD + "".join(_FINDING.format(number=n) for n in range(count))
        (self.folder / "app" / "found.py").write_text(text)
        main = self.folder / "app" / "main.py"
        main.write_text(
            main.read_text()
            + "\n\nfrom app.found import router  # noqa: E402\n\napp.include_router(router)\n"
        )

    def add_lines(self, lines: int) -> None:
        """Functions until the app has so many lines."""
        files = (self.folder / "app").rglob("*.py")
        short = lines - sum(len(file.read_text().splitlines()) for file in files)
        text = '"""More of the app."""\n' + "".join(
            _PLAIN.format(number=n) for n in range(max(short, 0) // 5)
        )
        (self.folder / "app" / "more.py").write_text(text)

    def tools(self) -> float:
        """Seconds of ruff and mypy alone, with a warm cache."""
        cache = self.folder.parent / "mypy"
        mypy = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(cache), "app"]
        subprocess.run(mypy, cwd=self.folder, capture_output=True, check=False)
        started = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "ruff", "check", "--isolated", "app"],
            cwd=self.folder,
            capture_output=True,
            check=False,
        )
        subprocess.run(mypy, cwd=self.folder, capture_output=True, check=False)
        return time.perf_counter() - started


def series(change: Callable[[Bench, int], None], sizes: list[int], rounds: int) -> list[dict[str, float]]:
    """The median time for each size, after one grade to warm the caches."""
    rows = []
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="benchmark-") as scratch:
            bench = Bench(Path(scratch))
            change(bench, size)
            grade(bench.book, bench.folder)
            rows.append(
                {
                    "size": size,
                    "seconds": statistics.median(grade(bench.book, bench.folder) for _ in range(rounds)),
                    "tools": bench.tools(),
                }
            )
    return rows


def parallel(counts: list[int], rounds: int) -> list[dict[str, float]]:
    """The time until that many grades, begun together, have all ended."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="benchmark-") as scratch:
        bench = Bench(Path(scratch))
        grade(bench.book, bench.folder)
        for count in counts:
            times = []
            for _ in range(rounds):
                started = time.perf_counter()
                with ThreadPoolExecutor(max_workers=count) as at_once:
                    list(at_once.map(lambda _: grade(bench.book, bench.folder), range(count)))
                times.append(time.perf_counter() - started)
            rows.append({"size": count, "seconds": statistics.median(times), "tools": 0.0})
    return rows


def plot(found: dict[str, list[dict[str, float]]], path: Path) -> None:
    """Draw each series with the line through it."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    figure, places = pyplot.subplots(1, len(found), figsize=(3 * len(found), 2.8))
    for place, (name, rows) in zip(places, found.items(), strict=True):
        sizes, seconds = [row["size"] for row in rows], [row["seconds"] for row in rows]
        fit = statistics.linear_regression(sizes, seconds)
        place.plot(sizes, seconds, "o", color="#00796b")
        place.plot(sizes, [fit.intercept + fit.slope * size for size in sizes], color="#999999", linewidth=1)
        place.set_xlabel(name)
        place.set_ylim(0, 1.1 * max(seconds))
    places[0].set_ylabel("seconds of a grade")
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def main() -> int:
    """Measure, print and fit."""
    parser = argparse.ArgumentParser(description="Time of a grade against what grows.")
    parser.add_argument("--rounds", type=int, default=3, help="default: 3; the median counts")
    parser.add_argument("--output", type=Path, help="write every number to this JSON file")
    parser.add_argument("--plot", type=Path, help="draw the series to this SVG file; needs the extra `bench`")
    options = parser.parse_args()
    measures: dict[str, Callable[[], list[dict[str, float]]]] = {
        "hidden tests": partial(series, Bench.add_tests, [0, 200, 400, 800, 1600], options.rounds),
        "files": partial(series, Bench.add_files, [0, 200, 400, 800, 1600], options.rounds),
        "findings": partial(series, Bench.add_findings, [1, 200, 400, 800, 1600], options.rounds),
        "lines": partial(series, Bench.add_lines, [200, 2000, 5000, 10_000, 20_000], options.rounds),
        "grades at once": partial(parallel, [1, 2, 4, 8], options.rounds),
    }
    found: dict[str, list[dict[str, float]]] = {}
    straight: dict[str, float] = {}
    for name, measure in measures.items():
        rows = found[name] = measure()
        sizes, seconds = [row["size"] for row in rows], [row["seconds"] for row in rows]
        fit = statistics.linear_regression(sizes, seconds)
        straight[name] = statistics.correlation(sizes, seconds)
        say_table(
            [name, "s", "on the line s", "ruff and mypy alone s"],
            [
                [
                    f"{row['size']:g}",
                    f"{row['seconds']:.2f}",
                    f"{fit.intercept + fit.slope * row['size']:.2f}",
                    f"{row['tools']:.2f}" if row["tools"] else "",
                ]
                for row in rows
            ],
        )
        say(f"{fit.slope * 1000:.1f} ms for each more; correlation {straight[name]:.3f}.")
        say()
    rest: dict[str, Any] = {"machine": machine(), "series": found, "correlation": straight}
    write(options.output, rest)
    if options.plot is not None:
        plot(found, options.plot)
    return 0


if __name__ == "__main__":
    sys.exit(main())
