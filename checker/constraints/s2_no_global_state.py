"""`Depends()` is preferred over global state.

## What it asks

What changes while the app serves lives behind a dependency, on `app.state` or in a database. It does not live in a module's list or
dictionary, behind a `global` statement, or in an attribute of a class. A client, a session or a pool that requests use does not lie
in a module either.

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

Constants, routers, factories, security schemes, loggers and context variables are fine, and so is an engine or a client that only
a dependency hands out. A collection that nothing changes after the import counts as a constant. Command lines and workers of their
own are left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from checker.constraints.module_state import (
    done_at_import,
    functions_of_processes,
    held_by_object,
    keeps_tasks,
    later,
    module_attribute,
    objects_changed,
    package_modules,
    places_changed,
    resources_used,
    root_variable,
    runs_later,
)
from checker.constraints.resources import holds_state, is_local, is_mutation, is_resource
from checker.constraints.rule import Constraint, Context, Hit, hit_at
from checker.constraints.shared_state import (
    caches_of_results,
    filled_at_start,
    injected_and_changed,
    libraries_changed,
    runs_while_serving,
    state_changed,
    state_kind,
)
from checker.constraints.singletons import class_attributes_changed, how_kept
from checker.source import Class, Function, Module, Scope, Variable

CONSTRAINT = Constraint(
    id="S2",
    title="Depends() instead of global state",
    hard=False,
    docs="https://fastapi.tiangolo.com/tutorial/dependencies/",
    page=__doc__ or "",
    looks_at="anywhere",
)


@CONSTRAINT.applies_when
def _there_are_operations(context: Context) -> bool:
    return bool(context.project.operations)


@CONSTRAINT.rule(
    "global-statement",
    help="Keep the value on `app.state` (filled in the lifespan) or behind a dependency, and hand it in as a parameter.",
)
def global_statement(context: Context) -> Iterable[Hit]:
    """A function that declares a module's variable `global` and gives it a new value, or changes what it holds."""
    elsewhere = functions_of_processes(context.project)
    at_import = done_at_import(context.project)
    told = state_changed(context.project)
    for module in package_modules(context.project):
        reported: set[tuple[Scope, str]] = set()
        for scope, name, line in _globals_changed(module):
            if (scope, name) in reported or scope in elsewhere:
                continue
            variable = Variable(module, name)
            declared = [b.line for b in variable.bindings if b.writer is None]
            if scope in at_import:
                shared = f"`{scope.short}` gives the module's variable `{name}` another value as the module is imported; every test shares it."
            else:
                shared = f"`{scope.short}` changes the module's variable `{name}`, which every request, thread and test shares."
            if declared and variable not in told and name not in {other for _, other in reported}:
                yield Hit(
                    path=module.path,
                    line=declared[0],
                    message=f"`{name}` is a variable of the module that functions give new values (`{scope.short}`, line {line}); every "
                    "worker has its own and every test shares it.",
                    key=name,
                )
            reported.add((scope, name))
            yield Hit(
                path=module.path,
                line=scope.declared_global.get(name, line),
                message=shared,
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
    for variable, (function, line) in state_changed(project).items():
        reported.add(variable)
        yield _state(variable, function, line)
    for function in [*project.in_requests, *later(project)]:
        if function.module.is_test or not runs_while_serving(function, project):
            continue
        followed = function in project.in_requests
        for variable, line in objects_changed(function, project) if followed or runs_later(function) else ():
            if variable not in reported and not _is_given_by_function(variable):
                reported.add(variable)
                yield _state(variable, function, line)
    for function in [*project.in_requests, *(f for f in later(project) if f.is_async)]:
        for cache in caches_of_results(function, project) if not function.module.is_test else ():
            yield hit_at(
                cache,
                function.module,
                f"What `{function.short}` returns is kept in a cache of the module, which all requests and every test share.",
            )
    for variable, function, line in injected_and_changed(project):
        if variable not in reported:
            reported.add(variable)
            yield _state(variable, function, line)
    for variable, function, line in filled_at_start(project):
        if variable not in reported and state_kind(variable, project) and not keeps_tasks(variable):
            reported.add(variable)
            yield Hit(
                path=variable.module.path,
                line=variable.line,
                message=f"`{variable.name}` is filled when the app starts (`{function.short}`, {function.module.path}:{line}) and read by "
                "requests from the module, where no test can give another one.",
                key=variable.name,
            )


def _is_given_by_function(variable: Variable) -> bool:
    """A `global` statement gives it what it holds, and is reported where it stands."""
    return any(binding.writer is not None for binding in variable.bindings)


def _state(variable: Variable, function: Function, line: int) -> Hit:
    return Hit(
        path=variable.module.path,
        line=variable.line,
        message=f"`{variable.name}` is state of the module that requests change (`{function.short}`, "
        f"{function.module.path}:{line}); every worker has its own and every test shares it.",
        key=variable.name,
    )


@CONSTRAINT.rule(
    "module-attribute-assigned",
    help="Keep the object on `app.state` and hand it out with a dependency instead of storing it in a module.",
)
def module_attribute_assigned(context: Context) -> Iterable[Hit]:
    """`other_module.pool = ...` in a function, or `db.client = Client()` on an object of a module."""
    for module in package_modules(context.project):
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
                continue
            holder = held_by_object(store, context.project)
            if holder is not None and store.scope not in context.project.in_requests:
                yield Hit(
                    path=module.path,
                    line=store.line,
                    column=store.column,
                    message=f"`{store.scope.short}` stores a client or the like on `{holder.name}`, an object of the module "
                    f"`{holder.module.path}`, where every request, thread and test shares it.",
                )


@CONSTRAINT.rule(
    "resource-kept-in-module",
    help="Open it in the lifespan, keep it on `app.state`, and hand it out with a dependency.",
)
def resource_kept_in_module(context: Context) -> Iterable[Hit]:
    """A client, session or connection that a module opens or is given, and that requests use."""
    project = context.project
    reported: set[Variable] = set()
    for module in project.service_modules:
        for store in module.stores:
            if not store.attribute or store.attribute == "=" or not isinstance(store.scope, Function):
                continue
            variable = module_attribute(store, project) or held_by_object(store, project)
            kept = project.names.evaluate(store.value, store.scope) if store.value is not None else None
            if variable is None or variable in reported or variable.module.is_test:
                continue
            if is_resource(kept, project) or holds_state(kept, project):
                reported.add(variable)
                yield Hit(
                    path=variable.module.path,
                    line=variable.line,
                    message=f"`{variable.name}` holds a shared object that `{store.scope.short}` stores here ({module.path}:{store.line}); "
                    "every request, thread and test shares it.",
                    key=variable.name,
                )
    for variable, function in resources_used(project):
        if variable not in reported and not _is_given_by_function(variable):
            reported.add(variable)
            yield Hit(
                path=variable.module.path,
                line=variable.line,
                message=f"`{variable.name}` is opened with the module and used by requests (`{function.short}`, "
                f"{function.module.path}); it belongs to no app, and no test can give another one.",
                key=variable.name,
            )


@CONSTRAINT.rule(
    "other-modules-state-changed",
    help="Put it into a class, make one instance in the lifespan, and change it through a dependency.",
)
def other_modules_state_changed(context: Context) -> Iterable[Hit]:
    """`state.cache[key] = ...`: a request changes a collection of another module."""
    project = context.project
    for function in project.in_requests:
        if function.module.is_test or not runs_while_serving(function, project):
            continue
        reported: set[Variable] = set()
        for place, line in places_changed(function, project):
            variable = root_variable(place, function, project)
            if variable is None or variable.module is function.module or variable in reported:
                continue
            if not state_kind(variable, project):
                continue
            reported.add(variable)
            yield Hit(
                path=function.module.path,
                line=line,
                message=f"`{function.short}` changes `{variable.name}` of the module `{variable.module.path}`, which all requests share.",
                key=variable.name,
            )


@CONSTRAINT.rule(
    "module-object-changed-by-request",
    help="Hand the value on as a parameter or through `request.state`; the object belongs to all requests at once.",
)
def module_object_changed_by_request(context: Context) -> Iterable[Hit]:
    """`client.token = ...` on an object of a module, while a request is answered."""
    project = context.project
    for function in project.in_requests:
        if function.module.is_test or not runs_while_serving(function, project):
            continue
        for store in libraries_changed(function):
            yield Hit(
                path=function.module.path,
                line=store.line,
                column=store.column,
                message=f"`{function.short}` changes the library `{ast.unparse(store.target)}` for the whole process, while it serves one "
                "request of many.",
            )
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
    kept: set[Class] = set()
    for module in project.service_modules:
        for made in module.classes:
            found = how_kept(made, project)
            if found is not None:
                kept.add(made)
                yield Hit(
                    path=module.path,
                    line=found.line,
                    first_line=made.line,
                    column=made.node.col_offset,
                    message=f"`{made.name}` {found.how}, which is a global by another name.",
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


@CONSTRAINT.rule(
    "class-attribute-changed-by-request",
    help="Make it an attribute of an instance, make that instance in the lifespan (`app.state.jobs = Jobs()`), and hand it out with "
    "`Depends`.",
)
def class_attribute_changed_by_request(context: Context) -> Iterable[Hit]:
    """`Jobs.running[key] = job`: a class that stands for a module, with what requests change in its body."""
    project = context.project
    reported: set[tuple[Class, str]] = set()
    for function in [*project.in_requests, *later(project)]:
        if function.module.is_test or not runs_while_serving(function, project):
            continue
        # A plain function that no request was seen to reach may keep a register of classes; a list of instances is none.
        traced = function in project.in_requests or function.is_async
        for made, attribute, line in class_attributes_changed(function, project, by_instances=not traced):
            if (made, attribute) in reported or made.module.is_test or how_kept(made, project) is not None:
                continue
            reported.add((made, attribute))
            yield Hit(
                path=made.module.path,
                line=made.bindings[attribute][0].line,
                message=f"`{made.name}.{attribute}` lies on the class, and `{function.short}` ({function.module.path}:{line}) changes it; "
                "every request, thread and test shares it.",
                key=attribute,
            )
