"""Bodies whose signature is checked on one way through a function only: `if SECRET: construct_event(...)`, `else: json.loads(...)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from checker.constraints.flow import carriers, statements
from checker.constraints.raw import PARSERS
from checker.constraints.validation import (
    is_checked_by_hand,
    is_given,
    is_validated,
    looks_validating,
    names_given_to,
)
from checker.source import Call, Function, Project


def unsigned_parses(function: Function, project: Project) -> Iterator[Call]:
    """The calls that parse a body in one branch where the other checks its signature, with nothing that checks the result."""
    names = {
        one
        for call in function.calls
        if call.target == "fastapi.Request.body"
        for name in names_given_to(function, call.node)
        for one in carriers(function, name)
    }
    checks = [
        call.node for call in function.calls if looks_validating(call.node) and is_given(call.node, names)
    ]
    for call in function.calls if checks else ():
        if call.target not in PARSERS or not is_given(call.node, names) or call.node in checks:
            continue
        beside = [check for check in checks if _are_branches(function, call.node, check)]
        if len(beside) < len(checks) or _becomes_model(function, call, project):
            continue
        yield call


def _becomes_model(function: Function, call: Call, project: Project) -> bool:
    return is_validated(function, call.node, project) or is_checked_by_hand(function, call.node)


def _are_branches(function: Function, one: ast.expr, other: ast.expr) -> bool:
    """Whether two expressions stand on both sides of an `if`, so that only one of them runs."""
    return any(
        isinstance(statement, ast.If)
        and (
            (_stands_in(one, statement.body) and _stands_in(other, statement.orelse))
            or (_stands_in(other, statement.body) and _stands_in(one, statement.orelse))
        )
        for statement in statements(function)
    )


def _stands_in(node: ast.expr, body: list[ast.stmt]) -> bool:
    return bool(body) and body[0].lineno <= node.lineno <= (body[-1].end_lineno or 0)
