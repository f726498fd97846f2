"""A suite and an app written on the spot, and the judge that brings them together."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from checker.book import Limits
from checker.suite.messages import JudgeRequest, JudgeStart
from checker.suite.run import Judge, SuiteRun

LIMITS = Limits(start_s=6.0, answer_s=3.0, run_s=40.0, cpu_s=20, memory_mb=1024, output_mb=2)

HEADER = """
from random import Random
from checker.suite import *
from checker.models.facts import AppFacts

"""

RunSuite = Callable[..., SuiteRun]


@pytest.fixture
def run_suite(tmp_path: Path) -> RunSuite:
    """`run_suite(app_source, suite_source)`: what the judge says of them."""

    def run(app: str, suite: str, **request: object) -> SuiteRun:
        folder, suites, box = tmp_path / "folder", tmp_path / "suites", tmp_path / "box"
        (folder / "app").mkdir(parents=True)
        suites.mkdir()
        box.mkdir()
        (folder / "app" / "__init__.py").touch()
        (folder / "app" / "main.py").write_text(textwrap.dedent(app), encoding="utf-8")
        (suites / "test_1_1_it.py").write_text(HEADER + textwrap.dedent(suite), encoding="utf-8")
        given = {
            "suite": str(suites),
            "files": (str(suites / "test_1_1_it.py"),),
            "folder": str(folder),
            "target": "app.main:app",
            "env": {},
            "limits": LIMITS,
            "box": str(box),
        }
        asked = {"seed": 7} | {name: request.pop(name) for name in ("first", "stop_early") if name in request}
        with Judge(JudgeRequest(**{**given, **request})) as judge:  # type: ignore[arg-type]  # a test overrides what it needs
            return judge.run(
                JudgeStart(**asked),  # type: ignore[arg-type]
                say_check=lambda file, check: None,
                say_facts=lambda facts: None,
                say_fault=lambda fault: None,
            )

    return run
