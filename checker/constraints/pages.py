"""What a report may say of every rule, gathered from the constraints' files."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from checker.constraints.registry import all_constraints
from checker.constraints.rule import Constraint, Rule, RunningRule
from checker.models.service import RulePage


def rule_pages() -> tuple[RulePage, ...]:
    """A page for each named rule, in the order of the constraints."""
    return tuple(page for constraint in all_constraints() for page in _pages(constraint))


def _pages(constraint: Constraint) -> Iterator[RulePage]:
    rules: list[Rule | RunningRule] = [*constraint.rules, *constraint.running_rules]
    yield from (_page(rule, constraint) for rule in rules)


def _page(rule: Rule | RunningRule, constraint: Constraint) -> RulePage:
    return RulePage(
        name=rule.name,
        constraint=constraint.id,
        title=constraint.title,
        hard=constraint.hard,
        help=rule.help,
        docs=rule.docs,
        page=inspect.cleandoc(constraint.page),
    )
