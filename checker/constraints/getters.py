"""Functions that hand out what a module, a class or a cache of results holds for all."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from checker.constraints.flow import statements, whole_of
from checker.constraints.handmade import is_none
from checker.constraints.resource_variables import resource_variable
from checker.constraints.resources import DATA, NOT_OPENED, is_resource, is_shared_object, keeps_resource
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
    whole = whole_of(value, _PARTS)
    if not isinstance(whole, (ast.Name, ast.Attribute)):
        return False
    value = whole
    if _is_remembered(value, function, project):
        return True
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


def _is_remembered(value: ast.expr, function: Function, project: Project) -> bool:
    """`nonlocal client` of the function that made this one: what the first call opened, all others get."""
    outer = function.parent
    if not isinstance(value, ast.Name) or not isinstance(outer, Function):
        return False
    return any(
        name.id == value.id and is_resource(project.names.evaluate(given, function), project)
        for name, given in _given_outside(function)
    )


def _given_outside(function: Function) -> Iterator[tuple[ast.Name, ast.expr]]:
    """What a function gives to names of the function around it."""
    outside = {name for s in statements(function) if isinstance(s, ast.Nonlocal) for name in s.names}
    for statement in statements(function) if outside else ():
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Name) and target.id in outside:
                    yield target, statement.value


_PARTS = frozenset({"get_database", "get_default_database", "get_collection"})


def _awaited(value: ast.expr) -> ast.expr:
    return value.value if isinstance(value, ast.Await) else value
