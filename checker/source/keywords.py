"""What is handed over by a name that no parameter has: `kwargs.get("session")` in `def find(**kwargs)`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from checker.source.model import Function, Scope
from checker.source.values import Value, joined

if TYPE_CHECKING:
    from checker.source.names import Names

_READERS = frozenset({"get", "pop"})
_MOST_CALLS = 40


class Keywords:
    """Answers about the members of `**kwargs`."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._known: dict[tuple[Function, str], Value | None] = {}

    def read(self, expression: ast.Call | ast.Subscript, scope: Scope) -> Value | None:
        """What `kwargs["session"]` and `kwargs.get("session")` give."""
        if isinstance(expression, ast.Subscript):
            holder, key = expression.value, expression.slice
        elif (
            isinstance(expression.func, ast.Attribute)
            and expression.func.attr in _READERS
            and expression.args
        ):
            holder, key = expression.func.value, expression.args[0]
        else:
            return None
        if not (
            isinstance(holder, ast.Name) and isinstance(key, ast.Constant) and isinstance(key.value, str)
        ):
            return None
        function: Scope | None = scope
        while function is not None and not self._names.holds(function, holder.id):
            function = function.parent
        if not isinstance(function, Function) or isinstance(function.node, ast.Lambda):
            return None
        rest = function.node.args.kwarg
        if rest is None or rest.arg != holder.id or holder.id in function.bindings:
            return None
        if (function, key.value) not in self._known:
            # A function that calls itself hands over what it was given.
            self._known[function, key.value] = None
            self._known[function, key.value] = self._given(function, key.value)
        return self._known[function, key.value]

    def _given(self, function: Function, name: str) -> Value | None:
        last = function.name.rpartition(".")[2]
        made = function.owner if last == "__init__" else None
        calls = self._names.calls_named(made.name.rpartition(".")[2] if made is not None else last)
        values: list[Value | None] = []
        for call in calls if len(calls) <= _MOST_CALLS else ():
            argument = call.keyword(name)
            called = self._names.look(call.node.func, call.scope) if argument is not None else None
            if argument is None or called is None:
                continue
            if any(one.item in {function, made} for one in called.possibilities if one.item is not None):
                values.append(self._names.look(argument, call.scope))
        return joined(values)
