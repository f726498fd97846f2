"""Lines that run once in the life of a process: behind `if _client is None:`, after `if _client is not None: return`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from checker.source.model import Class, Function
from checker.source.written import last_name, uncalled

if TYPE_CHECKING:
    from checker.source.names import Names


def once_lines(function: Function) -> list[tuple[int, int]]:
    """First and last lines of what only the first call of a function runs.

    What is kept has to outlive the request: a global, or an attribute of a class. An attribute of `self` counts only where
    `__new__` gives the same object again; of others nothing says how long they live. An endless task is cancelled once, as the
    app stops.
    """
    ends = list(_cancelled(function)) if function.is_async and not function.is_generator else []
    if not function.declared_global and function.owner is None:
        return ends
    return [*ends, *_guarded(function.body, function)]


def _cancelled(function: Function) -> Iterator[tuple[int, int]]:
    """What an endless loop does when it is cancelled: `try: while True: ...; except asyncio.CancelledError: ...`."""
    for statement in function.body:
        if isinstance(statement, ast.Try) and any(_is_endless(inner) for inner in statement.body):
            for handler in statement.handlers:
                if handler.type is not None and last_name(handler.type) == "CancelledError":
                    yield handler.lineno, handler.end_lineno or handler.lineno


def _is_endless(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.While)
        and isinstance(statement.test, ast.Constant)
        and bool(statement.test.value)
    )


def _guarded(body: list[ast.stmt], function: Function) -> Iterator[tuple[int, int]]:
    for position, statement in enumerate(body):
        if isinstance(statement, ast.If):
            empty, full = _kept(statement.test, function)
            if empty and _assigns(statement.body, empty):
                yield statement.body[0].lineno, statement.body[-1].end_lineno or 0
                continue
            following = body[position + 1 :]
            if (
                full
                and following
                and isinstance(statement.body[-1], ast.Return)
                and _assigns(following, full)
            ):
                yield following[0].lineno, following[-1].end_lineno or 0
                return
        for name in ("body", "orelse", "finalbody"):
            inner = getattr(statement, name, None)
            if isinstance(inner, list) and not isinstance(
                statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
            ):
                yield from _guarded(inner, function)


def _kept(test: ast.expr, function: Function) -> tuple[str, str]:
    """The name that a test finds empty, or the one that it finds full."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _kept_name(test.operand, function), ""
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and _is_none(test.comparators[0]):
        name = _kept_name(test.left, function)
        return (name, "") if isinstance(test.ops[0], ast.Is) else ("", name)
    return "", _kept_name(test, function)


def _is_none(expression: ast.expr) -> bool:
    return isinstance(expression, ast.Constant) and expression.value is None


def _kept_name(expression: ast.expr, function: Function) -> str:
    asked = _asked_for(expression)
    if asked is not None:
        return _kept_name(asked, function)
    if isinstance(expression, ast.Name) and expression.id in function.declared_global:
        return expression.id
    if (
        isinstance(expression, ast.Attribute)
        and isinstance(expression.value, ast.Name)
        and function.owner is not None
    ):
        holder = expression.value.id
        if holder in {"cls", function.owner.name.rpartition(".")[2]} or (
            holder == "self" and _gives_itself_again(function.owner)
        ):
            return f"{holder}.{expression.attr}"
    return ""


def _asked_for(expression: ast.expr) -> ast.expr | None:
    """`self.ready` of `hasattr(self, "ready")` and of `getattr(self, "ready", False)`."""
    if not (
        isinstance(expression, ast.Call)
        and last_name(expression.func) in {"hasattr", "getattr"}
        and len(expression.args) > 1
    ):
        return None
    holder, name = expression.args[:2]
    if not (isinstance(name, ast.Constant) and isinstance(name.value, str)):
        return None
    return ast.Attribute(value=holder, attr=name.value, ctx=ast.Load())


def _gives_itself_again(made: Class) -> bool:
    """Whether `__new__` makes the object only the first time: `if cls._instance is None: cls._instance = super().__new__(cls)`."""
    makes = made.functions.get("__new__")
    return makes is not None and any(True for _ in _guarded(makes.body, makes))


def is_made_once(made: Class, names: Names) -> bool:
    """Whether a metaclass of the project, or a decorator, keeps the only object of a class, so that the class is called once."""
    for decorator in made.node.decorator_list:
        if "singleton" in last_name(uncalled(decorator)).lower():
            return True
    for step in names.lineage(made)[0]:
        for keyword in step.node.keywords:
            if keyword.arg == "metaclass":
                value = names.evaluate(keyword.value, step.parent or step.module.scope)
                meta = value.item if value is not None else None
                calls = names.method(meta, "__call__") if isinstance(meta, Class) else None
                return calls is not None and any(store.value is not None for store in calls.stores)
    return False


def _assigns(body: list[ast.stmt], name: str) -> bool:
    for statement in body:
        for node in ast.walk(statement):
            if (
                isinstance(node, (ast.Name, ast.Attribute))
                and isinstance(node.ctx, ast.Store)
                and ast.unparse(node) == name
            ):
                return True
    return False
