"""What holds for all constraints together: ids, names, pages, and no crash on code that nobody here wrote."""

from __future__ import annotations

import re
from importlib.metadata import packages_distributions, requires
from importlib.util import find_spec
from pathlib import Path

import pytest

from checker.constraints import Constraint, all_constraints, find_constraint, judge_constraints
from checker.models.report import ConstraintOutcome
from checker.source import read_project

HARD_HEADINGS = ["What it asks", "Why it matters", "Example", "Use instead", "Known limits"]
SOFT_HEADINGS = [*HARD_HEADINGS[:-1], "When it may be flexed", HARD_HEADINGS[-1]]
EVERY = pytest.mark.parametrize("constraint", all_constraints(), ids=lambda c: c.id)


def test_the_constraints_of_the_first_chapters_are_there() -> None:
    ids = [c.id for c in all_constraints()]
    assert {"H1", "H2", "H3", "H4", "H5", "H6", "H7", "H8", "H9", "S1", "S2", "S3", "S4", "S5"} <= set(ids)
    assert ids == sorted(ids), "hard ones first, each group by number"
    assert len(ids) == len(set(ids))


def test_rule_names_are_unique_and_state_the_bad_pattern() -> None:
    names = [rule.name for c in all_constraints() for rule in c.rules]
    names += [rule.name for c in all_constraints() for rule in c.running_rules]
    assert len(names) == len(set(names))
    for name in names:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", name)
        assert not name.startswith(("prefer-", "no-", "use-", "avoid-"))


@EVERY
def test_the_page_has_the_fixed_headings_in_order(constraint: Constraint) -> None:
    headings = re.findall(r"^## (.+)$", constraint.page, re.MULTILINE)
    assert headings == (HARD_HEADINGS if constraint.hard else SOFT_HEADINGS)
    assert constraint.page.count("```python") == 2, "one example, and what to write instead"


@EVERY
def test_hardness_follows_the_id_and_docs_lead_to_fastapi(constraint: Constraint) -> None:
    assert constraint.hard == constraint.id.startswith("H")
    assert len(constraint.rules) >= 1
    links = [constraint.docs, *(rule.docs for rule in constraint.rules)]
    assert all(link.startswith("https://fastapi.tiangolo.com/") for link in links)


@EVERY
def test_each_rule_says_what_to_do(constraint: Constraint) -> None:
    assert all(rule.help.endswith(".") for rule in constraint.rules)


@EVERY
def test_confirmed_rules_exist(constraint: Constraint) -> None:
    names = {rule.name for rule in constraint.rules}
    for running in constraint.running_rules:
        assert set(running.confirms) <= names


def test_a_constraint_is_found_by_its_id_in_any_case() -> None:
    found = find_constraint("h3")
    assert found is not None
    assert found.id == "H3"
    assert find_constraint("H99") is None


def installed_packages() -> dict[str, Path]:
    """The packages of everything that this project depends on, its tests included, with their folders."""
    wanted = {
        re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0].lower()
        for line in requires("fastapi-workbook") or ()
    }
    names = {
        name for name, owners in packages_distributions().items() if wanted & {o.lower() for o in owners}
    }
    specs = {
        name: find_spec(name) for name in sorted(names) if name.isidentifier() and not name.startswith("_")
    }
    return {
        name: Path(spec.origin).parent
        for name, spec in specs.items()
        if spec is not None and spec.origin is not None and spec.origin.endswith("__init__.py")
    }


INSTALLED = installed_packages()


def test_the_installed_packages_are_found() -> None:
    assert {"fastapi", "sqlalchemy", "hypothesis", "selenium"} <= set(INSTALLED)


@pytest.mark.parametrize("package", INSTALLED)
def test_no_rule_crashes_on_an_installed_package(package: str) -> None:
    project = read_project(INSTALLED[package])
    assert project.modules

    results = judge_constraints(project, None, graded=())

    assert [r.id for r in results if r.outcome is ConstraintOutcome.ERROR] == []
    assert not any(r.graded for r in results)


def test_an_empty_folder_violates_nothing(tmp_path: Path) -> None:
    results = judge_constraints(read_project(tmp_path), None, graded={"H1"})
    assert {r.outcome for r in results} == {ConstraintOutcome.NOT_APPLICABLE}
