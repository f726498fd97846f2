"""`Depends()` is preferred over global state.

## What it asks

What changes while the app serves lives behind a dependency, on `app.state` or in a database. It does not live in a module's list or
dictionary, behind a `global` statement, or in a singleton's class attribute.

## Why it matters

Global state is shared by all requests, all threads and all tests, and by nothing else: two workers have two of it. It cannot be
replaced in a test, and two requests that change it at once get in each other's way.

## Example

```python
tools: list[Tool] = []


@app.post("/tools", status_code=201)
async def create_tool(tool: Tool) -> Tool:
    tools.append(tool)
    return tool
```

## Use instead

```python
def get_store(request: Request) -> ToolStore:
    return request.app.state.store           # made in the lifespan


@app.post("/tools", status_code=201)
async def create_tool(tool: Tool, store: Annotated[ToolStore, Depends(get_store)]) -> Tool:
    return store.add(tool)
```

## When it may be flexed

A small pure helper that remembers what it computed, where a stale or missing entry harms nobody.

## Known limits

Constants, routers, factories, security schemes, loggers and context variables are fine. A collection that nothing changes after the
import counts as a constant.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from checker.constraints.resources import changes_its_object, holds_state, is_local, is_mutation, is_resource
from checker.constraints.rule import Constraint, Context, Hit
from checker.source import Call, Class, Function, Module, Project, Scope, Variable

CONSTRAINT = Constraint(
    id="S2",
    title="Depends() instead of global state",
    hard=False,
    docs="https://fastapi.tiangolo.com/tutorial/dependencies/",
    page=__doc__ or "",
)
_COLLECTIONS = frozenset({
    "builtins.list", "builtins.dict", "builtins.set", "collections.deque", "collections.defaultdict",
    "collections.OrderedDict", "collections.Counter", "builtins.bytearray", "collections.ChainMap", "weakref.WeakSet",
    "weakref.WeakValueDictionary", "weakref.WeakKeyDictionary",
})  # fmt: skip
_CACHES = frozenset(
    {
        "cachetools.TTLCache",
        "cachetools.LRUCache",
        "cachetools.LFUCache",
        "cachetools.Cache",
        "cachetools.TLRUCache",
    }
)


@CONSTRAINT.applies_when
def _there_are_operations(context: Context) -> bool:
    return bool(context.project.operations)


def _at_run_time(function: Function, project: Project) -> bool:
    """Start-up code may fill a module's variable; everything else that runs later may not."""
    starting = {
        *project.framework.lifespans,
        *(f for _, f in project.framework.event_handlers if f is not None),
    }
    return function not in starting


@CONSTRAINT.rule(
    "global-statement",
    help="Keep the value on `app.state` (filled in the lifespan) or behind a dependency, and hand it in as a parameter.",
)
def global_statement(context: Context) -> Iterable[Hit]:
    """A function that declares a module's variable `global` and gives it a new value, or changes what it holds."""
    for module in _package(context.project):
        reported: set[tuple[Scope, str]] = set()
        for scope, name, line in _globals_changed(module):
            if (scope, name) in reported:
                continue
            reported.add((scope, name))
            yield Hit(
                path=module.path,
                line=scope.declared_global.get(name, line),
                message=f"`{scope.short}` changes the module's variable `{name}`, which every request, thread and test shares.",
                key=name,
            )


def _globals_changed(module: Module) -> Iterator[tuple[Function, str, int]]:
    for store in module.stores:
        scope, name = store.scope, _name_below(store.target)
        if store.attribute in {"", "="} and isinstance(scope, Function) and name in scope.declared_global:
            yield scope, name, store.line
    for call in module.calls:
        scope, on = call.scope, call.node.func
        if isinstance(scope, Function) and isinstance(on, ast.Attribute) and is_mutation(call.node):
            name = _name_below(on.value)
            if name in scope.declared_global:
                yield scope, name, call.line


def _name_below(expression: ast.expr) -> str:
    """`cache` of `cache[a][b]`."""
    while isinstance(expression, ast.Subscript):
        expression = expression.value
    return expression.id if isinstance(expression, ast.Name) else ""


@CONSTRAINT.rule(
    "module-level-mutable-state",
    help="Put it into a class, make one instance in the lifespan (`app.state.store = ...`), and hand it out with `Depends`.",
)
def module_level_mutable_state(context: Context) -> Iterable[Hit]:
    """A list, dict, set or object of a module that a request changes."""
    project = context.project
    reported: set[Variable] = set()
    routed = {operation.function.module for operation in project.operations}
    for function in [*project.in_requests, *_later(project)]:
        if function.module.is_test or not _at_run_time(function, project):
            continue
        for variable, line in _changes(function, project):
            if variable.name in function.declared_global:
                continue  # The `global` statement is reported.
            value = project.names.variable_value(variable)
            if variable in reported or value is None or not value.instance:
                continue
            kind = value.name.removesuffix("()")
            if kind not in _COLLECTIONS | _CACHES:
                continue
            # Where no request could be traced to the function, it may be a registration: not of a cache, and not beside
            # path operations, where validators and the like run.
            if function not in project.in_requests and kind not in _CACHES and function.module not in routed:
                continue
            reported.add(variable)
            yield _state(variable, function, line)
        followed = function in project.in_requests
        for variable, line in _objects_changed(function, project) if followed else ():
            if variable not in reported:
                reported.add(variable)
                yield _state(variable, function, line)


def _state(variable: Variable, function: Function, line: int) -> Hit:
    return Hit(
        path=variable.module.path,
        line=variable.line,
        message=f"`{variable.name}` is state of the module that requests change (`{function.short}`, "
        f"{function.module.path}:{line}); every worker has its own and every test shares it.",
        key=variable.name,
    )


def _later(project: Project) -> Iterator[Function]:
    """Functions of the service that no import runs; what leads to them from a request could not be followed."""
    starting = _import_time(project)
    for module in _package(project):
        for function in module.functions:
            if function not in starting and function not in project.in_requests:
                yield function


def _package(project: Project) -> Iterator[Module]:
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


def _objects_changed(function: Function, project: Project) -> Iterator[tuple[Variable, int]]:
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


def _changes(function: Function, project: Project) -> Iterator[tuple[Variable, int]]:
    for store in function.stores:
        if store.attribute == "":
            variable = _root_variable(store.target, function, project)
            if variable is not None:
                yield variable, store.line
    for call in function.calls:
        if _keeps_a_task(call, project):
            continue
        if is_mutation(call.node) and isinstance(call.node.func, ast.Attribute):
            variable = _root_variable(call.node.func.value, function, project)
            if variable is not None:
                yield variable, call.line


def _keeps_a_task(call: Call, project: Project) -> bool:
    """`running.add(task)`: the documented way to keep a task alive until it is done."""
    given = call.node.args[0] if call.node.args else None
    kept = project.names.type_name(given, call.scope) if given is not None else ""
    return kept in {"asyncio.create_task()", "asyncio.ensure_future()", "asyncio.Task"}


def _root_variable(expression: ast.expr, function: Function, project: Project) -> Variable | None:
    while isinstance(expression, ast.Subscript):
        expression = expression.value
    return project.names.variable(expression, function)


@CONSTRAINT.rule(
    "module-attribute-assigned",
    help="Keep the object on `app.state` and hand it out with a dependency instead of storing it in a module.",
)
def module_attribute_assigned(context: Context) -> Iterable[Hit]:
    """`other_module.pool = ...` in a function."""
    for module in context.project.service_modules:
        for store in module.stores:
            if not store.attribute or store.attribute == "=" or not isinstance(store.scope, Function):
                continue
            value = context.project.names.evaluate(store.target, store.scope)
            if value is not None and isinstance(value.item, Module):
                yield Hit(
                    path=module.path,
                    line=store.line,
                    column=store.column,
                    message=f"`{store.scope.short}` stores an object in the module `{value.item.path}`, where every request, "
                    "thread and test shares it.",
                )


@CONSTRAINT.rule(
    "module-object-changed-by-request",
    help="Hand the value on as a parameter or through `request.state`; the object belongs to all requests at once.",
)
def module_object_changed_by_request(context: Context) -> Iterable[Hit]:
    """`client.token = ...` on an object of a module, while a request is answered."""
    project = context.project
    for function in project.in_requests:
        if function.module.is_test or not _at_run_time(function, project):
            continue
        for store in function.stores:
            if store.attribute in {"", "="}:
                continue
            variable = project.names.variable(store.target, function)
            value = project.names.variable_value(variable) if variable is not None else None
            if variable is None or value is None or not value.instance or is_local(value, project):
                continue
            yield Hit(
                path=function.module.path,
                line=store.line,
                column=store.column,
                message=f"`{function.short}` changes `{variable.name}`, an object that all requests share, while it serves one of "
                "them.",
            )


@CONSTRAINT.rule(
    "singleton-class",
    help="Make one instance in the lifespan, keep it on `app.state`, and hand it out with a dependency.",
)
def singleton_class(context: Context) -> Iterable[Hit]:
    """A class that keeps its only instance, or a shared object, on itself; and the instance that a module makes of it."""
    project = context.project
    kept: dict[Class, str] = {}
    for module in project.service_modules:
        for made in module.classes:
            how = _how_kept(made, project)
            if how:
                kept[made] = how
                yield Hit(
                    path=module.path,
                    line=made.line,
                    column=made.node.col_offset,
                    message=f"`{made.name}` {how}, which is a global by another name.",
                )
    for module in project.service_modules:
        for name, bindings in module.scope.bindings.items():
            for binding in bindings:
                value = (
                    project.names.evaluate(binding.value, module.scope) if binding.value is not None else None
                )
                if value is None or not value.instance or not isinstance(value.item, Class):
                    continue
                if value.item in kept and isinstance(binding.value, ast.Call):
                    yield Hit(
                        path=module.path,
                        line=binding.line,
                        message=f"`{name}` is the one instance of the singleton `{value.item.name}`, which every request and every "
                        "test shares.",
                        key=name,
                    )


_OWN_INSTANCE = frozenset({"instance", "instances", "singleton", "inst", "self"})


def _how_kept(made: Class, project: Project) -> str:
    """How a class keeps its only instance or a shared object, in words."""
    line = _kept_on_class(made, project)
    if line is not None:
        return f"keeps a shared object on the class itself (line {line})"
    marks = [*made.node.decorator_list, *(k.value for k in made.node.keywords if k.arg == "metaclass")]
    for mark in marks:
        plain: ast.expr = mark.func if isinstance(mark, ast.Call) else mark
        if "singleton" in ast.unparse(plain).lower():
            return f"has only one instance, by `{ast.unparse(plain)}`"
    return ""


def _kept_on_class(made: Class, project: Project) -> int | None:
    """The line that stores a resource, or the only instance, on the class."""
    for method in made.functions.values():
        first = method.parameters[0].name if method.parameters else ""
        on_class = first == "cls" or method.name.endswith(".__new__")
        for store in method.stores:
            if store.value is None:
                continue
            owner, attribute = _stored(store.target, store.attribute)
            if attribute not in made.bindings or owner == "":
                continue
            if owner != made.node.name and not (on_class and owner == first):
                continue
            value = project.names.evaluate(store.value, method)
            own = value is not None and value.instance and value.item is made
            if own or attribute.strip("_") in _OWN_INSTANCE or is_resource(value, project):
                return store.line
    return None


def _stored(target: ast.expr, attribute: str) -> tuple[str, str]:
    """The name of the object and the attribute that a store writes: `cls.x = 1`, `cls.x[k] = 1`."""
    owner: ast.expr = target
    if not attribute and isinstance(target, ast.Attribute):
        owner, attribute = target.value, target.attr
    return (owner.id if isinstance(owner, ast.Name) else ""), attribute
