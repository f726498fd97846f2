"""Shared resources come by dependency injection.

## What it asks

A path operation gets its database session, HTTP client, cache or store as a parameter, through `Depends`. It does not reach for a
module's global, an imported client, a singleton's class attribute or a session that a middleware has put on the request.

## Why it matters

What comes as a parameter can be replaced in a test with one line, `app.dependency_overrides[get_store] = ...`, is opened and closed
in one place, and shows in the signature. A global is shared by all tests and bound to the event loop that was there at import.

## Example

```python
from app.clients import catalogue        # an httpx2.AsyncClient made at import


@router.get("/manuals/{model}")
async def manual(model: str) -> Manual:
    return Manual.model_validate((await catalogue.get(f"/{model}")).json())
```

## Use instead

```python
def get_catalogue(request: Request) -> httpx2.AsyncClient:
    return request.app.state.catalogue     # opened in the lifespan


Catalogue = Annotated[httpx2.AsyncClient, Depends(get_catalogue)]


@router.get("/manuals/{model}")
async def manual(model: str, catalogue: Catalogue) -> Manual: ...
```

## Known limits

A dependency may use a global session factory or engine: that is its work. Settings, loggers, constants, templates and security
schemes are no resources. Objects of your own count when they change or keep a resource.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from checker.constraints.resources import SESSIONS, is_resource, kind_of, resource_variable
from checker.constraints.rule import Constraint, Context, Hit, hit_at, hit_at_call
from checker.source import Function, Project, Variable

CONSTRAINT = Constraint(
    id="H4",
    title="Shared resources come by dependency injection",
    hard=True,
    docs="https://fastapi.tiangolo.com/tutorial/dependencies/",
    page=__doc__ or "",
)
_YIELD = "https://fastapi.tiangolo.com/tutorial/dependencies/dependencies-with-yield/"


@CONSTRAINT.applies_when
def _there_are_operations(context: Context) -> bool:
    return bool(context.project.operations)


@CONSTRAINT.rule(
    "resource-from-module-global",
    help="Write a dependency that gives it, and take it as a parameter: `store: Annotated[Store, Depends(get_store)]`.",
)
def resource_from_module_global(context: Context) -> Iterable[Hit]:
    """A path operation that uses a client, session, engine or store of a module directly."""
    project = context.project
    for operation in context.project.operations:
        for node, variable in _first_uses(operation.function, project):
            value = resource_variable(variable, project)
            if value is None:
                continue
            where = "" if variable.module is operation.function.module else f" of `{variable.module.path}`"
            yield hit_at(
                node,
                operation.function.module,
                f"`{operation.label}` uses the global `{variable.name}`{where}, a `{kind_of(value)}`; a test cannot replace it "
                "through `app.dependency_overrides`.",
                key=variable.name,
            )


def _first_uses(function: Function, project: Project) -> Iterator[tuple[ast.expr, Variable]]:
    """Where each module variable is first used; a mere question such as `if pool is None` does not count as use."""
    asked = {id(side) for compare in function.comparisons for side in (compare.left, *compare.comparators)}
    found: dict[Variable, ast.expr] = {}
    for node, variable in _globals_used(function, project):
        if variable not in found or id(found[variable]) in asked:
            found[variable] = node
    yield from ((node, variable) for variable, node in found.items())


def _globals_used(function: Function, project: Project) -> Iterator[tuple[ast.expr, Variable]]:
    """Names and attributes in the body that read a module's variable, in the order of the file."""
    skipped = {
        id(call.node) for call in function.calls if call.target in {"fastapi.Depends", "fastapi.Security"}
    }
    waiting: list[ast.AST] = list(reversed(function.body))
    while waiting:
        node = waiting.pop()
        if id(node) in skipped or isinstance(
            node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
        ):
            continue
        if isinstance(node, (ast.Name, ast.Attribute)):
            variable = project.names.variable(node, function)
            if variable is not None:
                yield node, variable
                continue
        waiting.extend(reversed(list(ast.iter_child_nodes(node))))


@CONSTRAINT.rule(
    "resource-from-class-singleton",
    help="Keep the resource on `app.state`, filled in the lifespan, and hand it out through a dependency.",
)
def resource_from_class_singleton(context: Context) -> Iterable[Hit]:
    """A path operation that asks a class method for a resource kept on the class."""
    for operation in context.project.operations:
        for call in operation.function.calls:
            callee = call.callee
            if callee is None or callee.owner is None or not _keeps_on_class(callee, context.project):
                continue
            yield hit_at_call(
                call,
                f"`{operation.label}` fetches a shared object from the class `{callee.owner.name}` itself; a test cannot "
                "replace it through `app.dependency_overrides`.",
            )


def _keeps_on_class(method: Function, project: Project) -> bool:
    """A class method that stores what it made on its class."""
    if not method.parameters or method.owner is None:
        return False
    decorators = {project.names.qualify(d, method.owner) for d in method.decorators}
    if "builtins.classmethod" not in decorators:
        return False
    me = method.parameters[0].name
    for store in method.stores:
        on_class = isinstance(store.target, ast.Name) and store.target.id == me
        if not on_class or not store.attribute or store.value is None:
            continue
        value = project.names.evaluate(store.value, method)
        if is_resource(value, project) or (value is not None and value.item is method.owner):
            return True
    return False


@CONSTRAINT.rule(
    "session-made-in-middleware",
    help="Open the session in a dependency with `yield`; it then closes at the right moment and can be overridden.",
    docs=_YIELD,
)
def session_made_in_middleware(context: Context) -> Iterable[Hit]:
    """A middleware that puts a database session on `request.state`."""
    project = context.project
    middleware = project.framework.middleware
    for function in middleware:
        for store in function.stores:
            if store.value is None or not store.attribute:
                continue
            if not (isinstance(store.target, ast.Attribute) and store.target.attr == "state"):
                continue
            value = project.names.evaluate(store.value, function)
            if value is not None and (
                value.name in SESSIONS or (is_resource(value, project) and "Session" in value.name)
            ):
                yield Hit(
                    path=function.module.path,
                    line=store.line,
                    column=store.column,
                    message=f"The middleware `{function.short}` opens a `{kind_of(value)}` for every request and hands it on "
                    "through `request.state`, past dependency injection.",
                )
