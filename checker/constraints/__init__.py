"""Seventeen constraints, one file each; a new one is a new file and its case files."""

from checker.constraints.judge import findings_of, judge_constraints
from checker.constraints.pages import rule_pages
from checker.constraints.registry import all_constraints, find_constraint
from checker.constraints.rule import Constraint, Context, Hit, Rule, RunningRule

__all__ = [
    "Constraint",
    "Context",
    "Hit",
    "Rule",
    "RunningRule",
    "all_constraints",
    "find_constraint",
    "findings_of",
    "judge_constraints",
    "rule_pages",
]
