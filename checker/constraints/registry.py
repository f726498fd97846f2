"""All constraints, found by walking this package: a constraint is a file named `h1_...` or `s1_...`."""

from __future__ import annotations

import importlib
import pkgutil
import re
from functools import cache
from pathlib import Path

from checker.constraints.rule import Constraint
from checker.errors import CheckerError

_FILE = re.compile(r"^[hs]\d+_")


@cache
def all_constraints() -> tuple[Constraint, ...]:
    """Every constraint in the order of the specification: hard ones first, then by number."""
    found: list[Constraint] = []
    package = __name__.rpartition(".")[0]
    for info in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if not _FILE.match(info.name):
            continue
        module = importlib.import_module(f"{package}.{info.name}")
        constraint = getattr(module, "CONSTRAINT", None)
        if not isinstance(constraint, Constraint):
            raise CheckerError(
                f"`checker/constraints/{info.name}.py` defines no `CONSTRAINT`. Add one, or rename it."
            )
        found.append(constraint)
    found.sort(key=lambda c: (not c.hard, int(c.id[1:])))
    return tuple(found)


def find_constraint(constraint_id: str) -> Constraint | None:
    """The constraint of that id, in any case; None where there is none."""
    return next((c for c in all_constraints() if c.id == constraint_id.upper()), None)
