"""Flexing: `# check: flex S7 -- the list has at most 12 entries`, beside the finding or right above it."""

from __future__ import annotations

from checker.constraints.rule import Hit
from checker.source import Module, Project
from checker.source.model import FlexComment


def flex_for(constraint: str, hit: Hit, project: Project) -> FlexComment | None:
    """The flex comment that speaks of this hit; one with a reason is preferred."""
    module = project.module_at(hit.path) if hit.path is not None else None
    if module is None or hit.line is None or not module.flexes:
        return None
    lines = {hit.line, hit.first_line or hit.line}
    for line in tuple(lines):
        lines |= _comment_lines_above(module, line)
    found = [flex for flex in module.flexes if flex.constraint == constraint and flex.line in lines]
    return next((flex for flex in found if flex.reason), found[0] if found else None)


def _comment_lines_above(module: Module, line: int) -> set[int]:
    """Lines directly above that hold nothing but a comment."""
    found: set[int] = set()
    above = line - 1
    while above >= 1 and module.lines[above - 1].lstrip().startswith("#"):
        found.add(above)
        above -= 1
    return found
