"""Which functions of the project a call can run: the one that it names, or every one that it may turn out to be."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from checker.source.declaring import callee_of
from checker.source.model import Call, Class, Function, Module
from checker.source.names import Names
from checker.source.validating import run_by_making
from checker.source.values import Value
from checker.source.written import is_super, last_name

_MOST_CALLEES = 20
_ENTERING = ("__enter__", "__exit__", "__aenter__", "__aexit__")
_MADE_BY = ("__init__", "__post_init__", "__new__")


def link_calls(modules: Iterable[Module], names: Names) -> None:
    """Give every call its target, and the functions that it runs."""
    modules = list(modules)
    methods = _async_methods(modules)
    made: set[Class] = set()
    for module in modules:
        for call in module.calls:
            value = names.look(call.node.func, call.scope)
            if value is None or value.name == "typing.Callable":
                call.callees = tuple(_handed_in(call, names))
            if call.callees:
                continue
            if value is None:
                found = _only_candidates(call, methods, names) if call.awaited else []
                call.callee = found[0] if len(found) == 1 else None
                call.callees = tuple(found)
                continue
            possible = value.possibilities
            call.targets = tuple(_target(one) for one in possible)
            if not value.either:
                call.target = call.targets[0]
                call.callee = callee_of(value, names)
            if any(one.item is not None for one in possible):
                call.callees = _callees(call, possible, names)
            made |= {one.item for one in possible if isinstance(one.item, Class) and _is_named(call, one)}
    for module in modules:
        for call in module.calls:
            if call.callee is not None and call.callee.owner is not None and not call.callee.is_abstract:
                call.callees += tuple(_overriding(call, call.callee, made, names))


def _is_named(call: Call, called: Value) -> bool:
    """Whether a call makes just that class, and not one of those that a variable of its type may hold."""
    name = last_name(call.node.func)
    return not called.instance and (not name.islower() or name in {"cls", called.name.rpartition(".")[2]})


def _overriding(call: Call, method: Function, made: set[Class], names: Names) -> Iterator[Function]:
    """`client.fetch()` of a class that nobody makes itself: what its subclasses put in place of the method."""
    on = call.node.func
    if not isinstance(on, ast.Attribute) or is_super(on.value):
        return
    receiver = names.evaluate(on.value, call.scope)
    owner = receiver.item if receiver is not None and receiver.instance else None
    if not isinstance(owner, Class) or owner in made:
        return
    for other in names.overrides(owner, method):
        if other not in call.callees and other.is_async == method.is_async:
            yield other


def _handed_in(call: Call, names: Names) -> list[Function]:
    """`async def wrapper(): function()`: what the function around the coroutine was given, which the loop then runs."""
    inner, name = call.function, call.node.func
    outer = inner.parent if inner is not None else None
    if (
        inner is None
        or not inner.is_async
        or call.awaited
        or not isinstance(name, ast.Name)
        or not isinstance(outer, Function)
    ):
        return []
    parameter = outer.parameter(name.id)
    if parameter is None or names.holds(inner, name.id) or name.id in outer.bindings:
        return []
    given = names.handed_over(parameter, outer)
    found = [callee_of(one, names) for one in given.possibilities] if given is not None else []
    return [f for f in found if f is not None and not f.is_async]


def _target(value: Value) -> str:
    return f"{value.name}.__call__" if value.instance else value.name


def _callees(call: Call, possible: tuple[Value, ...], names: Names) -> tuple[Function, ...]:
    found: dict[Function, None] = {}
    for value in possible:
        if isinstance(value.item, Class) and not value.instance:
            found.update(dict.fromkeys(_made(value.item, names)))
            continue
        function = callee_of(value, names)
        if function is None:
            continue
        real = _implementations(call, function, names) if function.owner and function.is_abstract else []
        found.update(dict.fromkeys(real or [function]))
    if call.node in call.scope.module.entered:
        found.update(dict.fromkeys(_entered(call, names)))
    if len(found) > _MOST_CALLEES:
        return ()
    # Of several, `await` tells which are meant.
    fitting = [f for f in found if f.is_async == call.awaited or f.name.endswith(_ENTERING)]
    return tuple(fitting or found)


def _made(made: Class, names: Names) -> list[Function]:
    """What constructing an object runs."""
    methods = [names.method(made, name) for name in _MADE_BY]
    checks = run_by_making(made, names) if made.functions or made.bases else ()
    return [*dict.fromkeys([method for method in methods if method is not None] + list(checks))]


def _implementations(call: Call, method: Function, names: Names) -> list[Function]:
    """What an abstract method can turn out to be, as far as the object it is called on tells."""
    function = call.node.func
    owner = method.owner
    if isinstance(function, ast.Attribute):
        if is_super(function.value):
            return []  # Upwards, and so never to what derives from the class.
        receiver = names.evaluate(function.value, call.scope)
        if receiver is not None and isinstance(receiver.item, Class):
            owner = receiver.item
    return names.implementations(owner, method) if owner is not None else []


def _entered(call: Call, names: Names) -> list[Function]:
    """`with Lock():` runs what the class does on entering and on leaving."""
    value = names.evaluate(call.node, call.scope)
    if value is None or not value.instance or not isinstance(value.item, Class):
        return []
    prefix = "__a" if call.scope.module.entered[call.node] else "__"
    methods = [names.method(value.item, f"{prefix}{name}__") for name in ("enter", "exit")]
    return [method for method in methods if method is not None]


def _async_methods(modules: Iterable[Module]) -> dict[str, list[Function]]:
    found: dict[str, list[Function]] = {}
    for module in modules:
        if not module.is_test:
            for made in module.classes:
                for name, method in made.functions.items():
                    if method.is_async:
                        found.setdefault(name, []).append(method)
    return found


def _only_candidates(call: Call, methods: dict[str, list[Function]], names: Names) -> list[Function]:
    """An awaited method of an object of unknown type: followed when only one class in the project has it.

    A class and those that derive from it are one; what they do is all that the method can do.
    """
    function = call.node.func
    if not isinstance(function, ast.Attribute):
        return []
    candidates = methods.get(function.attr, [])
    if len(candidates) > 1:
        owners = [c.owner for c in candidates if c.owner is not None]
        lines = [set(names.lineage(owner)[0]) for owner in owners]
        if not set.intersection(*lines):
            return []
        candidates = [c for c in candidates if not c.is_abstract]
    return candidates if len(candidates) <= _MOST_CALLEES else []
