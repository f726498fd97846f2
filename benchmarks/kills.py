"""`kill -9` of any one process at a random moment of a grade: is there an end, and is anything left?

    python -m benchmarks.kills --kills 50

Each time a grade of the reference is started as a learner starts it, one process of its family is chosen at random (the
command itself, the judge, the process that holds the app, a server, a tool) and killed at a random moment. Then the command
must end by itself with a report or a sentence, no process of the family may live, no temporary folder may stay unless the command itself
was killed, and the learner's folder must be whole.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psutil

from benchmarks.results import machine, say, say_table, warm_environment, write
from checker.book import Chapter, open_book

LIMIT_S = 120.0
_ROOT = Path(__file__).resolve().parent.parent


def digest(folder: Path) -> str:
    """One hash over all that lies in a folder."""
    whole = hashlib.blake2b()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            whole.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return whole.hexdigest()


def role_of(process: psutil.Process) -> str:
    """What a process of the family is, by its command line."""
    line = " ".join(process.cmdline())
    for word, role in (
        ("checker.cli", "command"),
        ("suite.judge", "judge"),
        ("bwrap", "namespaces"),
        ("guest.py", "app"),
        ("shim.py", "tool's keeper"),
        ("mypy", "mypy"),
        ("ruff", "ruff"),
        ("learner_tests", "learner's tests"),
    ):
        if word in line:
            return role
    return "other"


def kill_once(chapter: Chapter, book: Path | None, moment: float, rng: random.Random) -> dict[str, Any]:
    """One grade and one kill; what came of it."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        home = Path(name)
        copy = Path(shutil.copytree(chapter.solution, home / "submission"))
        (home / "tmp").mkdir()
        before = digest(copy)
        command = [
            sys.executable,
            "-m",
            "checker.cli",
            chapter.short,
            str(copy),
            "--format=json",
            "--no-load",
        ]
        command += ["--book", str(book)] if book else []
        env = warm_environment() | {"TMPDIR": str(home / "tmp")}
        with (home / "out").open("wb") as out, (home / "err").open("wb") as err:
            started = time.monotonic()
            grade = subprocess.Popen(command, cwd=home, env=env, stdout=out, stderr=err)
            time.sleep(moment)
            top = psutil.Process(grade.pid)
            family = [top]
            with contextlib.suppress(psutil.Error):
                family += top.children(recursive=True)
            victim = rng.choice(family)
            role = "gone"
            with contextlib.suppress(psutil.Error):
                role = role_of(victim)
                victim.kill()
            with contextlib.suppress(psutil.Error):
                family = list({*family, *top.children(recursive=True)})
            try:
                code: int | None = grade.wait(LIMIT_S)
            except subprocess.TimeoutExpired:
                code = None
                grade.kill()
            seconds = time.monotonic() - started
        _gone, alive = psutil.wait_procs([one for one in family if one.pid != grade.pid], timeout=3)
        left = [role_of(one) for one in alive if one.is_running()]
        for one in alive:
            with contextlib.suppress(psutil.Error):
                one.kill()
        said = (home / "err").read_text("utf-8", "replace")
        return {
            "moment": round(moment, 2),
            "victim": role,
            "exit": code,
            "report": _is_report(home / "out"),
            "traceback": "Traceback (most recent call last)" in said,
            "left running": left,
            "folder changed": digest(copy) != before,
            "seconds": round(seconds, 1),
            "boxes": len(list((home / "tmp").glob("check-*"))),
        }


def _is_report(path: Path) -> bool:
    try:
        return "passed" in json.loads(path.read_bytes())
    except ValueError:
        return False


def ended_well(result: dict[str, Any]) -> bool:
    """A verdict or a clear end, nothing left running, nothing changed."""
    killed_itself = result["victim"] == "command" and result["exit"] == -9
    clear = killed_itself or (result["exit"] in (0, 1, 3) and not result["traceback"])
    boxes = result["boxes"] == 0 or killed_itself
    return clear and boxes and not result["left running"] and not result["folder changed"]


def main() -> int:
    """Kill and print; 0 where each grade ended well."""
    parser = argparse.ArgumentParser(description="Kill one process of a grade at random moments.")
    parser.add_argument("--chapter", default="4", help="default: 4")
    parser.add_argument("--book", type=Path, help="another book than the workbook's own")
    parser.add_argument("--kills", type=int, default=50, help="default: 50")
    parser.add_argument("--seed", type=int, default=1, help="of moments and victims, default: 1")
    parser.add_argument("--output", type=Path, help="write every number to this JSON file")
    options = parser.parse_args()
    root = options.book.resolve() if options.book else None
    chapter = open_book(root).find(options.chapter)
    rng = random.Random(options.seed)
    # How long a grade takes here, so that moments fall into all of it.
    whole = kill_once(chapter, root, 0.0, random.Random(0))
    started = time.monotonic()
    subprocess.run(
        [
            sys.executable,
            "-m",
            "checker.cli",
            chapter.short,
            str(chapter.solution),
            "--no-load",
            "--format=json",
        ]
        + (["--book", str(root)] if root else []),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=LIMIT_S,
        check=False,
        cwd=_ROOT,
    )
    length = time.monotonic() - started
    say(f"a grade takes {length:.1f} s here; the first, killed at once, ended with {whole['exit']}")
    results = []
    for number in range(options.kills):
        result = kill_once(chapter, root, rng.uniform(0.05, length), rng)
        results.append(result)
        say(f"{number + 1:3} {'well' if ended_well(result) else 'BADLY'} {result}")
    counts = Counter((one["victim"], ended_well(one)) for one in results)
    say()
    say_table(
        ["victim", "ended well", "badly"],
        [
            [role, counts[role, True], counts[role, False]]
            for role in sorted({one["victim"] for one in results})
        ],
    )
    write(options.output, {"machine": machine(), "results": results})
    return 0 if all(ended_well(one) for one in results) else 1


if __name__ == "__main__":
    sys.exit(main())
