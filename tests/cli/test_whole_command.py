"""The whole command in a process of its own, with a real grade: what a learner sees, and what is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
NAME = "chapter-01-greeting"
LIMIT_S = 240


@pytest.fixture
def book(mini_book: Callable[[], Path]) -> Path:
    return mini_book()


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A temporary folder of its own, so that a test sees what is left in it."""
    (tmp_path / "tmp").mkdir()
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return os.environ | {
        "TMPDIR": str(tmp_path / "tmp"),
        "PYTHONPATH": path,
        "COLUMNS": "80",
        "PYTHONIOENCODING": "",
    }


def check(book: Path, environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "checker.cli", *arguments, "--book", str(book)],
        cwd=book,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=LIMIT_S,
        check=False,
    )


def left_in(environment: dict[str, str]) -> list[str]:
    """Temporary files of ours; other libraries may keep caches."""
    return sorted(
        path.name for path in Path(environment["TMPDIR"]).iterdir() if path.name.startswith("check-")
    )


def test_start_in_a_pipe(book: Path, environment: dict[str, str]) -> None:
    run = check(book, environment, "start")
    assert run.returncode == 0, run.stderr
    assert "The first check that does not hold" in run.stdout
    assert "Task 1.1, Greet by name" in run.stdout
    assert "hidden tests" in run.stderr
    assert "\x1b" not in run.stdout + run.stderr
    assert left_in(environment) == []


def test_the_starter_does_not_pass_and_is_remembered(book: Path, environment: dict[str, str]) -> None:
    before = {path: path.read_bytes() for path in (book / "exercises").rglob("*") if path.is_file()}
    run = check(book, environment, "chapter-1", "--no-load", "--format", "json")
    assert run.returncode == 1, run.stderr
    report: Any = json.loads(run.stdout)
    assert report["passed"] is False
    assert [task["outcome"] for task in report["tasks"]] == ["failed", "failed"]
    record = json.loads((book / ".workbook" / "progress.json").read_bytes())["chapters"]["chapter-01"]
    assert record["attempts"] == 1
    assert record["last"]["failure"]["check"] == "1.1-by-name"
    after = {path: path.read_bytes() for path in (book / "exercises").rglob("*") if path.is_file()}
    assert after == before, "the learner's folder is never written to"
    assert left_in(environment) == []


def test_the_reference_passes(book: Path, environment: dict[str, str]) -> None:
    run = check(book, environment, "--no-load", "1", "--solution")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "score 100 of 100" in run.stdout
    assert not (book / ".workbook").exists()


def test_one_task_alone(book: Path, environment: dict[str, str]) -> None:
    run = check(book, environment, "chapter-1", "--solution", "--task", "1.2", "--format", "json")
    assert run.returncode == 0, run.stderr
    assert [task["id"] for task in json.loads(run.stdout)["tasks"]] == ["1.2"]


def test_an_empty_folder_is_one_clear_sentence(
    book: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    run = check(book, environment, "chapter-1", str(tmp_path / "empty"))
    assert run.returncode == 1, run.stderr
    assert "Traceback" not in run.stdout + run.stderr
    assert "app" in run.stdout + run.stderr


def test_two_grades_at_once_are_both_remembered(book: Path, environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "checker.cli", "1", "--no-load", "--task", "1.1", "--book", str(book)]
    both = [
        subprocess.Popen(
            command, cwd=book, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        for _ in range(2)
    ]
    for one in both:
        _, error = one.communicate(timeout=LIMIT_S)
        assert one.returncode == 1, error
    record = json.loads((book / ".workbook" / "progress.json").read_bytes())["chapters"]["chapter-01"]
    assert record["attempts"] == 2


# Windows has no signals to send to one process.
if sys.platform != "win32":

    @pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
    def test_a_grade_that_is_stopped_leaves_nothing(
        book: Path, environment: dict[str, str], number: int, code: int
    ) -> None:
        child = subprocess.Popen(
            [sys.executable, "-m", "checker.cli", "1", "--no-load", "--book", str(book)],
            cwd=book,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert child.stderr is not None
        while "copy of your folder" not in (line := child.stderr.readline()):
            assert line, "the grade ended before it began"
        time.sleep(0.3)
        child.send_signal(number)
        out, error = child.communicate(timeout=LIMIT_S)
        assert (child.returncode, out) == (code, ""), error
        assert error.endswith("Stopped; nothing is left running.\n")
        assert not (book / ".workbook" / "progress.json").exists()
        assert left_in(environment) == []
