"""What the sources say and what the running app shows come together as one finding, in a whole grade."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from checker.book import Chapter, Grades
from checker.grade import GradeOptions, grade
from checker.models.events import Stage
from checker.models.report import ConstraintOutcome, ConstraintResult, Evidence, Report

GREET = "async def greet(name: Annotated[str, Path(max_length=20)], door: TheDoor) -> Greeting:\n"


@pytest.fixture
def judge_by(chapter: Chapter) -> Callable[..., Report]:
    """Grades a folder by the hidden suite and the constraints that a test names."""

    def run(folder: Path, *constraints: str) -> Report:
        file = msgspec.structs.replace(chapter.file, grades=Grades(constraints=constraints, metrics=()))
        parts = frozenset({Stage.SUITE, Stage.CONSTRAINTS})
        return grade(
            dataclasses.replace(chapter, file=file),
            folder,
            GradeOptions(parts=parts, advice=False),
            lambda event: None,
        )

    return run


@pytest.fixture
def main_with(submit: Callable[..., Path], chapter: Chapter) -> Callable[[str, str], Path]:
    """The reference, with one piece of `app/main.py` replaced."""

    def make(old: str, new: str) -> Path:
        source = (chapter.solution / "app" / "main.py").read_text(encoding="utf-8")
        assert source.count(old) == 1
        return submit({"app/main.py": source.replace(old, new)})

    return make


def only(report: Report, constraint: str) -> ConstraintResult:
    (found,) = [one for one in report.constraints if one.id == constraint]
    return found


def test_a_blocking_call_is_one_finding_seen_from_both_sides(
    main_with: Callable[[str, str], Path], judge_by: Callable[..., Report]
) -> None:
    source = "import time\n\nfrom fastapi import Depends"
    folder = main_with("from fastapi import Depends", source)
    path = folder / "app" / "main.py"
    path.write_text(
        path.read_text(encoding="utf-8").replace(
            '    """Greet one visitor."""\n', '    """Greet one visitor."""\n    time.sleep(0.2)\n'
        ),
        encoding="utf-8",
    )
    report = judge_by(folder, "H3")
    result = only(report, "H3")
    assert all(task.outcome == "passed" for task in report.tasks)
    assert (result.outcome, report.passed) == (ConstraintOutcome.FAILED, False)
    (finding,) = result.findings
    assert finding.evidence is Evidence.BOTH
    assert (finding.path, finding.rule) == ("app/main.py", "blocking-sleep-in-async")
    line = path.read_text(encoding="utf-8").splitlines()[(finding.line or 0) - 1]
    assert "time.sleep" in line


def test_computation_that_no_rule_can_name_is_seen_in_the_running_app(
    main_with: Callable[[str, str], Path], judge_by: Callable[..., Report]
) -> None:
    folder = main_with(
        '    """Greet one visitor."""\n',
        '    """Greet one visitor."""\n    total = 0\n    for number in range(9_000_000):\n        total += number\n',
    )
    result = only(judge_by(folder, "H3"), "H3")
    assert result.outcome is ConstraintOutcome.FAILED
    assert {finding.evidence for finding in result.findings} == {Evidence.RUNTIME}
    assert {finding.path for finding in result.findings} == {"app/main.py"}


BLIND = """
import gc
import types

for one in (gc.unfreeze() or gc.get_objects()):
    if isinstance(one, type) and one.__name__ == "LoopWatch":
        one._run = lambda *_: None
    if isinstance(one, types.ModuleType) and one.__name__ == "checker.app_under_test.probe":
        one.intercept_blocking_calls = lambda *_: None

from fastapi import Depends"""


def test_a_handler_that_holds_the_loop_is_named_also_where_the_watch_inside_was_switched_off(
    main_with: Callable[[str, str], Path], judge_by: Callable[..., Report]
) -> None:
    folder = main_with("from fastapi import Depends", BLIND)
    path = folder / "app" / "main.py"
    text = path.read_text(encoding="utf-8").replace(
        '    """Greet one visitor."""\n',
        '    """Greet one visitor."""\n    total = 0\n    for number in range(20_000_000):\n        total += number\n',
    )
    path.write_text(text, encoding="utf-8")
    result = only(judge_by(folder, "H3"), "H3")
    assert result.outcome is ConstraintOutcome.FAILED
    (finding,) = [one for one in result.findings if one.evidence is Evidence.RUNTIME]
    line = path.read_text(encoding="utf-8").splitlines()[(finding.line or 0) - 1]
    assert "@app.get" in line or "def " in line


def test_the_reference_blocks_nothing(chapter: Chapter, judge_by: Callable[..., Report]) -> None:
    report = judge_by(chapter.solution, "H1", "H3", "S5")
    assert [one.outcome for one in report.constraints] == [ConstraintOutcome.PASSED] * 3
    assert report.passed


@pytest.mark.parametrize(
    ("comment", "outcome"),
    [
        ("", ConstraintOutcome.FAILED),
        ("  # check: flex S5", ConstraintOutcome.FAILED),
        ("  # check: flex S5 -- our FastAPI is too old for it", ConstraintOutcome.FLEXED),
    ],
    ids=["no flex", "no reason", "a reason"],
)
def test_a_soft_constraint_gives_way_to_a_written_reason(
    main_with: Callable[[str, str], Path],
    judge_by: Callable[..., Report],
    comment: str,
    outcome: ConstraintOutcome,
) -> None:
    old = GREET
    new = (
        "async def greet(  # noqa\n"
        "    name: Annotated[str, Path(max_length=20)],\n"
        f"    door: Door = Depends(get_door),{comment}\n"
        ") -> Greeting:\n"
    )
    report = judge_by(main_with(old, new), "S5")
    assert only(report, "S5").outcome is outcome
    assert report.passed, "a soft constraint costs points, not the chapter"
    assert (report.score == 100) is (outcome is ConstraintOutcome.FLEXED)
