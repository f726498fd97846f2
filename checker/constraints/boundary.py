"""What FastAPI fills from the request: every path operation and dependency, with each of its parameters."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from checker.constraints.inputs import Input, Place, inputs_of
from checker.constraints.shapes import Shape, shape_of
from checker.constraints.validation import validates
from checker.source import Function, Project


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """A function that FastAPI calls with what the client sent."""

    function: Function
    label: str
    """How a reader knows it: "`GET /tools`", "The dependency `paging`"."""
    path: str | None = None
    """The path of a path operation, which tells the parameters that stand in it."""


def entrances(project: Project) -> Iterator[Entrance]:
    """All such functions, each once."""
    seen: set[Function] = set()
    for operation in project.operations:
        if operation.function not in seen:
            seen.add(operation.function)
            yield Entrance(function=operation.function, label=f"`{operation.label}`", path=operation.path)
    for function in project.framework.dependencies:
        if function not in seen and not function.is_lambda:
            seen.add(function)
            yield Entrance(function=function, label=f"The dependency `{function.short}`")


def boundary_inputs(project: Project) -> Iterator[tuple[Function, str, Input]]:
    """Every parameter of them, with its function and the function's label."""
    for entrance in entrances(project):
        for given in inputs_of(entrance.function, project, entrance.path):
            yield entrance.function, entrance.label, given


def taker_validates(dependency: Function, project: Project) -> bool:
    """Whether a function that receives what this dependency read validates it."""
    for module in project.service_modules:
        for function in module.functions:
            for given in inputs_of(function, project):
                taken = given.place is Place.DEPENDENCY and _depends_on(given, dependency, project)
                if taken and validates(function, {given.name}, project):
                    return True
    return False


def models_body_in_dependency(function: Function, project: Project) -> bool:
    """Whether a dependency of a path operation has the body as a model, which has then been checked before it runs."""
    needed = [given for given in inputs_of(function, project) if given.place is Place.DEPENDENCY]
    return any(
        _depends_on(given, dependency, project)
        and any(
            one.place is Place.BODY
            and one.type is not None
            and shape_of(one.type, one.scope, project) is Shape.TYPED
            for one in inputs_of(dependency, project)
        )
        for given in needed
        for dependency in project.framework.dependencies
    )


def _depends_on(given: Input, dependency: Function, project: Project) -> bool:
    for mark in given.metadata:
        argument = mark.args[0] if isinstance(mark, ast.Call) and mark.args else None
        value = project.names.evaluate(argument, given.scope) if argument is not None else None
        if value is not None and value.item is dependency:
            return True
    return False
