"""Numbers of the client's that something is divided by, where 0 ends in a 500."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from checker.constraints.body_fields import has_validator, type_beside_none
from checker.constraints.boundary import boundary_inputs
from checker.constraints.client_text import reached
from checker.constraints.flow import last_name, own_expressions, statements
from checker.constraints.inputs import Input, Place, bounds_of, is_whole_number
from checker.constraints.paging import paging_model
from checker.source import Function, Project, Scope

_DIVIDES = (ast.Div, ast.FloorDiv, ast.Mod)


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """A number that may be 0, where it is declared and where it divides."""

    name: str
    label: str
    path: str
    line: int
    column: int
    place: str
    """Where it divides, in words."""


def divisions(project: Project) -> Iterator[Division]:
    """Each parameter, and each field of a model that is filled from the query or a body."""
    seen: set[tuple[str, int]] = set()
    for function, label, given in boundary_inputs(project):
        for name, source, path, line, column in _numbers(given, function, project):
            use = reached(function, source, _divided) if (path, line) not in seen else None
            if use is not None:
                seen.add((path, line))
                within, node = use
                place = f"line {node.lineno}" if within is function else f"{within.module.path}:{node.lineno}"
                yield Division(name=name, label=label, path=path, line=line, column=column, place=place)


def _numbers(given: Input, function: Function, project: Project) -> Iterator[tuple[str, str, str, int, int]]:
    """The whole numbers that may be 0 or less: name, what it is called in the function, and its place."""
    if given.place in {Place.QUERY, Place.PATH, Place.FORM} and _is_open(
        given.type, given.scope, given.metadata, project
    ):
        node = given.parameter.node
        yield given.name, given.name, function.module.path, node.lineno, node.col_offset
    model = paging_model(given, project)
    for step in project.names.lineage(model)[0] if model is not None else ():
        for name, bindings in step.bindings.items():
            found = type_beside_none(bindings[0], step, project) if len(bindings) == 1 else None
            value = bindings[0].value
            metadata = (value,) if isinstance(value, ast.Call) else ()
            if found is None or model is None or has_validator(model, name, project):
                continue
            is_plain = bindings[0].annotation is found[0] or not isinstance(
                bindings[0].annotation, ast.Subscript
            )
            if is_plain and _is_open(found[0], found[1], metadata, project):
                column = step.node.body[0].col_offset
                yield name, f"{given.name}.{name}", step.module.path, bindings[0].line, column


def _is_open(type_: ast.expr | None, scope: Scope, metadata: tuple[ast.expr, ...], project: Project) -> bool:
    if not is_whole_number(type_, scope, project):
        return False
    bounds = bounds_of(metadata, type_, scope, project)
    return not bounds.lower and not bounds.unsure


def _divided(function: Function, names: set[str]) -> tuple[Function, ast.expr] | None:
    """`1 / fps`, `total // size`; what is a sum or a product may be anything."""
    for statement in statements(function):
        for node in (n for part in own_expressions(statement) for n in ast.walk(part)):
            if not isinstance(node, ast.BinOp) or not isinstance(node.op, _DIVIDES):
                continue
            is_named = isinstance(node.right, (ast.Name, ast.Attribute)) and ast.unparse(node.right) in names
            if is_named and not _is_path(node, function):
                return function, node
    return None


def _is_path(node: ast.BinOp, function: Function) -> bool:
    """`"%s" % size`, `Path(folder) / f"{number}.png"`: nothing is divided."""
    if isinstance(node.left, ast.Call) and last_name(node.left) in {"Path", "PurePath"}:
        return True
    named = function.bindings.get(node.right.id, ()) if isinstance(node.right, ast.Name) else ()
    return any(_is_text(side) for side in (node.left, *(binding.value for binding in named)))


def _is_text(expression: ast.expr | None) -> bool:
    return isinstance(expression, ast.JoinedStr) or (
        isinstance(expression, ast.Constant) and isinstance(expression.value, (str, bytes))
    )
