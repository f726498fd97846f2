"""Objects that stand for another one, which they make at its first use."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from checker.constraints.flow import last_name
from checker.source import Class, Function, Project, Value


def stands_for(value: Value, project: Project) -> tuple[Value, ...]:
    """What a lazy proxy keeps and hands every attribute on to: a class whose `__getattr__` is `getattr(self._store(), name)`.

    What differs from request to request, as what a context variable holds, is made elsewhere and is none.
    """
    if not isinstance(value.item, Class) or not value.instance:
        return ()
    made = value.item
    hands_on = made.functions.get("__getattr__")
    if hands_on is None or not _forwards(hands_on):
        return ()
    methods = [method for method in made.functions.values() if method.parameters]
    found = [
        held for method in methods for kept in _kept(method) if (held := _instance(kept, method, project))
    ]
    return tuple(one for one in found if one.item is not made)


def _forwards(method: Function) -> bool:
    """`return getattr(<something of the object>, name)`, with the very name that was asked for."""
    names = [parameter.name for parameter in method.parameters]
    if len(names) != 2 or not method.returns:
        return False
    last = method.returns[-1].value
    if not (isinstance(last, ast.Call) and last_name(last) == "getattr" and len(last.args) >= 2):
        return False
    asked = last.args[1]
    return isinstance(asked, ast.Name) and asked.id == names[1]


def _kept(method: Function) -> Iterator[ast.expr]:
    """What a method stores on its object: `self._store = Store()`, `object.__setattr__(self, "_store", store)`."""
    me = method.parameters[0].name
    for store in method.stores:
        owner = store.target
        if store.attribute and isinstance(owner, ast.Name) and owner.id == me and store.value is not None:
            yield store.value
    for call in method.calls:
        arguments = call.node.args
        if last_name(call.node) == "__setattr__" and len(arguments) == 3:
            first = arguments[0]
            if isinstance(first, ast.Name) and first.id == me:
                yield arguments[2]


def _instance(expression: ast.expr, method: Function, project: Project) -> Value | None:
    held = project.names.evaluate(expression, method)
    return held if held is not None and held.instance else None
