"""What waits without being a call that does: reading through something lazy, and entering a lock."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from checker.constraints.blocking import Blocking, blocking_when_read
from checker.constraints.blocking_libraries import Kind
from checker.constraints.flow import own_expressions, statements
from checker.source import Function, Project, Scope

_TAKERS = frozenset({
    "list", "tuple", "set", "frozenset", "sorted", "dict", "sum", "next", "any", "all", "max", "min", "enumerate",
})  # fmt: skip
"""Built-in functions that read through what they are given."""
_LOCKS: dict[str, Kind] = {
    "filelock.FileLock": Kind.WAIT,
    "fasteners.InterProcessLock": Kind.WAIT,
    "portalocker.Lock": Kind.WAIT,
    "redis.Redis.lock()": Kind.DATABASE,
    "valkey.Valkey.lock()": Kind.DATABASE,
    "redis_lock.Lock": Kind.DATABASE,
}
"""What waits, as it is entered, for other processes. A lock between threads is given back at once, as a rule."""


@dataclass(frozen=True, slots=True, eq=False)
class Wait:
    """A place that waits as if it were a call."""

    node: ast.expr
    scope: Scope
    statement: ast.stmt
    target: str = ""
    callees: tuple[Function, ...] = ()

    @property
    def line(self) -> int:
        """Where the expression begins."""
        return self.node.lineno

    @property
    def function(self) -> Function | None:
        """The function whose body holds the place."""
        return self.scope if isinstance(self.scope, Function) else None


def waits_unsaid(function: Function, project: Project) -> Iterator[tuple[Wait, Blocking]]:
    """The places in the body of a function that wait without a call that says so."""
    for statement in statements(function):
        if isinstance(statement, ast.With):
            for item in statement.items:
                kind = _LOCKS.get(project.names.type_name(item.context_expr, function))
                if kind is not None:
                    what = project.names.type_name(item.context_expr, function).rpartition(".")[2]
                    yield Wait(item.context_expr, function, statement), Blocking(kind, f"with {what}")
        for read in _read_through(statement):
            found = blocking_when_read(read, function, project)
            if found is not None:
                yield Wait(read, function, statement), found


def _read_through(statement: ast.stmt) -> Iterator[ast.Name | ast.Attribute]:
    """The names that a statement reads through: `for row in rows`, `[run for run in runs]`, `list(rows)`."""
    if isinstance(statement, ast.For) and isinstance(statement.iter, (ast.Name, ast.Attribute)):
        yield statement.iter
    waiting: list[ast.AST] = [*own_expressions(statement)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Lambda):
            continue
        waiting += ast.iter_child_nodes(node)
        if isinstance(node, ast.comprehension) and not node.is_async:
            if isinstance(node.iter, (ast.Name, ast.Attribute)):
                yield node.iter
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _TAKERS:
            given = node.args[0] if node.args else None
            if isinstance(given, (ast.Name, ast.Attribute)):
                yield given
