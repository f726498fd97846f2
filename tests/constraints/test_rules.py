"""Each rule against its case file: exactly the marked lines are reported, everything else stays silent."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from checker.constraints import all_constraints, findings_of, judge_constraints
from checker.source import read_project

CASES = Path(__file__).parent / "cases"
EXPECT = re.compile(r"# expect: ([a-z0-9-]+)")
RULES = {rule.name: constraint.id for constraint in all_constraints() for rule in constraint.rules}


def case_of(rule: str) -> Path:
    """A file, or a folder where the case needs several modules."""
    folder = CASES / rule
    return folder if folder.is_dir() else CASES / f"{rule}.py"


def sources(case: Path) -> Iterator[tuple[str, str]]:
    """Relative path and text of every file of a case."""
    for file in sorted(case.rglob("*.py")) if case.is_dir() else [case]:
        yield (
            (file.relative_to(case).as_posix() if case.is_dir() else file.name),
            file.read_text(encoding="utf-8"),
        )


def marked(case: Path, rule: str) -> list[tuple[str, int]]:
    return [
        (path, number)
        for path, text in sources(case)
        for number, line in enumerate(text.splitlines(), start=1)
        for name in EXPECT.findall(line)
        if name == rule
    ]


@pytest.mark.parametrize("rule", sorted(RULES))
def test_exactly_the_marked_lines_are_reported(rule: str, tmp_path: Path) -> None:
    case = case_of(rule)
    # Away from `tests/`, where everything would count as a test of a service.
    if case.is_dir():
        shutil.copytree(case, tmp_path, dirs_exist_ok=True)
    else:
        shutil.copy(case, tmp_path / case.name)
    project = read_project(tmp_path)
    assert project.unreadable == ()

    results = judge_constraints(project, None, graded={RULES[rule]}, only={RULES[rule]})

    assert [r.detail for r in results] == [""]
    found = [(f.path, f.line) for f in findings_of(results) if f.rule == rule]
    assert found == marked(case, rule)


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_rule_has_lines_to_find_and_lookalikes_that_stay_silent(rule: str) -> None:
    case = case_of(rule)
    assert case.exists(), f"no case file for {rule}"
    texts = [text for _, text in sources(case)]
    assert marked(case, rule), "nothing to find"
    assert any("# silent" in text for text in texts), "no look-alike is marked `# silent`"


def test_every_case_belongs_to_a_rule() -> None:
    assert {p.stem for p in CASES.iterdir() if p.name != "__pycache__"} == set(RULES)


def test_marks_name_rules_that_exist() -> None:
    for rule in RULES:
        for _, text in sources(case_of(rule)):
            assert set(EXPECT.findall(text)) <= set(RULES)
