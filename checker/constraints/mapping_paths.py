"""File paths that are made from a key of a body: one that is a mapping, or a model that goes on as one, `body.model_dump()`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from checker.constraints.body_fields import is_any_text, unvalidated_fields
from checker.constraints.client_paths import (
    PATH_CALLS,
    PathUse,
    is_made_plain,
    path_uses,
    results_of,
    uses_of,
)
from checker.constraints.flow import carriers, is_checked, last_name, parameter_for, reads
from checker.constraints.inputs import Input, Place
from checker.constraints.shapes import Shape, shape_of
from checker.constraints.validation import checks_by_hand, validates_whole
from checker.source import Call, Function, Project

_DUMPS = frozenset({"model_dump", "dict"})
_FURTHEST = 3


@dataclass(frozen=True, slots=True)
class _Mapping:
    """A mapping of the client's under a name, with the keys that may hold any text; None for all."""

    name: str
    keys: frozenset[str] | None


def mapping_path_uses(given: Input, function: Function, project: Project) -> Iterator[PathUse]:
    """Where a key of a body becomes part of a file path, in what a path operation hands the body to as a mapping."""
    if given.place is not Place.BODY or given.type is None:
        return
    if shape_of(given.type, given.scope, project) is Shape.FREE:
        yield from _uses(_Mapping(given.name, None), function, project, 0)
        return
    fields = frozenset(
        n for n, b, model in unvalidated_fields(given, project) if is_any_text(b, model, project)
    )
    if fields:
        yield from _below(lambda a: _is_dump(a, given.name, function), fields, function, project, 0)


def _uses(mapping: _Mapping, function: Function, project: Project, depth: int) -> Iterator[PathUse]:
    names = {mapping.name}
    if checks_by_hand(function, names) or validates_whole(function, names, project):
        return
    for name, origin in _taken(mapping, function):
        yield from path_uses(function, name, project, depth, origin=origin)
    yield from _below(
        lambda a: isinstance(a, ast.Name) and a.id == mapping.name, mapping.keys, function, project, depth
    )


def _taken(mapping: _Mapping, function: Function) -> Iterator[tuple[str, ast.expr]]:
    """`name = data.get("name")`, `name = data["name"]`: the names that texts of a mapping get."""
    for name, bindings in function.bindings.items():
        if len(bindings) == 1 and (value := bindings[0].value) is not None:
            first = value.values[0] if isinstance(value, ast.BoolOp) else value
            key = _key(first, mapping.name)
            if key and (mapping.keys is None or key in mapping.keys):
                yield name, value


def _key(value: ast.expr, mapping: str) -> str:
    holder: ast.expr | None = None
    key: ast.expr | None = None
    if isinstance(value, ast.Subscript):
        holder, key = value.value, value.slice
    elif isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and last_name(value) == "get":
        holder, key = value.func.value, value.args[0] if value.args else None
    if not isinstance(holder, ast.Name) or holder.id != mapping or not isinstance(key, ast.Constant):
        return ""
    return key.value if isinstance(key.value, str) else ""


def _below(
    is_mapping: Callable[[ast.expr], bool],
    keys: frozenset[str] | None,
    function: Function,
    project: Project,
    depth: int,
) -> Iterator[PathUse]:
    """The same in the functions that are handed the mapping, and where one gives the path back and it is opened here."""
    for call in function.calls if depth < _FURTHEST else ():
        callee = call.callee
        if callee is None or callee.is_abstract or callee.name.endswith("__init__"):
            continue
        for argument in [*call.node.args, *(k.value for k in call.node.keywords if k.arg is not None)]:
            parameter = parameter_for(argument, call, callee) if is_mapping(argument) else ""
            if parameter:
                mapping = _Mapping(parameter, keys)
                yield from _uses(mapping, callee, project, depth + 1)
                yield from _given_back(mapping, callee, call, function, project)


def _given_back(
    mapping: _Mapping, callee: Function, call: Call, function: Function, project: Project
) -> Iterator[PathUse]:
    """`return str(Path(name))` in what is called, and `open(place)` here."""
    place = results_of(call, function)
    if not place or is_checked(function, place, endings=False, picks=False, folders=is_made_plain(function)):
        return
    if not any(True for _ in uses_of(function, place, PATH_CALLS, project)):
        return
    for name, _ in _taken(mapping, callee):
        names = carriers(callee, name, through=PATH_CALLS)
        if is_checked(callee, names, endings=False, picks=False, folders=is_made_plain(callee)):
            continue
        if any(r.value is not None and reads(r.value, names, PATH_CALLS) for r in callee.returns):
            for made in callee.calls:
                whole = made.node.args[:1]
                if made.target == "pathlib.Path" and whole and reads(whole[0], names, PATH_CALLS):
                    yield PathUse(node=made.node, function=callee, source=name)


def _is_dump(argument: ast.expr, body: str, function: Function) -> bool:
    """`body.model_dump()`, or the only name that it has."""
    if isinstance(argument, ast.Name):
        bound = function.bindings.get(argument.id, [])
        value = bound[0].value if len(bound) == 1 else None
        return value is not None and not isinstance(value, ast.Name) and _is_dump(value, body, function)
    return (
        isinstance(argument, ast.Call)
        and isinstance(argument.func, ast.Attribute)
        and argument.func.attr in _DUMPS
        and isinstance(argument.func.value, ast.Name)
        and argument.func.value.id == body
    )
