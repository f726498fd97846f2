"""The benchmarks measure what they say; no test here looks at a clock."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MINI_BOOK = ROOT / "tests" / "book"


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=os.environ | {"COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("name", ["verdict", "memory", "flips", "in_process"])
def test_each_benchmark_says_what_it_measures(name: str) -> None:
    finished = run(f"benchmarks.{name}", "--help")
    assert finished.returncode == 0, finished.stderr
    assert "--book" in finished.stdout
    assert "usage:" in finished.stdout


@pytest.mark.parametrize("name", ["peers", "growth", "labels"])
def test_each_benchmark_of_the_constraints_says_what_it_measures(name: str) -> None:
    finished = run(f"benchmarks.{name}", "--help")
    assert finished.returncode == 0, finished.stderr
    assert "usage:" in finished.stdout


def test_the_suite_in_process_judges_as_the_checker_does() -> None:
    name = "chapter-01-greeting"
    reference = run("benchmarks.in_process", "1", "--book", str(MINI_BOOK))
    assert json.loads(reference.stdout)["not_passed"] == {}, reference.stderr
    assert json.loads(reference.stdout)["passed"] == 5
    starter = run("benchmarks.in_process", "1", str(MINI_BOOK / "exercises" / name), "--book", str(MINI_BOOK))
    assert starter.returncode == 1
    assert set(json.loads(starter.stdout)["not_passed"]) >= {"1.1-by-name", "1.1-long-name", "1.2-created"}


def test_a_verdict_is_what_a_learner_would_notice() -> None:
    sys.path.insert(0, str(ROOT))
    try:
        from benchmarks.flips import verdict_of
    finally:
        sys.path.remove(str(ROOT))
    report = {
        "passed": True,
        "score": 100.0,
        "duration_s": 3.2,
        "faults": [],
        "tasks": [{"checks": [{"id": "4.1-a", "outcome": "passed", "duration_s": 0.1}]}],
        "constraints": [
            {"id": "H1", "outcome": "passed"},
            {"id": "H9", "outcome": "failed", "graded": False},
        ],
        "metrics": [{"id": "M4", "outcome": "inconclusive", "graded": True, "value": 40.0}],
    }
    usual = verdict_of(report)
    assert usual == ("passed True", "score 100", "4.1-a passed", "H1 passed", "M4 passed")
    assert verdict_of({**report, "duration_s": 9.9}) == usual
    assert verdict_of({**report, "score": 90.0}) != usual
