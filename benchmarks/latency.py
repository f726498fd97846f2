"""The load test many times on loaded cores: does the answer about p95 flip?

    python -m benchmarks.latency --chapter 4 --runs 200

Three apps, in turns: the reference, whose answers are far below the target; the same app with 60 ms before each answer, which are
below it too; and the same with 150 ms, which are above. A flip is a clear answer that is wrong: `failed` for the first two, `passed`
for the third. `inconclusive` is no flip: it says that the machine was too busy to tell.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.flips import cores_loaded
from benchmarks.results import machine, say, say_table, write
from checker.app_under_test.launcher import Launcher
from checker.book import Chapter, open_book
from checker.metrics import MetricContext, user_cache
from checker.metrics.load import load_launcher, measure_load
from checker.models.report import MetricOutcome
from checker.sandbox import best_isolation
from checker.submission import take_snapshot

_APPS = {
    "reference": (0, MetricOutcome.FAILED),
    "60 ms slower": (60, MetricOutcome.FAILED),
    "150 ms slower": (150, MetricOutcome.PASSED),
}
"""What is added to each answer, and which answer would be wrong."""
_SLOWER = """

import asyncio as _asyncio


@{app}.middleware("http")
async def _wait(request, call_next):
    await _asyncio.sleep({seconds})
    return await call_next(request)
"""


def answer(chapter: Chapter, wait_ms: float, seed: int) -> tuple[str, float | None]:
    """What the load test says of the chapter's reference with a wait before each answer, and the p95 in milliseconds."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        room = Path(name)
        copy = Path(shutil.copytree(chapter.solution, room / "submission"))
        module, _, attribute = chapter.file.app.target.partition(":")
        if wait_ms:
            with copy.joinpath(*module.split(".")).with_suffix(".py").open("a", encoding="utf-8") as source:
                source.write(_SLOWER.format(app=attribute, seconds=wait_ms / 1000))
        boxes = iter(room / f"box-{number}" for number in range(2))
        isolation = best_isolation().level

        def launch(folder: Path) -> Launcher:
            return load_launcher(chapter, folder, next(boxes), isolation=isolation)

        snapshot = take_snapshot(copy, room / "snapshot")
        context = MetricContext(
            chapter=chapter,
            folder=snapshot.folder,
            snapshot=snapshot,
            scratch=room / "scratch",
            cache=user_cache(),
            seed=seed,
            launch=launch,
            isolation=isolation,
        )
        latency = measure_load(context)[0]
        return latency.outcome.value, latency.value


def main() -> int:
    """Measure and print; 1 where one run in a hundred or more of an app flips."""
    parser = argparse.ArgumentParser(
        description="Repeat the load test on loaded cores and count wrong answers."
    )
    parser.add_argument("--chapter", default="4", help="default: 4")
    parser.add_argument("--book", type=Path, help="another book than the workbook's own")
    parser.add_argument("--runs", type=int, default=200, help="of each app, default: 200")
    parser.add_argument("--output", type=Path, help="write every number to this JSON file")
    options = parser.parse_args()
    if options.runs < 1:
        parser.error("--runs must be at least 1")
    chapter = open_book(options.book.resolve() if options.book else None).find(options.chapter)
    seen: dict[str, Counter[str]] = {name: Counter() for name in _APPS}
    p95: dict[str, list[float | None]] = {name: [] for name in _APPS}
    for number in range(options.runs):
        for name, (wait_ms, _) in _APPS.items():
            with cores_loaded(on=True):
                outcome, value = answer(chapter, wait_ms, number)
            seen[name][outcome] += 1
            p95[name].append(value)
        if number % 20 == 19:
            say(f"{number + 1}: " + ", ".join(f"{name} {dict(counts)}" for name, counts in seen.items()))
    say()
    flips = {name: seen[name][wrong.value] for name, (_, wrong) in _APPS.items()}
    outcomes = [outcome.value for outcome in MetricOutcome]
    say_table(
        ["app", *outcomes, "flips"],
        [[name, *(counts[one] for one in outcomes), flips[name]] for name, counts in seen.items()],
    )
    write(options.output, {"machine": machine(), "answers": seen, "p95_ms": p95, "flips": flips})
    return 1 if any(count * 100 >= options.runs for count in flips.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
