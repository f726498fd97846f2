"""`check app` beside ruff and flake8-async on the same trees: what each finds, how long it takes, how much memory.

    python -m benchmarks.peers FOLDER... --rounds 3

Needs the extra `bench`. Each tool runs as a process of its own on the same list of files, in turn, in every round; times are
medians, memory is the peak of the process. A peer's finding counts as known where `check app` reports the same line
(or a line of the same statement) under the constraint that speaks of it; the others are listed with `--show`.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.results import machine, say, say_table, write
from checker.source.files import is_test_file, python_files

CONSTRAINTS_OF = {
    # Calls that block, by both peers; FAST and S as ruff names them. Other ASYNC rules have no constraint.
    **dict.fromkeys(
        ("ASYNC210", "ASYNC212", "ASYNC220", "ASYNC221", "ASYNC222", "ASYNC230", "ASYNC231", "ASYNC232"),
        "H2 H3",
    ),
    **dict.fromkeys(("ASYNC240", "ASYNC250", "ASYNC251", "ASYNC200"), "H2 H3"),
    "FAST002": "S5",
    **dict.fromkeys(("S105", "S106", "S107"), "H7"),
}
_FLAKE8_LINE = re.compile(r"^(?P<path>.+?):(?P<line>\d+):\d+: (?P<code>ASYNC\d+)", re.MULTILINE)
_RUFF = (
    "check",
    "--isolated",
    "--select",
    "ASYNC,FAST,S105,S106,S107",
    "--output-format",
    "json",
    "--no-cache",
    "--exit-zero",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One process: what it printed, its wall time in seconds and its peak resident memory in MB."""

    output: str
    seconds: float
    megabytes: float


def run(command: Sequence[str], folder: Path) -> Run:
    """Run one tool; its exit code says only whether it found something."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        return Run(output=output.read(), seconds=seconds, megabytes=usage.ru_maxrss / 1024)


def commands(files: Sequence[str]) -> dict[str, list[str]]:
    """The tools, each with its command."""
    python = Path(sys.executable)
    return {
        "check app": [str(python), "-m", "checker.cli", "app", ".", "--static", "--format", "json"],
        "flake8-async": [str(python.parent / "flake8-async"), "--asyncio", "--disable-noqa", *files],
        "ruff": [str(python.parent / "ruff"), *_RUFF, "--ignore-noqa", *files],
    }


def ours(output: str) -> dict[str, dict[str, set[int]]]:
    """Path, constraint, lines of what `check app` found."""
    found: dict[str, dict[str, set[int]]] = {}
    for one in json.loads(output)["findings"]:
        found.setdefault(one["path"], {}).setdefault(one["constraint"], set()).add(one["line"])
    return found


def theirs(tool: str, output: str, folder: Path) -> list[tuple[str, int, str]]:
    """Path, line and code of each finding of a peer."""
    if tool == "ruff":
        return [
            (Path(one["filename"]).relative_to(folder).as_posix(), one["location"]["row"], one["code"])
            for one in json.loads(output)
            if one["code"]
        ]
    return [(m["path"], int(m["line"]), m["code"]) for m in _FLAKE8_LINE.finditer(output)]


def unknown(
    peer: Iterable[tuple[str, int, str]], mine: dict[str, dict[str, set[int]]], folder: Path
) -> list[tuple[str, int, str]]:
    """The peer's findings on which `check app` is silent."""
    left = []
    for path, line, code in peer:
        span = statement_at(folder / path, line)
        lines = set().union(*(mine.get(path, {}).get(c, set()) for c in CONSTRAINTS_OF.get(code, "").split()))
        if not lines & span:
            left.append((path, line, code))
    return left


_spans: dict[Path, list[range]] = {}


def statement_at(file: Path, line: int) -> set[int]:
    """The lines of the innermost simple statement or signature that holds a line."""
    if file not in _spans:
        try:
            tree = ast.parse(file.read_bytes())
        except (SyntaxError, ValueError):
            tree = ast.Module(body=[], type_ignores=[])
        _spans[file] = [_lines_of(node) for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    smallest = min((span for span in _spans[file] if line in span), key=len, default=range(line, line + 1))
    return set(smallest)


def _lines_of(node: ast.stmt) -> range:
    body = getattr(node, "body", None)
    end = body[0].lineno if body else (node.end_lineno or node.lineno) + 1
    return range(node.lineno, max(node.lineno + 1, end))


def service_files(folder: Path) -> tuple[list[str], int]:
    """The files of a tree without its tests, which `check app` does not read either, and their lines together."""
    found = [one.shown for one in python_files(folder, lambda unread: None) if not is_test_file(one.shown)]
    return found, sum((folder / shown).read_bytes().count(b"\n") for shown in found)


def compare(folder: Path, rounds: int) -> dict[str, Any]:
    """All tools on one tree."""
    folder = folder.resolve()
    files, lines = service_files(folder)
    runs: dict[str, list[Run]] = {}
    for _ in range(rounds):
        for tool, command in commands(files).items():
            runs.setdefault(tool, []).append(run(command, folder))
    mine = ours(runs["check app"][-1].output)
    result: dict[str, Any] = {"folder": folder.name, "files": len(files), "lines": lines, "tools": {}}
    for tool, some in runs.items():
        data: dict[str, Any] = {
            "seconds": round(statistics.median(one.seconds for one in some), 2),
            "megabytes": round(max(one.megabytes for one in some)),
        }
        if tool == "check app":
            data["findings"] = sum(len(at) for by in mine.values() for at in by.values())
        else:
            peer = theirs(tool, some[-1].output, folder)
            data["findings"] = len(peer)
            data["silent_here"] = unknown(peer, mine, folder)
        result["tools"][tool] = data
    return result


def main() -> int:
    """Measure and print; 0 where `check app` takes at most flake8-async's time and 600 MB on every tree."""
    parser = argparse.ArgumentParser(description="`check app` beside ruff and flake8-async.")
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--rounds", type=int, default=3, help="default: 3")
    parser.add_argument("--show", action="store_true", help="list what a peer finds and `check app` does not")
    parser.add_argument("--output", type=Path, help="write every number to this JSON file")
    options = parser.parse_args()
    results = [compare(folder, options.rounds) for folder in options.folders]
    rows = []
    for one in results:
        base = one["tools"]["check app"]["seconds"]
        for tool, data in one["tools"].items():
            rows.append([
                one["folder"], one["lines"], tool, data["seconds"], f"{data['seconds'] / base:.2f}", data["megabytes"],
                data["findings"], len(data.get("silent_here", [])),
            ])  # fmt: skip
    say_table(["tree", "lines", "tool", "s", "of check app", "MB", "findings", "silent here"], rows)
    codes = Counter(
        code
        for one in results
        for data in one["tools"].values()
        for _, _, code in data.get("silent_here", [])
    )
    say()
    say(
        f"Found by a peer alone: {', '.join(f'{code} {count}' for code, count in sorted(codes.items())) or 'nothing'}."
    )
    if options.show:
        for one in results:
            for tool, data in one["tools"].items():
                for path, line, code in data.get("silent_here", []):
                    say(f"{one['folder']}  {tool}  {code}  {path}:{line}")
    write(options.output, {"machine": machine(), "trees": results})
    return 0 if all(_is_within(one["tools"]) for one in results) else 1


def _is_within(tools: dict[str, Any]) -> bool:
    mine = tools["check app"]
    return bool(mine["seconds"] <= tools["flake8-async"]["seconds"] and mine["megabytes"] < 600)


if __name__ == "__main__":
    sys.exit(main())
