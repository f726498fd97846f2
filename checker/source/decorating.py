"""What the decorators of the project do with the functions that they are given."""

from __future__ import annotations

import ast

from checker.source.model import Call, Function
from checker.source.written import last_name

_DEEPEST = 3
_ASKED = frozenset({
    "wraps", "update_wrapper", "signature", "iscoroutinefunction", "getattr", "hasattr", "setattr", "callable", "cast", "isinstance",
    "get_type_hints", "staticmethod", "str", "repr", "id", "len",
})  # fmt: skip
"""What is only asked about a function, or said of it."""


def gives_back(inner: Function) -> bool:
    """`def register(function): HANDLERS[name] = function; return function`: runs where it decorates, and stands around nothing."""
    first = inner.parameters[0].name if inner.parameters else ""
    return bool(inner.returns) and all(
        isinstance(r.value, ast.Name) and r.value.id == first for r in inner.returns
    )


def hands_on(decorator: Function) -> bool:
    """Whether a decorator's wrapper gives the function to something else and does not call it."""
    inner = nested(decorator)
    held = {p.name for f in [decorator, *inner] for p in f.parameters}
    given = False
    for function in inner:
        for call in function.calls:
            if isinstance(call.node.func, ast.Name) and call.node.func.id in held:
                return False
            if any(_calls_argument(call, name) for name in held):
                return False
            targets = [k.value for k in call.node.keywords if k.arg in {"target", "func", "fn"}]
            given = given or any(
                isinstance(a, ast.Name) and a.id in held for a in [*call.node.args, *targets]
            )
    return given


def _calls_argument(call: Call, name: str, depth: int = 0) -> bool:
    """`run_in_session(function, *args)`: whether a helper of the project calls what it is given under a name."""
    for callee in call.callees if depth < _DEEPEST else ():
        skipped = int(bool(callee.parameters) and callee.parameters[0].name in {"self", "cls"})
        taken = [
            parameter.name
            for position, parameter in enumerate(callee.parameters[skipped:])
            if not parameter.variadic
            and isinstance(given := call.argument(position, parameter.name), ast.Name)
            and given.id == name
        ]
        for inner in callee.calls if taken else ():
            if isinstance(inner.node.func, ast.Name) and inner.node.func.id in taken:
                return True
            if any(_calls_argument(inner, other, depth + 1) for other in taken):
                return True
    return False


def calls_what_it_decorates(wrapper: Function) -> bool:
    """Whether a wrapper calls the first parameter of the function around it, and no plain wrapper beside it is there for that."""
    around = wrapper.parent
    if not isinstance(around, Function) or not around.parameters:
        return False
    held = around.parameters[0].name
    if any(not other.is_async for other in around.functions.values()):
        return False
    return any(
        isinstance(call.node.func, ast.Name) and call.node.func.id == held and not call.awaited
        for call in wrapper.calls
    )


def registers(decorator: Function) -> bool:
    """Whether a decorator of the project keeps what it is given, or what it makes of it, for others to call.

    One that only stands around a function, `def timed(function): ...; return wrapper`, does not.
    """
    inner = [decorator, *(f for f in nested(decorator) if f.functions or gives_back(f))]
    held = {p.name for f in inner for p in f.parameters} | {name for f in inner for name in f.functions}
    for function in inner:
        stored = (store.value for store in function.stores if store.value is not None)
        if any(isinstance(n, ast.Name) and n.id in held for value in stored for n in ast.walk(value)):
            return True
        for call in function.calls:
            given = [*call.node.args, *(k.value for k in call.node.keywords)]
            if last_name(call.node.func) not in _ASKED and any(
                isinstance(a, ast.Name) and a.id in held for a in given
            ):
                return True
    return False


def nested(function: Function) -> list[Function]:
    found: list[Function] = []
    for inner in function.functions.values():
        found += [inner, *inner.functions.values()]
    return found
