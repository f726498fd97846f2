"""Variables of modules that functions change, and which functions only run while modules are imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from checker.constraints.flow import last_name
from checker.constraints.resources import changes_its_object, holds_state, is_mutation, is_resource
from checker.source import Call, Function, Module, Project, Variable
from checker.source.model import Store


def later(project: Project) -> Iterator[Function]:
    """Functions of the service that no import runs; what leads to them from a request could not be followed."""
    starting = _import_time(project)
    for module in package_modules(project):
        for function in module.functions:
            if function not in starting and function not in project.in_requests:
                yield function


def package_modules(project: Project) -> Iterator[Module]:
    """Modules of the app's own package, also those that only a plug-in or an entry point loads."""
    tops = {m.path.rpartition("/")[0] for m, _ in project.framework.apps} - {""}
    for module in project.modules:
        parts = set(module.path.removesuffix(".py").split("/"))
        if (
            module in project.service_modules
            or not module.is_test
            and not parts & _BESIDE
            and module.path.startswith(tuple(f"{t}/" for t in tops))
        ):
            yield module


_BESIDE = frozenset(
    {"alembic", "migrations", "versions", "scripts", "cli", "commands", "worker", "workers", "celery"}
)


def _import_time(project: Project) -> set[Function]:
    """What runs while modules are imported or the app starts: registrations, factories, decorators."""
    names = project.names
    waiting: list[Function] = [*project.framework.lifespans]
    waiting += [f for _, f in project.framework.event_handlers if f is not None]
    for module in project.modules:
        for call in module.calls:
            if not isinstance(call.scope, Function) and call.callee is not None:
                waiting.append(call.callee)
        for function in module.functions:
            for decorator in function.decorators:
                plain = decorator.func if isinstance(decorator, ast.Call) else decorator
                value = names.evaluate(plain, function.parent or module.scope)
                if value is not None and isinstance(value.item, Function):
                    waiting.append(value.item)
    found: set[Function] = set()
    while waiting:
        function = waiting.pop()
        if function not in found:
            found.add(function)
            waiting += [c.callee for c in function.calls if c.callee is not None]
            waiting += list(function.functions.values())
    return found


def objects_changed(function: Function, project: Project) -> Iterator[tuple[Variable, int]]:
    """`manager.connect(...)` on an object of a module, where the method changes the object."""
    for call in function.calls:
        on = call.node.func
        if call.callee is None or call.callee.owner is None or not isinstance(on, ast.Attribute):
            continue
        variable = project.names.variable(on.value, function)
        value = project.names.variable_value(variable) if variable is not None else None
        if variable is None or not holds_state(value, project) or is_resource(value, project):
            continue
        if changes_its_object(call.callee):
            yield variable, call.line


def changes(function: Function, project: Project) -> Iterator[tuple[Variable, int]]:
    """The variables of modules that a function writes into, with the line."""
    for store in function.stores:
        if store.attribute != "=":
            variable = (
                module_attribute(store, project)
                if store.attribute
                else root_variable(store.target, function, project)
            )
            if variable is not None:
                yield variable, store.line
    for call in function.calls:
        if _keeps_a_task(call, project):
            continue
        if is_mutation(call.node) and isinstance(call.node.func, ast.Attribute):
            variable = root_variable(call.node.func.value, function, project)
            if variable is not None:
                yield variable, call.line


def _keeps_a_task(call: Call, project: Project) -> bool:
    """`running.add(task)` of a set: the documented way to keep a task alive until it is done."""
    given = call.node.args[0] if call.node.args and last_name(call.node) == "add" else None
    kept = project.names.type_name(given, call.scope) if given is not None else ""
    return kept in {"asyncio.create_task()", "asyncio.ensure_future()", "asyncio.Task"}


def keeps_tasks(variable: Variable) -> bool:
    """`running: set[asyncio.Task] = set()`: the same, as the annotation says."""
    annotations = [b.annotation for b in variable.bindings if b.annotation is not None]
    return any(ast.unparse(a).lower().startswith("set[") and "Task" in ast.unparse(a) for a in annotations)


def root_variable(expression: ast.expr, function: Function, project: Project) -> Variable | None:
    """The variable of a module below keys: `cache` of `cache[a][b]`."""
    while isinstance(expression, ast.Subscript):
        expression = expression.value
    return project.names.variable(expression, function)


def module_attribute(store: Store, project: Project) -> Variable | None:
    """`tools` of the module in `state.tools = [...]`."""
    value = project.names.evaluate(store.target, store.scope)
    if (
        value is None
        or not isinstance(value.item, Module)
        or store.attribute not in value.item.scope.bindings
    ):
        return None
    return Variable(value.item, store.attribute)


def places_changed(function: Function, project: Project) -> Iterator[tuple[ast.expr, int]]:
    """What is written into or appended to, by way of a module: `state.cache` of `state.cache[key] = 1`."""
    found = [(store.target, store.line) for store in function.stores if not store.attribute]
    for call in function.calls:
        if (
            is_mutation(call.node)
            and isinstance(call.node.func, ast.Attribute)
            and not _keeps_a_task(call, project)
        ):
            found.append((call.node.func.value, call.line))
    for place, line in found:
        while isinstance(place, ast.Subscript):
            place = place.value
        if isinstance(place, ast.Attribute):
            yield place, line
