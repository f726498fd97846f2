"""A whole verdict against what a learner would otherwise use on the same exercise: pytest alone, the tools by hand, check50.

    python -m benchmarks.graders --rounds 5

The exercise is the miniature book's chapter with its five checks. check50 is a public grader that runs each check in a process
and a folder of its own; it is installed into a scratch environment for this benchmark, and its five checks ask the same of
the same app over HTTP, each on a server of its own, as check50 checks a Flask or FastAPI app. Rounds are interleaved; one
round to warm up is not counted. The load test is left out.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.results import machine, say, say_table, warm_environment, write
from benchmarks.verdict import Series, by_hand
from checker.book import open_book

_ROOT = Path(__file__).resolve().parent.parent
_MINI = _ROOT / "tests" / "book"
_CHECK50 = "check50==3.5.0"
_CHECKS = '''"""The five checks of the door that greets, for check50."""

import contextlib
import json
import os
import random
import socket
import subprocess
import time
import urllib.error
import urllib.request

import check50


@contextlib.contextmanager
def served(word):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [PYTHON, "-m", "uvicorn", "app.main:app", "--port", str(port), "--log-level", "error"],
        env=os.environ | {"GREETING_WORD": word},
    )
    try:
        for _ in range(500):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 0.2).close()
                break
            time.sleep(0.02)
        yield lambda path, body=None: ask(port, path, body)
    finally:
        server.terminate()
        server.wait()


def ask(port, path, body):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", data=data, headers={"content-type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, dict(answer.headers), json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, {}, None


def same(expected, actual):
    if expected != actual:
        raise check50.Mismatch(str(expected), str(actual))


@check50.check()
def exists():
    """app/main.py exists"""
    check50.include()
    check50.exists("app/main.py")


@check50.check(exists)
def by_name():
    """the greeting holds the door's word and the visitor's name"""
    word, name = f"Ahoy{random.randrange(10**4)}", f"ada-{random.randrange(10**4)}"
    with served(word) as get:
        same((200, {"message": f"{word}, {name}"}), get(f"/greetings/{name}")[::2])


@check50.check(exists)
def long_name():
    """a name of more than 20 characters is refused with 422"""
    with served("Ahoy") as get:
        same(422, get(f"/greetings/{'x' * random.randrange(21, 40)}")[0])
        same(200, get(f"/greetings/{'x' * 20}")[0])


@check50.check(exists)
def created():
    """a new visitor is answered with 201 and a Location"""
    with served("Ahoy") as ask:
        status, headers, body = ask("/visitors", {"name": "ada"})
        same(201, status)
        same((200, body), ask(headers["location"])[::2])


@check50.check(exists)
def first():
    """the first visitor of a door has the id 1"""
    with served("Ahoy") as ask:
        same(1, ask("/visitors", {"name": "ada"})[2]["id"])


@check50.check(exists)
def unknown():
    """a visitor whom the door does not know is 404"""
    with served("Ahoy") as get:
        same(404, get("/visitors/4711")[0])
'''


def install_check50(scratch: Path) -> Path:
    """An environment with check50 in it; its program."""
    environment = scratch / "check50"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    folder = environment / ("Scripts" if os.name == "nt" else "bin")
    subprocess.run(
        [str(folder / "python"), "-m", "pip", "install", "-q", _CHECK50], check=True, capture_output=True
    )
    checks = scratch / "checks"
    checks.mkdir()
    (checks / ".cs50.yml").write_text('check50:\n  files:\n    - !include "app"\n', encoding="utf-8")
    (checks / "__init__.py").write_text(f"{_CHECKS}\n\nPYTHON = {sys.executable!r}\n", encoding="utf-8")
    return folder / "check50"


def measure(rounds: int) -> dict[str, Any]:
    """All ways, `rounds` times each after one round to warm up."""
    chapter = open_book(_MINI).find("1")
    with tempfile.TemporaryDirectory(prefix="benchmark-", ignore_cleanup_errors=True) as name:
        scratch = Path(name)
        folder = Path(shutil.copytree(chapter.solution, scratch / "solution"))
        program = install_check50(scratch)
        tools = by_hand(chapter, _MINI, folder, scratch)
        plain = next(one for one in tools if one.name == "hidden suite in process")
        check = Series(
            "check",
            [
                sys.executable,
                "-m",
                "checker.cli",
                "chapter-1",
                str(folder),
                "--no-load",
                "--format=json",
                "--book",
                str(_MINI),
            ],
            scratch,
        )
        other = Series(
            "check50", [str(program), "--dev", "--output", "json", "--", str(scratch / "checks")], folder
        )
        env = warm_environment()
        without = {name: value for name, value in env.items() if name != "PYTHONPATH"}
        for number in range(rounds + 1):
            for one in (check, other, *tools):
                one.run(without if one is other else env, counted=number > 0)
            failed = [one.failed for one in (check, other, *tools) if one.failed]
            if failed:
                return {"failed": failed}
    hand = [sum(times) for times in zip(*(one.wall for one in tools), strict=True)]
    ways = {
        "check": check.wall,
        "pytest in process": plain.wall,
        "ruff, mypy, tests with coverage, pytest": hand,
        "check50": other.wall,
    }
    return {
        "rounds": rounds,
        "machine": machine(),
        "wall_s": {name: [round(one, 3) for one in times] for name, times in ways.items()},
        "ratios": {
            name: [round(ours / theirs, 3) for ours, theirs in zip(check.wall, times, strict=True)]
            for name, times in ways.items()
        },
    }


def main() -> int:
    """Measure and print; 0 where every way did its work."""
    parser = argparse.ArgumentParser(description="`check` against other ways to judge the same exercise.")
    parser.add_argument("--rounds", type=int, default=5, help="counted rounds, default: 5")
    parser.add_argument("--output", type=Path, help="write every number to this JSON file")
    options = parser.parse_args()
    result = measure(options.rounds)
    if "failed" in result:
        for line in result["failed"]:
            say(line)
        say("A way that fails does not do the work; mend it before timing it.")
        return 1
    say_table(
        ["way", "median s", "check takes of it", "spread"],
        [
            [
                name,
                f"{statistics.median(times):.2f}",
                f"{statistics.median(result['ratios'][name]):.2f}",
                f"{min(result['ratios'][name]):.2f} to {max(result['ratios'][name]):.2f}",
            ]
            for name, times in result["wall_s"].items()
        ],
    )
    write(options.output, result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
