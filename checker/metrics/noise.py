"""Changes a file of an app: so that it looks different and does the same, or so that it does nothing."""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator


def add_noise(source: bytes, rng: random.Random) -> bytes:
    """The file with some comments and some variables that nobody reads; as it is where Python cannot read it.

    Whoever compares texts or syntax trees finds no two alike, the right app's own no more than a broken one's.
    """
    try:
        # As Python counts lines, which `splitlines` does not.
        lines = source.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        for row, indent in sorted(set(_places(ast.parse("\n".join(lines)), lines)), reverse=True):
            name = f"_{rng.getrandbits(32):08x}"
            what = rng.choice((f"# {name}", f"{name} = {rng.randrange(1000)}", ""))
            if what:
                lines.insert(row - 1, indent + what)
        lines += [f"# _{rng.getrandbits(32):08x}", ""]
        changed = "\n".join(lines)
        ast.parse(changed)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return source
    return changed.encode()


def hollow(source: bytes) -> bytes:
    """The file with every function's body gone; as it is where Python cannot read it."""
    try:
        tree = ast.parse(source)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                node.body = [ast.Pass()]
        return ast.unparse(tree).encode()
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return source


def _places(tree: ast.Module, lines: list[str]) -> Iterator[tuple[int, str]]:
    """Where a statement may be put in: before the first one of a function, behind its docstring."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
        if not body:
            continue
        first = body[0]
        decorators = getattr(first, "decorator_list", [])
        row = min([first.lineno, *(one.lineno for one in decorators)])
        before = lines[row - 1][: len(lines[row - 1]) - len(lines[row - 1].lstrip())]
        starts_its_line = (row > node.lineno and not lines[row - 2].endswith("\\")) and (
            bool(decorators) or len(before) == first.col_offset
        )
        # A line that begins inside a string or brackets of an earlier one is no place for a statement.
        if starts_its_line and (len(body) == len(node.body) or row > (node.body[0].end_lineno or row)):
            yield row, before
