"""How long the commands take that one runs between two edits, and what they import.

    python -m benchmarks.start --rounds 20

Each command is run in a workspace of its own, `rounds` times in turn with an empty Python, whose time is shown beside them.
`python -X importtime -m checker.cli list` shows where the rest goes.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.results import machine, say, say_table, warm_environment, write

_TARGET_S = 0.15
_HEAVY = ("fastapi", "pytest", "pydantic", "rich", "sqlalchemy")
_COMMANDS = {
    "check list": ["list"],
    "check next": ["next"],
    "check hint chapter-1": ["hint", "chapter-1"],
    "check --help": ["--help"],
}
_SHOW = "import sys\nfrom checker.cli import main\nmain({arguments!r})\nprint(*({heavy!r} & sys.modules.keys()), file=sys.stderr)"


def main() -> int:
    """Measure and print; 0 where `check list` takes less than 0.15 s."""
    parser = argparse.ArgumentParser(description="The time of light commands.")
    parser.add_argument("--rounds", type=int, default=20, help="default: 20; the median counts")
    parser.add_argument("--output", type=Path, help="write every number to this JSON file")
    options = parser.parse_args()
    check = [sys.executable, "-m", "checker.cli"]
    env = warm_environment(sys.path)
    series: dict[str, list[float]] = {name: [] for name in ["python -c pass", *_COMMANDS]}
    heavy: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        workspace = Path(name) / "workbook"
        subprocess.run([*check, "init", str(workspace)], env=env, check=True, capture_output=True)
        for _ in range(options.rounds + 1):
            for shown, command in [
                ("python -c pass", [sys.executable, "-c", "pass"]),
                *((shown, [*check, *arguments]) for shown, arguments in _COMMANDS.items()),
            ]:
                started = time.perf_counter()
                subprocess.run(command, cwd=workspace, env=env, check=True, capture_output=True)
                series[shown].append(time.perf_counter() - started)
        for shown, arguments in _COMMANDS.items():
            code = _SHOW.format(arguments=arguments, heavy=set(_HEAVY))
            done = subprocess.run(
                [sys.executable, "-c", code],
                cwd=workspace,
                env=env,
                check=True,
                capture_output=True,
                text=True,
            )
            heavy[shown] = done.stderr.strip()
    counted = {shown: times[1:] for shown, times in series.items()}
    say_table(
        ["command", "median s", "longest s", "of the heavy libraries it imports"],
        [
            [
                shown,
                f"{statistics.median(times):.3f}",
                f"{max(times):.3f}",
                heavy.get(shown, "") or "none",
            ]
            for shown, times in counted.items()
        ],
    )
    listed = statistics.median(counted["check list"])
    say()
    say(f"`check list` takes {listed:.3f} s; {_TARGET_S:g} s are allowed.")
    write(options.output, {"machine": machine(), "series": counted, "heavy": heavy})
    return 0 if listed < _TARGET_S else 1


if __name__ == "__main__":
    sys.exit(main())
