"""Functions that hand out what a module, a class or a cache of results holds for all."""

from __future__ import annotations

import ast
import re

from checker.constraints.handmade import is_none
from checker.constraints.resource_variables import resource_variable
from checker.constraints.resources import DATA, NOT_OPENED, is_shared_object, keeps_resource
from checker.source import Call, Class, Function, Project


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


def hands_out_elsewhere(call: Call) -> bool:
    """`get_manager()` of a package that is not there to read: what it gives, it keeps, as it is asked for nothing in particular."""
    home, _, last = call.target.rpartition(".")
    if call.callee is not None or call.node.args or call.node.keywords:
        return False
    plain = bool(home) and home == home.lower() and "(" not in home
    return (
        plain and home.partition(".")[0] not in NOT_OPENED | DATA and _GIVES_SHARED.search(last) is not None
    )


_GIVES_SHARED = re.compile(
    r"^get_(\w+_)?(client|db|database|redis|mongo|connection|pool|store|vectorstore|storage|producer|driver|elasticsearch|manager)$"
)


def _is_held(value: ast.expr, function: Function, project: Project) -> bool:
    """`_client` of the module, also a part of it, `_client[name]`; `Holder.client` of a class."""
    value = _whole(value)
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


def _whole(value: ast.expr) -> ast.expr:
    """`client` of `client[name]` and of `client.get_database(name)`."""
    while True:
        if isinstance(value, ast.Subscript):
            value = value.value
        elif (
            isinstance(value, ast.Call)
            and isinstance(value.func, ast.Attribute)
            and value.func.attr in _PARTS
        ):
            value = value.func.value
        else:
            return value


_PARTS = frozenset({"get_database", "get_default_database", "get_collection"})


def _awaited(value: ast.expr) -> ast.expr:
    return value.value if isinstance(value, ast.Await) else value
