"""Where exception handlers are registered: decorators, calls, loops over tables, and what is put into `app.exception_handlers`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from checker.source import Call, Function, Module, Project, Scope
from checker.source.declaring import function_of

_MAPPING = "exception_handlers"
_DEEPEST = 3


@dataclass(frozen=True, slots=True)
class Registration:
    """One handler that some app is given; `exception` is None where nobody can tell for what."""

    holder: ast.expr
    exception: ast.expr | None
    handler: Function | None
    scope: Scope
    place: ast.expr
    home: Scope | None = None
    """Where the exception is written, if elsewhere."""
    library: str = ""
    """The canonical name of a handler that a library brings."""


@dataclass(frozen=True, slots=True)
class Pair:
    """An exception and its handler in a table, each with where it is written."""

    exception: ast.expr
    scope: Scope
    handler: ast.expr
    home: Scope


# Several rules ask, and the answer takes a walk over every call of the project.
_REGISTERED: WeakKeyDictionary[Project, tuple[Registration, ...]] = WeakKeyDictionary()


def registrations(project: Project) -> tuple[Registration, ...]:
    """Every registration in the project beside those in the arguments of an app."""
    if project not in _REGISTERED:
        _REGISTERED[project] = tuple(_read_registrations(project))
    return _REGISTERED[project]


def _read_registrations(project: Project) -> Iterator[Registration]:
    for module in project.modules:
        if module.is_test:
            continue
        for function in module.functions:
            scope = function.parent or function.module.scope
            for decorator in function.decorators:
                if (
                    isinstance(decorator, ast.Call)
                    and isinstance(decorator.func, ast.Attribute)
                    and decorator.func.attr == "exception_handler"
                ):
                    exception = decorator.args[0] if decorator.args else None
                    yield Registration(decorator.func.value, exception, function, scope, decorator)
        for call in module.calls:
            target = call.node.func
            if isinstance(target, ast.Attribute) and target.attr == "add_exception_handler":
                yield from _added(call, target.value, project)
            elif isinstance(target, ast.Attribute) and target.attr == "update" and _is_mapping(target.value):
                yield from _put(target.value, call.argument(0, ""), call.node, call.scope, project)
        yield from _stored(module, project)


def _is_mapping(expression: ast.expr) -> bool:
    return isinstance(expression, ast.Attribute) and expression.attr == _MAPPING


def _added(call: Call, holder: ast.expr, project: Project) -> Iterator[Registration]:
    exception, given = call.argument(0, "exc_class_or_status_code"), call.argument(1, "handler")
    named = project.names.qualify(given, call.scope) if given is not None else ""
    pairs = (
        _pairs_of_loop(exception, given, call, project)
        if exception is not None and given is not None
        else None
    )
    if pairs is None:
        handler = handler_of(given, call.scope, project)
        yield Registration(holder, exception, handler, call.scope, call.node, library=named)
    for pair in pairs or ():
        handler = handler_of(pair.handler, pair.home, project)
        yield Registration(holder, pair.exception, handler, call.scope, call.node, pair.scope, named)


def _stored(module: Module, project: Project) -> Iterator[Registration]:
    """`app.exception_handlers[NotFound] = answer`, `app.exception_handlers |= {...}`."""
    for store in module.stores:
        if store.attribute == _MAPPING and store.value is not None:
            place = ast.copy_location(ast.Attribute(store.target, _MAPPING, ast.Load()), store.value)
            yield from _put(place, store.value, store.value, store.scope, project)
        elif not store.attribute and _is_mapping(store.target) and store.value is not None:
            key = next(
                (
                    n.slice
                    for n in ast.walk(store.scope.node)
                    if isinstance(n, ast.Subscript) and n.value is store.target
                ),
                None,
            )
            holder = store.target.value if isinstance(store.target, ast.Attribute) else store.target
            handler = handler_of(store.value, store.scope, project)
            yield Registration(holder, key, handler, store.scope, store.value)


def _put(
    mapping: ast.expr, given: ast.expr | None, place: ast.expr, scope: Scope, project: Project
) -> Iterator[Registration]:
    holder = mapping.value if isinstance(mapping, ast.Attribute) else mapping
    pairs = pairs_of_mapping(given, scope, project) if given is not None else None
    if pairs is None:
        yield Registration(holder, None, None, scope, place)
    for pair in pairs or ():
        handler = handler_of(pair.handler, pair.home, project)
        yield Registration(holder, pair.exception, handler, scope, place, pair.scope)


def handler_of(expression: ast.expr | None, scope: Scope, project: Project) -> Function | None:
    """The handler that an expression names, or that `answer_with(404)` makes: the inner function that it gives back."""
    if isinstance(expression, ast.Call):
        maker = function_of(expression.func, scope, project.names)
        given = [r.value for r in maker.returns] if maker is not None else []
        if maker is not None and len(given) == 1 and isinstance(given[0], ast.Name):
            return maker.functions.get(given[0].id)
    return function_of(expression, scope, project.names)


def pairs_of_mapping(given: ast.expr, scope: Scope, project: Project, depth: int = 0) -> list[Pair] | None:
    """The pairs of a mapping that is written out here, in another module or in what a function gives back."""
    if depth > _DEEPEST:
        return None
    match given:
        case ast.Dict():
            found: list[Pair] = []
            for key, value in zip(given.keys, given.values, strict=True):
                inner = (
                    [Pair(key, scope, value, scope)]
                    if key is not None
                    else pairs_of_mapping(value, scope, project, depth + 1)
                )
                if inner is None:
                    return None
                found += inner
            return found
        case ast.BinOp(op=ast.BitOr()):
            left = pairs_of_mapping(given.left, scope, project, depth + 1)
            right = pairs_of_mapping(given.right, scope, project, depth + 1)
            return left + right if left is not None and right is not None else None
        case ast.DictComp() if len(given.generators) == 1:
            loop = given.generators[0]
            return _substituted(given.key, given.value, loop.target, loop.iter, scope, project)
        case ast.Call():
            maker = function_of(given.func, scope, project.names)
            made = [r.value for r in maker.returns if r.value is not None] if maker is not None else []
            if maker is None or len(made) != 1:
                return None
            return pairs_of_mapping(made[0], maker, project, depth + 1)
        case ast.Name() | ast.Attribute():
            kept = _kept(given, scope, project)
            return pairs_of_mapping(*kept, project, depth + 1) if kept is not None else None
    return None


def _kept(name: ast.expr, scope: Scope, project: Project) -> tuple[ast.expr, Scope] | None:
    """What a name was given once, in this function or in a module."""
    variable = project.names.variable(name, scope)
    local = scope.bindings.get(name.id, []) if isinstance(name, ast.Name) else []
    bindings = variable.bindings if variable is not None else local
    home = variable.module.scope if variable is not None else scope
    value = bindings[0].value if len(bindings) == 1 and bindings[0].kind.value == "assign" else None
    return (value, home) if value is not None else None


def _pairs_of_loop(exception: ast.expr, handler: ast.expr, call: Call, project: Project) -> list[Pair] | None:
    """`for exception, handler in HANDLERS.items(): app.add_exception_handler(exception, handler)`, where the table is written out."""
    for loop in ast.walk(call.scope.node):
        if isinstance(loop, (ast.For, ast.AsyncFor)) and any(
            n is call.node for s in loop.body for n in ast.walk(s)
        ):
            return _substituted(exception, handler, loop.target, loop.iter, call.scope, project)
    return None


def _substituted(
    exception: ast.expr, handler: ast.expr, target: ast.expr, table: ast.expr, scope: Scope, project: Project
) -> list[Pair] | None:
    """Exception and handler for each row of the table that a loop or a comprehension goes through."""
    rows = _rows(table, scope, project)
    if rows is None:
        return None
    names = target.elts if isinstance(target, ast.Tuple) else [target]
    found: list[Pair] = []
    for row, home in rows:
        parts = row if isinstance(target, ast.Tuple) else row[:1]
        if len(parts) != len(names):
            return None
        given = {name.id: part for name, part in zip(names, parts, strict=True) if isinstance(name, ast.Name)}
        ends = [
            (given[one.id], home) if isinstance(one, ast.Name) and one.id in given else (one, scope)
            for one in (exception, handler)
        ]
        found.append(Pair(*ends[0], *ends[1]))
    return found


def _rows(table: ast.expr, scope: Scope, project: Project) -> list[tuple[list[ast.expr], Scope]] | None:
    """The rows of `TABLE.items()`, of a list of pairs, or of a plain list of exceptions."""
    if isinstance(table, ast.Call) and isinstance(table.func, ast.Attribute) and table.func.attr == "items":
        pairs = pairs_of_mapping(table.func.value, scope, project)
        return [([p.exception, p.handler], p.scope) for p in pairs] if pairs is not None else None
    if isinstance(table, (ast.Name, ast.Attribute)):
        kept = _kept(table, scope, project)
        if kept is None or isinstance(kept[0], (ast.Name, ast.Attribute)):
            return None
        table, scope = kept
    if not isinstance(table, (ast.Tuple, ast.List, ast.Set)):
        return None
    return [(list(e.elts) if isinstance(e, ast.Tuple) else [e], scope) for e in table.elts]
