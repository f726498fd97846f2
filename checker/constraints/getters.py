"""Functions that hand out what a module, a class or a cache of results holds for all."""

from __future__ import annotations

import ast

from checker.constraints.handmade import is_none
from checker.constraints.resource_variables import resource_variable
from checker.constraints.resources import is_shared_object, keeps_resource
from checker.source import Class, Function, Project


def hands_out_global(function: Function, project: Project, steps: int = 2) -> bool:
    """Whether a function without arguments returns a resource that a module, a class or a cache of results holds."""
    if function.is_generator or function.is_lambda or any(p.default is None for p in function.parameters):
        return False
    home = function.parent or function.module.scope
    marks = [d.func if isinstance(d, ast.Call) else d for d in function.decorators]
    if any(project.names.qualify(mark, home) in _REMEMBER for mark in marks):
        value = project.names.returned(function)
        # What is injected elsewhere is a shared object, whatever library it is of.
        injected = function in project.framework.dependencies and is_shared_object(value, project)
        return injected or keeps_resource(value, project)
    values = [r.value for r in function.returns if r.value is not None and not is_none(r.value)]
    asked = {id(call.node): call.callee for call in function.calls if steps and call.callee is not function}
    return bool(values) and all(
        _is_held(value, function, project)
        or (
            (callee := asked.get(id(_awaited(value)))) is not None
            and hands_out_global(callee, project, steps - 1)
        )
        for value in values
    )


_REMEMBER = frozenset({"functools.lru_cache", "functools.cache", "async_lru.alru_cache"})


def _is_held(value: ast.expr, function: Function, project: Project) -> bool:
    """`_client` of the module, `Holder.client` of a class."""
    if not isinstance(value, (ast.Name, ast.Attribute)):
        return False
    variable = project.names.variable(value, function)
    if variable is not None:
        if resource_variable(variable, project):
            return True
        # Made at the first call and kept for all others.
        kept = variable.module is function.module and variable.name in function.declared_global
        return kept and is_shared_object(project.names.variable_value(variable), project, own=True)
    holder = project.names.evaluate(value.value, function) if isinstance(value, ast.Attribute) else None
    on_class = holder is not None and isinstance(holder.item, Class) and not holder.instance
    return on_class and keeps_resource(project.names.evaluate(value, function), project)


def _awaited(value: ast.expr) -> ast.expr:
    return value.value if isinstance(value, ast.Await) else value
