"""`@check`: the authored side of a hidden test, and how the set of checks is read without running it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from checker.errors import BookError

_Test = TypeVar("_Test", bound=Callable[..., Any])
_ATTRIBUTE = "__check__"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSpec:
    """What an author wrote above a hidden test."""

    id: str
    claim: str
    say: str
    docs: str | None = None
    lesson: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredCheck:
    """A check as it stands in a suite's file: its id, its claim, and the test function that must run."""

    id: str
    claim: str
    function: str


def check(
    id: str,
    claim: str,
    *,
    say: str,
    docs: str | None = None,
    lesson: str | None = None,
) -> Callable[[_Test], _Test]:
    """Mark a test function as one check; see docs/authors/suites.md for what each text is for."""
    spec = CheckSpec(id=id, claim=claim, say=say, docs=docs, lesson=lesson)

    def mark(test: _Test) -> _Test:
        setattr(test, _ATTRIBUTE, spec)
        return test

    return mark


def spec_of(test: object) -> CheckSpec | None:
    """The `CheckSpec` of a test function, or None where it has no `@check`."""
    found = getattr(test, _ATTRIBUTE, None)
    return found if isinstance(found, CheckSpec) else None


def declared_checks(path: Path) -> tuple[DeclaredCheck, ...]:
    """Read the checks that a suite's file declares, without importing it.

    Raises `BookError` where the file is missing, cannot be parsed, or holds a test without a literal `@check`.
    """
    try:
        tree = ast.parse(path.read_bytes(), filename=str(path))
    except OSError as error:
        raise BookError(f"The hidden suite `{path}` cannot be read: {error.strerror}.") from error
    except (SyntaxError, ValueError) as error:
        raise BookError(f"The hidden suite `{path}` cannot be parsed: {error}.") from error
    found: list[DeclaredCheck] = []
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or not node.name.startswith("test_"):
            continue
        texts = _literal_check(node)
        if texts is None:
            raise BookError(
                f'`{path}`, line {node.lineno}: `{node.name}` has no `@check("id", "claim", say=...)` with '
                "literal texts; every hidden test is one check."
            )
        found.append(DeclaredCheck(id=texts[0], claim=texts[1], function=node.name))
    return tuple(found)


def _literal_check(node: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[str, str] | None:
    for decorator in node.decorator_list:
        if not (isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name)):
            continue
        if decorator.func.id != "check" or len(decorator.args) != 2:
            continue
        try:
            check_id, claim = (ast.literal_eval(argument) for argument in decorator.args)
        except ValueError:
            return None
        if isinstance(check_id, str) and isinstance(claim, str):
            return check_id, claim
    return None
