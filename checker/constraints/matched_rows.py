"""Texts from the client that are set against a stored row before anything is made of them, and refused where there is none."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator

from checker.constraints.flow import last_name, mentions, own_expressions, parameter_for, statements
from checker.source import Function

_BY_COLUMN = frozenset({"filter_by", "find_one", "get_or_404", "get_or_none"})
_FURTHEST = 2


def matched_from(function: Function, names: set[str]) -> float:
    """The line from which a text is known to stand in a row: `tool = find(name)`, and `if not tool: raise` below it."""
    settled = math.inf
    for statement in statements(function):
        if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or statement.value is None:
            continue
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        rows = {target.id for target in targets if isinstance(target, ast.Name)}
        if rows and not rows & names and _looks_up(function, statement, names):
            settled = min(settled, _refused_at(function, rows, statement.lineno))
    return settled


def _refused_at(function: Function, rows: set[str], after: int) -> float:
    """The line of `if not row: raise`, `if row is None: return`."""
    for statement in statements(function):
        if (
            isinstance(statement, ast.If)
            and statement.lineno > after
            and any(_asks_for_none(part, rows) for part in _alternatives(statement.test))
            and isinstance(statement.body[-1], (ast.Raise, ast.Return))
        ):
            return statement.lineno
    return math.inf


def _alternatives(test: ast.expr) -> list[ast.expr]:
    is_or = isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or)
    return list(test.values) if is_or and isinstance(test, ast.BoolOp) else [test]


def _asks_for_none(test: ast.expr, rows: set[str]) -> bool:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return isinstance(test.operand, ast.Name) and test.operand.id in rows
    return (
        isinstance(test, ast.Compare)
        and isinstance(test.ops[0], ast.Is)
        and isinstance(test.left, ast.Name)
        and test.left.id in rows
    )


def _looks_up(function: Function, statement: ast.stmt, names: set[str], depth: int = 0) -> bool:
    """Whether a statement sets one of the names against a column, or calls a function of the project that does."""
    if any(_equals_column(node, names) for part in own_expressions(statement) for node in ast.walk(part)):
        return True
    inside = {id(node) for part in own_expressions(statement) for node in ast.walk(part)}
    for call in function.calls if depth < _FURTHEST else ():
        callee = call.callee
        if id(call.node) not in inside or callee is None or callee.is_abstract:
            continue
        for argument in [*call.node.args, *(k.value for k in call.node.keywords)]:
            named = isinstance(argument, ast.Name) and argument.id in names
            parameter = parameter_for(argument, call, callee) if named else ""
            if parameter and any(_looks_up(callee, s, {parameter}, depth + 1) for s in statements(callee)):
                return True
    return False


def _equals_column(node: ast.AST, names: set[str]) -> bool:
    """`Tool.name == name`, `filter_by(name=name)`."""
    if isinstance(node, ast.Call) and last_name(node) in _BY_COLUMN:
        return any(k.arg is not None and mentions(k.value, names) for k in node.keywords)
    if not isinstance(node, ast.Compare) or len(node.ops) != 1 or not isinstance(node.ops[0], ast.Eq):
        return False
    return any(
        isinstance(column, ast.Attribute) and isinstance(value, ast.Name) and value.id in names
        for column, value in _both_ways(node)
    )


def _both_ways(node: ast.Compare) -> Iterator[tuple[ast.expr, ast.expr]]:
    yield node.left, node.comparators[0]
    yield node.comparators[0], node.left
