"""Whether one value of the raw request is looked at: compared, converted where a failure is caught, matched against known words."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from checker.constraints.flow import is_caught, is_checked, last_name, mentions, own_expressions, statements
from checker.constraints.validation import (
    checks_by_hand,
    fields_taken,
    helpers_given,
    holds,
    is_given,
    is_only_read_in,
    names_given_to,
    names_in,
)
from checker.source import Function

_CONVERTERS = frozenset({"int", "float", "Decimal", "UUID", "ObjectId", "fromisoformat", "strptime", "loads"})
_REPEATS = frozenset({
    "urlencode", "urlunparse", "urlunsplit", "quote", "quote_plus", "include_query_params", "replace_query_params", "URL", "replace",
    "RedirectResponse", "debug", "info", "warning", "error", "exception", "critical", "log", "bind", "print",
})  # fmt: skip
"""Calls that only say a value again: links and the log."""


def is_looked_at(function: Function, read: ast.expr) -> bool:
    """Whether one value from the raw request is tested, converted where a failure is caught, or only said again in links and logs.

    A copy of all parameters is no value.
    """
    if isinstance(read, ast.Call) and last_name(read) == "dict":
        return False
    names = names_given_to(function, read)
    parsed = _parsed_from(function, read)
    if parsed and fields_taken(function, parsed):
        return checks_by_hand(function, parsed)
    if names and (
        is_checked(function, names, lookups=False, permissions=False) or _only_repeated(function, names)
    ):
        return True
    if any(
        _looks_at_parts(helper, got) for call in function.calls for helper, got in helpers_given(call, names)
    ):
        return True
    for statement in statements(function):
        if isinstance(statement, (ast.If, ast.While)) and _is_condition(statement.test, read):
            return True
        for expression in own_expressions(statement):
            for node in ast.walk(expression):
                if isinstance(node, ast.Compare) and holds(node, read):
                    return True
                if isinstance(node, ast.IfExp) and _is_condition(node.test, read):
                    return True
                if isinstance(node, ast.Call) and node is not read and holds(node, read):
                    if last_name(node) in _REPEATS or _decides(node):
                        return True
                    if _converts(node) and is_caught(function, node):
                        return True
    return any(
        _converts(call.node) and is_given(call.node, names) and is_caught(function, call.node)
        for call in function.calls
    )


def _parsed_from(function: Function, read: ast.expr) -> set[str]:
    """The name of what `json.loads(request.query_params["state"])` gives: that it is JSON says nothing of what is in it."""
    return {
        name
        for call in function.calls
        if last_name(call.node) == "loads" and any(inner is read for inner in call.node.args)
        for name in names_given_to(function, call.node)
    }


def _looks_at_parts(helper: Function, names: set[str]) -> bool:
    """A helper that lets only known words through: `for one in text.split(","): if one in allowed`."""
    parts = set(names)
    for statement in statements(helper):
        value = getattr(statement, "iter", None) or getattr(statement, "value", None)
        if isinstance(value, ast.expr) and mentions(value, parts):
            targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
            parts |= names_in([t for t in targets if t is not None])
        for test in _filters(statement):
            among = isinstance(test, ast.Compare) and isinstance(test.ops[0], (ast.In, ast.NotIn))
            if isinstance(test, ast.Compare) and among and mentions(test.left, parts):
                return True
    return False


def _filters(statement: ast.stmt) -> Iterator[ast.AST]:
    """The comparisons that a statement decides by, those of its comprehensions too."""
    for part in own_expressions(statement):
        for node in ast.walk(part):
            if isinstance(node, ast.comprehension):
                yield from (inner for test in node.ifs for inner in ast.walk(test))
        if isinstance(statement, ast.If):
            yield from ast.walk(part)


def _is_condition(test: ast.expr, read: ast.expr) -> bool:
    """`if request.query_params.get("debug"):` asks whether it is there; no value goes anywhere."""
    if isinstance(test, ast.BoolOp):
        return any(_is_condition(part, read) for part in test.values)
    if isinstance(test, ast.UnaryOp):
        return _is_condition(test.operand, read)
    return test is read


def _decides(call: ast.Call) -> bool:
    """`to_bool(request.query_params.get("all", ""))`, `parse_tags(...)`: a helper that makes a checked value of any text."""
    name = last_name(call).lower().strip("_")
    return "bool" in name or name.startswith(("parse", "is_", "safe_", "sanitize", "sanitise"))


def _converts(call: ast.Call) -> bool:
    name = last_name(call)
    return name in _CONVERTERS or name.strip("_").startswith("parse") or name[:1].isupper()


def _only_repeated(function: Function, names: set[str]) -> bool:
    """Whether every use of the names is in a call that says the value again."""
    return is_only_read_in(
        (
            inner
            for node in ast.walk(function.node)
            if isinstance(node, ast.Call) and last_name(node) in _REPEATS
            for inner in ast.walk(node)
        ),
        names,
        function,
    )
