"""Objects that stand for another one: a `__getattr__` that hands every name on to the object behind it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from checker.source.model import Class, Function
from checker.source.values import Value

if TYPE_CHECKING:
    from checker.source.names import Names

_READERS = frozenset({"builtins.getattr", "inspect.getattr_static"})
_BY_NAME = frozenset({"__getattribute__", "__getattr__"})


class Forwarding:
    """Answers about attributes that a class or a module does not have itself."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._behind: dict[Function, Value | None] = {}

    def member(self, item: Class, attribute: str) -> Value | None:
        """What `proxy.attribute` gives, where the class of the proxy hands names on to one other object."""
        if attribute.startswith("__"):
            return None
        behind = self.behind(item)
        return self._names.member(behind, attribute) if behind is not None else None

    def behind(self, item: Class) -> Value | None:
        """The one other object that an instance of a class stands for."""
        getter = self._names.method(item, "__getattr__")
        found = self._object_behind(getter, item) if getter is not None else None
        return None if found is None or found.item is item else found

    def module_member(self, getter: Function, attribute: str) -> Value | None:
        """What `module.attribute` gives, where the module's own `__getattr__` hands names on."""
        behind = self._object_behind(getter, None) if not attribute.startswith("__") else None
        return self._names.member(behind, attribute) if behind is not None else None

    def _object_behind(self, getter: Function, item: Class | None) -> Value | None:
        if getter not in self._behind:
            # The way to the object may lead over the proxy's own attributes.
            self._behind[getter] = None
            self._behind[getter] = self._found_behind(getter, item)
        return self._behind[getter]

    def _found_behind(self, getter: Function, item: Class | None) -> Value | None:
        """The one object that every way through `__getattr__` asks; None where there may be another."""
        position = 0 if item is None else 1
        if len(getter.parameters) != position + 1 or not getter.returns or getter.is_async:
            return None
        name = getter.parameters[position].name
        if name in getter.bindings or (item is not None and self._stands_for_several(item)):
            return None
        found: set[Value] = set()
        for returned in getter.returns:
            asked = self._asked(_once_bound(returned.value, getter), name, getter)
            value = self._names.evaluate(asked, getter) if asked is not None else None
            if value is None or not value.instance or isinstance(value.item, Function):
                return None
            found.add(value)
        return found.pop() if len(found) == 1 else None

    def _asked(self, expression: ast.expr | None, name: str, getter: Function) -> ast.expr | None:
        """The object whose attribute of that name an expression reads: `getattr(self._load(), name)`."""
        if not isinstance(expression, ast.Call) or not expression.args:
            return None
        *before, last = expression.args[:2]
        if not (isinstance(last, ast.Name) and last.id == name):
            return None
        function = expression.func
        if before and self._names.qualify(function, getter) in _READERS:
            return before[0]
        if not before and isinstance(function, ast.Attribute) and function.attr in _BY_NAME:
            return function.value
        return None

    def _stands_for_several(self, item: Class) -> bool:
        """Whether the class is made at several places, each time for what is handed over there."""
        made = 0
        for call in self._names.calls_named(item.name.rpartition(".")[2]):
            if call.node.args or call.node.keywords:
                value = self._names.evaluate(call.node.func, call.scope)
                made += value is not None and value.item is item
        return made > 1


def _once_bound(expression: ast.expr | None, function: Function) -> ast.expr | None:
    """What stands behind a name that is given one value: `found = getattr(...)` and `return found`."""
    if isinstance(expression, ast.Name):
        bindings = function.bindings.get(expression.id, [])
        return bindings[0].value if len(bindings) == 1 else None
    return expression
