"""Every submission of the corpus at every level of isolation: what was right, and what was not.

    python -m benchmarks.corpus
    python -m benchmarks.corpus --level H --kind tampering

The submissions and what runs them are those of `tests/corpus`; what counts as right stands with each submission.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.results import machine, say, say_table, write
from checker.sandbox import Isolation
from tests.corpus.runs import AT_ONCE, Run, levels, run_corpus
from tests.corpus.submissions import KINDS, all_submissions

_SLOWEST = 10


def counts(runs: Sequence[Run]) -> dict[str, int]:
    """The row of one level; "cannot" are right only because the level cannot do more."""
    return {
        "runs": len(runs),
        "right": sum(run.right for run in runs),
        "fooled": sum(not run.end_is_right and run.end not in {"hung", "crashed"} for run in runs),
        "other cause": sum(run.end_is_right and not run.names_the_cause for run in runs),
        "hung": sum(run.end == "hung" for run in runs),
        "crashed": sum(run.end == "crashed" for run in runs),
        "left behind": sum(bool(run.left) for run in runs),
        "effect seen": sum(bool(run.effects) for run in runs),
        "cannot": sum(
            run.right
            and run.unstoppable is not None
            and (bool(run.effects) or run.end != run.submission.file.expect)
            for run in runs
        ),
    }


def main() -> int:
    """Run and print; 0 where everything is right."""
    parser = argparse.ArgumentParser(description="The corpus of submissions at every level of isolation.")
    parser.add_argument("--level", choices=[level.value for level in Isolation], help="this level alone")
    parser.add_argument("--kind", choices=KINDS, help="this kind alone")
    parser.add_argument("--at-once", type=int, default=AT_ONCE, help=f"default: {AT_ONCE}")
    parser.add_argument("--output", type=Path, help="write every number to this JSON file")
    options = parser.parse_args()
    submissions = [one for one in all_submissions() if options.kind in (None, one.kind)]
    wanted = [level for level in levels() if options.level in (None, level.value)]
    pairs = [(submission, level) for submission in submissions for level in wanted]
    started = time.monotonic()
    runs = list(run_corpus(pairs, at_once=options.at_once, heard=_tell).values())
    seconds = time.monotonic() - started
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    by_level = {level.value: counts([run for run in runs if run.level is level]) for level in wanted}
    say()
    say_table(["level", *counts([])], [[level, *row.values()] for level, row in by_level.items()])
    say()
    say(
        f"{len(submissions)} submissions, {seconds:.0f} s, {used.ru_utime + used.ru_stime:.0f} s of processor. The slowest:"
    )
    slowest = sorted(runs, key=lambda run: -run.seconds)[:_SLOWEST]
    say_table(
        ["submission", "level", "s"], [[_name(run), run.level.value, f"{run.seconds:.1f}"] for run in slowest]
    )
    say()
    for level, one in sorted({(run.level.value, run.submission.id) for run in runs if run.unstoppable}):
        why = next(run.unstoppable for run in runs if run.submission.id == one and run.level.value == level)
        say(f"{level} cannot stop {one}: {why.why if why else ''}")
    write(
        options.output,
        {
            "machine": machine(),
            "seconds": seconds,
            "levels": by_level,
            "runs": [
                {
                    "submission": _name(run),
                    "level": run.level.value,
                    "right": run.right,
                    "end": run.end,
                    "seconds": run.seconds,
                    "effects": run.effects,
                    "left": run.left,
                }
                for run in runs
            ],
        },
    )
    return 0 if all(run.right for run in runs) else 1


def _name(run: Run) -> str:
    return f"{run.submission.kind}/{run.submission.id}"


def _tell(run: Run) -> None:
    if not run.right:
        say(
            f"{run.level.value} {_name(run)}: {run.end} {list(run.said)[:3]} {list(run.effects)} {list(run.left)}"
        )


if __name__ == "__main__":
    sys.exit(main())
