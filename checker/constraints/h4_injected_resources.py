"""Shared resources come by dependency injection.

## What it asks

A path operation gets its database session, HTTP client, cache or store as a parameter, through `Depends`. It does not reach for a
module's global, an imported client, a singleton's class attribute or a session that a middleware has put on the request, and it does
not call the function that hands out a global, nor a module whose functions work through its own client. Helpers beside it in its module, into which its work was split, count as part of it.

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
schemes are no resources. Objects of your own count when they change, keep a resource or ask another service themselves.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from checker.constraints.flow import last_name
from checker.constraints.getters import hands_out_elsewhere, hands_out_global
from checker.constraints.global_uses import attributes_of_globals, first_uses
from checker.constraints.middleware_sessions import (
    library_session_used,
    library_sessions,
    sessions_handed_on,
)
from checker.constraints.openings import reaches_by_name
from checker.constraints.resource_variables import resource_variable
from checker.constraints.resources import (
    holds_state,
    is_resource,
    is_settings,
    keeps_resource,
    kind_of,
)
from checker.constraints.rule import Constraint, Context, Hit, hit_at, hit_at_call
from checker.constraints.session_managers import opened_by_hand, way_from_operation
from checker.constraints.shared_state import shared_state, state_kind
from checker.constraints.singletons import how_kept, keeps_on_class, objects_on_classes
from checker.source import Call, Class, Function, Project, Variable

CONSTRAINT = Constraint(
    id="H4",
    title="Shared resources come by dependency injection",
    hard=True,
    docs="https://fastapi.tiangolo.com/tutorial/dependencies/",
    page=__doc__ or "",
)
_SESSION_OF = {
    "sqlalchemy.engine.Engine": "Session",
    "sqlalchemy.orm.Session": "Session",
    "sqlalchemy.orm.sessionmaker": "Session",
    "sqlalchemy.orm.scoped_session": "Session",
    "sqlalchemy.ext.asyncio.AsyncEngine": "AsyncSession",
    "sqlalchemy.ext.asyncio.AsyncSession": "AsyncSession",
    "sqlalchemy.ext.asyncio.async_sessionmaker": "AsyncSession",
    "sqlalchemy.ext.asyncio.async_scoped_session": "AsyncSession",
}
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
    for function, label in _handlers(project):
        for node, variable in first_uses(function, project):
            kind = resource_variable(variable, project)
            if not kind:
                continue
            where = "" if variable.module is function.module else f" of `{variable.module.path}`"
            yield hit_at(
                node,
                function.module,
                f"{label} uses the global `{variable.name}`{where}, {_shown(kind)}; a test cannot replace it "
                "through `app.dependency_overrides`.",
                help=_dependency(variable, kind, project),
                key=variable.name,
            )
        taken = library_session_used(function, project)
        if taken is not None:
            yield hit_at(
                taken,
                function.module,
                f"{label} takes the session from the library's global `{ast.unparse(taken)}`; a test cannot replace it through "
                "`app.dependency_overrides`.",
            )


@CONSTRAINT.rule(
    "state-from-module-global",
    help="Put it into a class, make one instance in the lifespan (`app.state.jobs = Jobs()`), and take it as a parameter through "
    "`Depends`.",
)
def state_from_module_global(context: Context) -> Iterable[Hit]:
    """A path operation that reads or changes a dict, list, set, cache or event of a module which changes while the app serves."""
    project = context.project
    state = shared_state(project)
    for function in dict.fromkeys(operation.function for operation in project.operations):
        for node, variable in first_uses(function, project) if state else ():
            if variable not in state or resource_variable(variable, project):
                continue
            kind = state_kind(variable, project).rpartition(".")[2]
            where = "" if variable.module is function.module else f" of `{variable.module.path}`"
            yield hit_at(
                node,
                function.module,
                f"`{function.short}` works on the global `{variable.name}`{where}, {_shown(kind)} "
                "that all requests share; a test cannot replace it through `app.dependency_overrides`.",
                key=variable.name,
            )


@CONSTRAINT.rule(
    "resource-from-global-holder",
    help="Write a dependency that gives it, and take it as a parameter: `cache: Annotated[Cache, Depends(get_cache)]`.",
)
def resource_from_global_holder(context: Context) -> Iterable[Hit]:
    """`configuration.cache.get(...)`: a resource that hangs on an object of a module."""
    project = context.project
    for operation in project.operations:
        for node, variable in attributes_of_globals(operation.function, project):
            value = project.names.evaluate(node, operation.function)
            if value is None or not (is_resource(value, project) or holds_state(value, project)):
                continue
            if resource_variable(variable, project):
                continue  # The holder itself is reported.
            yield hit_at(
                node,
                operation.function.module,
                f"`{operation.label}` takes {_shown(kind_of(value))} from the global `{ast.unparse(node)}`; a test cannot replace it "
                "through `app.dependency_overrides`.",
                key=ast.unparse(node),
            )


def _shown(kind: str) -> str:
    article = "an" if kind[:1].lower() in "aeiou" else "a"
    return f"{article} {kind}" if " " in kind else f"{article} `{kind}`"


def _dependency(variable: Variable, kind: str, project: Project) -> str:
    """The dependency to write, by name."""
    value = project.names.variable_value(variable)
    session = _SESSION_OF.get(value.name) if value is not None else None
    if session is not None:
        return (
            f"Open the session in a dependency with `yield`, `get_session`, and take `session: Annotated[{session}, "
            "Depends(get_session)]` as a parameter."
        )
    name = variable.name.strip("_").lower()
    typed = kind if kind[:1].isupper() else "Client"
    return (
        f"Open it in the lifespan (`app.state.{name} = ...`), write `def get_{name}(request: Request)` that returns "
        f"`request.app.state.{name}`, and take `{name}: Annotated[{typed}, Depends(get_{name})]` as a parameter."
    )


@CONSTRAINT.rule(
    "session-opened-by-hand",
    help="Write a dependency with `yield` that opens and closes it, and take `session: Annotated[AsyncSession, "
    "Depends(get_session)]` as a parameter; helpers get it handed on.",
    docs=_YIELD,
)
def session_opened_by_hand(context: Context) -> Iterable[Hit]:
    """`next(get_db())`, `async with session_scope() as s` in a path operation; `SessionLocal()` in a helper of one."""
    project = context.project
    operations = {o.function: o.label for o in project.operations}
    for function in project.in_requests:
        if function.module.is_test or function in project.framework.dependencies:
            continue
        label = operations.get(function)
        way = () if label is not None else way_from_operation(function, project)
        if label is None and not way:
            continue
        for call in function.calls:
            opened = opened_by_hand(call, function, project, handler=label is not None)
            if not opened:
                continue
            if label is not None:
                message = (
                    f"`{label}` opens its own session with `{opened}`, so a test cannot replace it through "
                    "`app.dependency_overrides`, and it is not the session of the request."
                )
            else:
                message = (
                    f"`{function.short}`, which path operations call, opens a session of its own with `{opened}`: a test cannot replace "
                    "it through `app.dependency_overrides`, and what two helpers change for one request is not one transaction."
                )
            yield hit_at_call(call, message, trace=way)


@CONSTRAINT.rule(
    "resource-from-class-singleton",
    help="Keep the resource on `app.state`, filled in the lifespan, and hand it out through a dependency.",
)
def resource_from_class_singleton(context: Context) -> Iterable[Hit]:
    """A path operation that asks a class for a resource kept on it, or makes "the" instance of a singleton."""
    project = context.project
    for function, label in _handlers(project):
        reported: set[Class] = set()
        for call in function.calls:
            made = _shared_class(call, project)
            if made is None or made in reported:
                continue
            reported.add(made)
            yield hit_at_call(
                call,
                f"{label} fetches a shared object from the class `{made.name}` itself; a test cannot replace it through "
                "`app.dependency_overrides`.",
            )
        for node, holder, value in objects_on_classes(function, project):
            if holder in reported:
                continue
            reported.add(holder)
            yield hit_at(
                node,
                function.module,
                f"{label} takes {_shown(kind_of(value))} from the class `{holder.name}`, which keeps it for all; a test cannot "
                "replace it through `app.dependency_overrides`.",
                key=ast.unparse(node),
            )


def _shared_class(call: Call, project: Project) -> Class | None:
    """The class whose shared object a call fetches: `Pool.get()`, `ClientHolder()` of a singleton."""
    callee = call.callee
    if callee is not None and callee.owner is not None and keeps_on_class(callee, project):
        return callee.owner
    value = project.names.evaluate(call.node.func, call.scope)
    if value is None or value.instance or not isinstance(value.item, Class) or is_settings(value, project):
        return None
    return value.item if how_kept(value.item, project) is not None else None


def _handlers(project: Project) -> Iterator[tuple[Function, str]]:
    """Path operations, and the helpers in the same module into which their work was split, with a name for the reader."""
    seen: set[Function] = set()
    for operation in project.operations:
        if operation.function not in seen:
            seen.add(operation.function)
            yield operation.function, f"`{operation.label}`"
    handlers = list(seen)
    for function in handlers:
        for call in function.calls:
            callee = call.callee
            if callee is None or callee in seen or callee.owner is not None:
                continue
            if callee.module is not function.module and not _only_hands_on(function, call):
                continue
            seen.add(callee)
            if not callee.is_generator and callee not in project.framework.dependencies:
                yield callee, f"`{callee.short}`"


def _only_hands_on(function: Function, call: Call) -> bool:
    """`return answer(name)` and nothing else: the path operation stands in another module."""
    body = [s for s in function.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    if len(body) != 1 or not isinstance(body[0], ast.Return):
        return False
    given = body[0].value
    return (given.value if isinstance(given, ast.Await) else given) is call.node


@CONSTRAINT.rule(
    "resource-from-getter",
    help="Hand the function to `Depends` and take the resource as a parameter: "
    "`client: Annotated[Client, Depends(get_client)]`.",
)
def resource_from_getter(context: Context) -> Iterable[Hit]:
    """A path operation that calls `get_client()` itself, where the function hands out a shared resource."""
    project = context.project
    for operation in project.operations:
        for call in operation.function.calls:
            callee = call.callee
            if callee is None and hands_out_elsewhere(call):
                keeper = call.target.rpartition(".")[0]
            elif callee is not None and callee.owner is None and hands_out_global(callee, project):
                keeper = callee.module.path
            else:
                continue
            yield hit_at_call(
                call,
                f"`{operation.label}` calls `{last_name(call.node)}()` for a resource that `{keeper}` keeps for all; "
                "a test cannot replace it through `app.dependency_overrides`.",
                help=f"Take it as a parameter: `Annotated[..., Depends({last_name(call.node)})]`.",
            )


@CONSTRAINT.rule(
    "resource-behind-module-function",
    help="Make a class of the module, open its client in the lifespan, and take the object as a parameter through `Depends`.",
)
def resource_behind_module_function(context: Context) -> Iterable[Hit]:
    """`storage.upload(...)` in a path operation, where `storage` is a module that keeps an open client for its functions."""
    project = context.project
    for operation in project.operations:
        reported: set[Variable] = set()
        for call in operation.function.calls:
            on = call.node.func
            if call.callee is None or not isinstance(on, ast.Attribute):
                continue
            holder = project.names.evaluate(on.value, operation.function)
            if holder is None or holder.item is not call.callee.module:
                continue
            if call.callee in project.framework.dependencies or call.callee.is_generator:
                continue
            for _, variable in first_uses(call.callee, project):
                value = project.names.variable_value(variable)
                if variable.module is not call.callee.module or variable in reported or value is None:
                    continue
                if is_resource(value, project) and keeps_resource(value, project):
                    reported.add(variable)
                    yield hit_at_call(
                        call,
                        f"`{operation.label}` calls `{ast.unparse(on)}`, which works through `{variable.name}`, {_shown(kind_of(value))} "
                        "that the module keeps open for all; a test cannot replace it through `app.dependency_overrides`.",
                    )


_CONNECTING = frozenset({"connect", "connect_db", "open_connection"})


@CONSTRAINT.rule(
    "session-made-in-middleware",
    help="Open the session in a dependency with `yield`; it then closes at the right moment and can be overridden.",
    docs=_YIELD,
)
def session_made_in_middleware(context: Context) -> Iterable[Hit]:
    """A middleware that opens a database session and leaves it on the request, in the scope or in a context variable."""
    project = context.project
    for function in project.framework.middleware:
        for handed in sessions_handed_on(function, project):
            yield hit_at(
                handed.node,
                function.module,
                f"The middleware `{function.short}` opens a `{handed.kind}` for every request and hands it on through "
                f"`{handed.through}`, past dependency injection.",
            )
        for call in function.calls:
            if last_name(call.node) in _CONNECTING and reaches_by_name(call):
                yield hit_at_call(
                    call,
                    f"The middleware `{function.short}` opens the database with `{ast.unparse(call.node.func)}` for every request, "
                    "past dependency injection.",
                )
            # What is opened with `next(...)` nobody closes; a session that the middleware opens and closes itself is its own.
            opened = opened_by_hand(call, function, project, handler=False)
            if opened.startswith("next("):
                yield hit_at_call(
                    call,
                    f"The middleware `{function.short}` opens a session with `{opened}` for every request, past dependency injection, and "
                    "what stands behind the `yield` never runs.",
                )
    for call, name in library_sessions(project):
        yield hit_at_call(
            call,
            f"`{name}` opens a session for every request and hands it out through a global, past dependency injection.",
        )
