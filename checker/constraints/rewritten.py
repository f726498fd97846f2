"""Middleware that writes the answers anew: what the code inside answers is then not what a client gets."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from functools import wraps

from checker.constraints.flow import last_name
from checker.constraints.rule import Context, Hit
from checker.source import Function, Project

_FURTHEST = 2
_Check = Callable[[Context], Iterable[Hit]]


def unless_rewritten(check: _Check) -> _Check:
    """A rule on the shapes of errors, silent where a middleware gives all of them another."""

    @wraps(check)
    def seen(context: Context) -> Iterator[Hit]:
        if not _rewrites(context.project):
            yield from check(context)

    return seen


def _rewrites(project: Project) -> bool:
    """`async for part in response.body_iterator` in a middleware that makes a `JSONResponse` of it."""
    return any(
        any(
            isinstance(node, ast.Attribute) and node.attr == "body_iterator"
            for node in ast.walk(function.node)
        )
        and _makes_json(function, _FURTHEST)
        for function in project.framework.middleware
        if function.module in project.service_modules
    )


def _makes_json(function: Function, further: int) -> bool:
    return any(
        last_name(call.node).endswith("JSONResponse")
        or (further > 0 and any(_makes_json(callee, further - 1) for callee in call.callees))
        for call in function.calls
    )
