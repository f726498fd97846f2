"""Which rules a run judges: `--select H3,S5 --ignore print-for-logging` as sets of names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from checker.constraints import Constraint, all_constraints
from checker.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The constraints to judge and, of those, the rules that may speak."""

    constraints: frozenset[str]
    rules: frozenset[str]


def select(selected: Sequence[str], ignored: Sequence[str]) -> Selection:
    """The selection that these names make; an empty `selected` means everything, and `ignored` wins.

    A name is a constraint (`H3`), all hard or all soft ones (`H`, `S`), or a rule. Raises `UsageError` for a name
    that is none of these, and where nothing is left.
    """
    constraints = all_constraints()
    wanted = _rules(selected, constraints, "--select") if selected else set(_all_rules(constraints))
    wanted -= _rules(ignored, constraints, "--ignore")
    if not wanted:
        raise UsageError("`--select` and `--ignore` leave nothing to judge; take a name out of `--ignore`.")
    return Selection(
        constraints=frozenset(one.id for one in constraints if wanted.intersection(rule_names(one))),
        rules=frozenset(wanted),
    )


def rule_names(constraint: Constraint) -> Iterator[str]:
    """The names of a constraint's rules, those on the running app among them."""
    yield from (rule.name for rule in constraint.rules)
    yield from (rule.name for rule in constraint.running_rules)


def _all_rules(constraints: Iterable[Constraint]) -> Iterator[str]:
    for constraint in constraints:
        yield from rule_names(constraint)


def _rules(names: Sequence[str], constraints: Sequence[Constraint], option: str) -> set[str]:
    found: set[str] = set()
    for name in names:
        meant = [one for one in constraints if name.upper() in (one.id, one.id[0])]
        if meant:
            found.update(_all_rules(meant))
        elif name.lower() in set(_all_rules(constraints)):
            found.add(name.lower())
        else:
            raise UsageError(_unknown(name, constraints, option))
    return found


def _unknown(name: str, constraints: Sequence[Constraint], option: str) -> str:
    known = [*(one.id for one in constraints), *_all_rules(constraints)]
    close = get_close_matches(name.lower(), known, n=2, cutoff=0.55) or get_close_matches(
        name.upper(), known, n=2, cutoff=0.45
    )
    hint = f"; did you mean {' or '.join(f'`{one}`' for one in dict.fromkeys(close))}?" if close else "."
    ids = ", ".join(one.id for one in constraints)
    return f"`{option}` names `{name}`, which is no constraint and no rule{hint} Constraints are {ids}; `H` and `S` are all hard and all soft ones."
