"""The house's own rules: imports point one way, and asking for help costs nothing heavy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_imports_point_one_way() -> None:
    finished = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr


@pytest.mark.parametrize(
    "heavy", ["fastapi", "pytest", "pydantic", "mypy", "coverage", "httpx2", "sqlalchemy"]
)
def test_the_command_starts_without_what_only_a_grade_needs(heavy: str) -> None:
    code = f"import sys, checker.cli; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0


def test_no_path_of_a_machine_stands_in_a_file() -> None:
    names = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    ).stdout.split("\n")
    found = [
        name
        for name in names
        if name and (ROOT / name).is_file()
        for text in (b"/" + b"home/", b"/" + b"root/", b"C:" + b"\\Users\\")
        if text in (ROOT / name).read_bytes()
    ]
    assert found == []
