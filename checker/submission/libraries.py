"""Which libraries code imports, read from its text."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path


def imported_libraries(folder: Path) -> tuple[str, ...]:
    """The modules of other packages that the code in `folder` imports, wherever it does, sorted; files that nobody can read import nothing."""
    own = {*sys.stdlib_module_names, folder.name}
    found: set[str] = set()
    for path in sorted(folder.rglob("*")):
        if path.suffix != ".py":
            if path.is_dir():
                own.add(path.name)
            continue
        own.add(path.stem)
        try:
            tree = ast.parse(path.read_bytes())
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        found.update(_imported(tree))
    return tuple(sorted(name for name in found if name.partition(".")[0] not in own))


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
