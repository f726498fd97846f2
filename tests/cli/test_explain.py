"""`check explain`: every id that a report or a chapter mentions leads to words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checker.cli.explain import page_lines
from checker.constraints import all_constraints

Check = Callable[..., Any]
RULES = [rule.name for constraint in all_constraints() for rule in constraint.rules[:1]]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("H3", "H3: "),
        ("h3", "Hard: a violation fails the chapter."),
        ("S7", "It may be flexed for"),
        ("M1", "ruff check --isolated ."),
        ("m4", "below 100 ms"),
        ("2.1.5", "chapter-1, task 1.2: Remember visitors"),
        ("2.4.1", "planned for chapter 4"),
        ("1.2", "Task 1.2: Remember visitors"),
        ("1.2-unknown", "Task 1.2: Remember visitors"),
        ("`1.1`", "Task 1.1: Greet by name"),
    ],
)
def test_every_kind_of_id_is_explained(workspace: Path, check: Check, name: str, words: str) -> None:
    run = check("explain", name)
    assert (run.code, run.err) == (0, "")
    assert words in run.out


@pytest.mark.parametrize("constraint", all_constraints(), ids=lambda constraint: constraint.id)
def test_every_constraint_has_its_page(workspace: Path, check: Check, constraint: Any) -> None:
    run = check("explain", constraint.id)
    assert run.code == 0
    assert all(rule.name in " ".join(run.out.split()) for rule in constraint.rules)
    assert constraint.docs in run.out
    assert "##" not in run.out


@pytest.mark.parametrize("name", RULES)
def test_a_rule_leads_to_its_constraint(workspace: Path, check: Check, name: str) -> None:
    run = check("explain", name)
    assert run.code == 0
    assert run.out.startswith(name)
    assert "check explain " in run.out


@pytest.mark.parametrize(("name", "meant"), [("H33", "`H3`"), ("2.1.55", "`2.1.5`"), ("M11", "`M1`")])
def test_a_name_of_nothing_offers_a_close_one(workspace: Path, check: Check, name: str, meant: str) -> None:
    run = check("explain", name)
    assert (run.code, run.out) == (2, "")
    assert f"There is nothing called `{name}`" in run.err
    assert meant in run.err


def test_a_page_is_wrapped_but_its_code_is_not() -> None:
    code = "value = " + "x" * 90
    page = f"# Title\n\n{'word ' * 40}\n\n- {'item ' * 30}\n- two\n\n```python\n{code}\n\n    more\n```\n\n| a | b |"
    lines = [line for text in page_lines(page) for line in text.splitlines() or [""]]
    assert lines[0] == "Title"
    assert f"    {code}" in lines
    assert "        more" in lines
    assert "| a | b |" in lines
    assert "- two" in lines
    assert max(len(line) for line in lines if "xxx" not in line) <= 80
