"""Start-up and shutdown live in a lifespan context manager.

## What it asks

Everything that the app opens once is opened and closed in one `lifespan`: an async context manager given to `FastAPI(lifespan=...)`.
No `on_event`, no `add_event_handler`, nothing opened when the module is imported or in its main guard, no `atexit`.

## Why it matters

`on_event` is deprecated, and with a lifespan beside it FastAPI does not call it at all. What is opened at import is opened in every
process that imports the module, tests and migrations included, before there is an event loop, and nobody closes it.

## Example

```python
@app.on_event("startup")
async def open_client() -> None:
    app.state.catalogue = httpx2.AsyncClient()
```

## Use instead

```python
@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with httpx2.AsyncClient() as client:
        app.state.catalogue = client
        yield


app = FastAPI(lifespan=lifespan)
```

## Known limits

Making an engine, a session factory or the client of a language model is accepted at import. An app with nothing to start needs no
lifespan. Data that a module fetches from a service as it is imported (`RATES = requests.get(...).json()`) is start-up work.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import replace

from checker.constraints.at_import import run_at_import
from checker.constraints.flow import last_name
from checker.constraints.global_uses import globals_used
from checker.constraints.openings import asked, opened
from checker.constraints.resource_variables import resource_variable
from checker.constraints.rule import Constraint, Context, Hit, hit_at, hit_at_call
from checker.constraints.served import starts_server
from checker.models.facts import AppFacts
from checker.source import Call, Function, Module, Project, Scope, Variable

CONSTRAINT = Constraint(
    id="H6",
    title="Start-up and shutdown live in a lifespan",
    hard=True,
    docs="https://fastapi.tiangolo.com/advanced/events/",
    page=__doc__ or "",
)
_ROUTERS = (
    "fastapi.FastAPI",
    "fastapi.APIRouter",
    "starlette.applications.Starlette",
    "starlette.routing.Router",
)
_LISTS = frozenset({"on_startup", "on_shutdown"})


@CONSTRAINT.applies_when
def _there_is_an_app(context: Context) -> bool:
    # Where only path operations are seen, a library or a file that could not be read makes the app.
    project = context.project
    return bool(project.framework.apps or project.operations) or context.facts is not None


@CONSTRAINT.rule(
    "startup-in-on-event",
    help="Move the code into an `@asynccontextmanager` function, before and after its `yield`, and give it to "
    "`FastAPI(lifespan=...)`.",
)
def startup_in_on_event(context: Context) -> Iterable[Hit]:
    """`@app.on_event(...)`, `app.add_event_handler(...)`, `FastAPI(on_startup=[...])`."""
    project = context.project
    known = {id(call): function for call, function in project.framework.event_handlers}
    for module in project.modules:
        if module.is_test:
            continue
        for call in module.calls:
            if id(call) in known or _is_event_handler(call, project):
                name = last_name(call.node)
                function = known.get(id(call))
                handler = f" for `{function.short}`" if function is not None else ""
                yield hit_at_call(
                    call,
                    f"`{name}`{handler} is deprecated, and as soon as the app has a lifespan FastAPI does not call it.",
                    help=_lifespan(call, function),
                )
            if _is_appended(call, project):
                yield hit_at_call(
                    call,
                    "Handlers in this list are deprecated, and as soon as the app has a lifespan FastAPI does not call them.",
                )
            for keyword in call.node.keywords:
                if keyword.arg in _LISTS and _makes_router(call, project):
                    yield hit_at(
                        keyword.value,
                        module,
                        f"`{keyword.arg}` is deprecated, and as soon as the app has a lifespan FastAPI does not call it.",
                    )
        for store in module.stores:
            if store.attribute in _LISTS and _is_router(store.target, store.scope, project):
                yield hit_at(
                    store.target,
                    module,
                    f"`{store.attribute}` is deprecated, and as soon as the app has a lifespan FastAPI does not call it.",
                )


def _makes_router(call: Call, project: Project) -> bool:
    """`FastAPI(...)`, `APIRouter(...)`, and a class of the project's own that derives from one."""
    made = project.names.evaluate(call.node.func, call.scope)
    return made is not None and not made.instance and project.names.is_a(made, *_ROUTERS)


def _is_router(expression: ast.expr, scope: Scope, project: Project) -> bool:
    owner = project.names.evaluate(expression, scope)
    return owner is not None and owner.instance and project.names.is_a(owner, *_ROUTERS)


def _is_event_handler(call: Call, project: Project) -> bool:
    """A registration on an object whose class could not be told: the event's name says what it is."""
    function = call.node.func
    if not isinstance(function, ast.Attribute) or function.attr not in {"on_event", "add_event_handler"}:
        return False
    event = call.argument(0, "event_type")
    if not isinstance(event, ast.Constant) or event.value not in {"startup", "shutdown"}:
        return False
    owner = project.names.evaluate(function.value, call.scope)
    return owner is None or project.names.is_a(owner, *_ROUTERS)


def _is_appended(call: Call, project: Project) -> bool:
    """`app.router.on_startup.append(connect)`."""
    on = call.node.func
    if not isinstance(on, ast.Attribute) or on.attr not in {"append", "extend", "insert"}:
        return False
    handlers = on.value
    if not isinstance(handlers, ast.Attribute) or handlers.attr not in _LISTS:
        return False
    return _is_router(handlers.value, call.scope, project)


def _lifespan(call: Call, function: Function | None) -> str:
    """Where the handler's code goes."""
    event = call.argument(0, "event_type")
    if function is None or not isinstance(event, ast.Constant):
        return ""
    side = "before" if event.value == "startup" else "after"
    return (
        f"Call `{function.short}` {side} the `yield` of an `@asynccontextmanager` function `lifespan`, and give that to "
        "`FastAPI(lifespan=lifespan)`."
    )


@CONSTRAINT.rule(
    "resource-opened-at-import",
    help="Open it in the lifespan, keep it on `app.state`, and close it after the `yield`.",
)
def resource_opened_at_import(context: Context) -> Iterable[Hit]:
    """A connection, client, table, model or thread that is made when a module of the service is imported."""
    if not _there_is_an_app(context):
        return
    project = context.project
    factories = {made.scope for _, made in project.framework.apps}
    reported: set[int] = set()
    kept: set[tuple[Function, str]] = set()
    for module in [*project.service_modules, *_starters(project)]:
        if _is_migration(module.path):
            continue
        run = list(run_at_import(module, project, factories, kept))
        # What opens says more than what then asks.
        for one, what in [
            *((one, opened(one.call, one.opener, project)) for one in run),
            *((one, asked(one.call, one.opener, project)) for one in run),
        ]:
            if not what or id(one.place) in reported:
                continue
            reported.add(id(one.place))
            other = one.call if one.place is one.opener else one.opener
            through = "" if one.opener is one.call else f" (through {_place(other)})"
            said = _IN_GUARD if one.call.main_guard else _AT_IMPORT
            hit = hit_at_call(one.place, said.format(what=what, through=through))
            yield replace(hit, starts=one.call.main_guard)


def _starters(project: Project) -> Iterator[Module]:
    """Scripts that no part of the app imports and whose main guard serves it: `python main.py`."""
    service = set(project.service_modules)
    for module in project.modules:
        if module not in service and starts_server(module, project):
            yield module


_AT_IMPORT = (
    "{what} when the module is imported{through}: every process that imports it does so, tests included."
)
_IN_GUARD = "{what} in the main guard{through}: a server that is started in another way, as tests and `fastapi run` do, goes without it."


@CONSTRAINT.rule(
    "resource-made-in-main-guard",
    help="Make it in the lifespan, keep it on `app.state`, and hand it out with a dependency.",
)
def resource_made_in_main_guard(context: Context) -> Iterable[Hit]:
    """`if __name__ == "__main__": worker = Worker(); uvicorn.run(app)`: what requests use is made beside the app."""
    project = context.project
    modules = {m.path: m for m, _ in project.framework.apps if not m.is_test}.values()
    made_in = {module: made for module in modules if (made := list(_made_in_guard(module, project)))}
    if not made_in:
        return
    used = {v for f in project.in_requests for _, v in globals_used(f, project)}
    for module, made in made_in.items():
        for variable, value in made:
            if variable in used and resource_variable(variable, project):
                yield hit_at(
                    value,
                    module,
                    f"`{variable.name}` is made in the main guard: a server that is started in another way, as tests and `fastapi run` "
                    "do, answers requests without it.",
                )


def _made_in_guard(module: Module, project: Project) -> Iterator[tuple[Variable, ast.Call]]:
    """Variables of the module that its main guard fills, itself or in a function which it calls, with the call that makes them."""
    for call in module.scope.calls:
        if not call.main_guard:
            continue
        for name, bindings in module.scope.bindings.items():
            for binding in bindings:
                if isinstance(binding.value, ast.Call) and (
                    binding.value is call.node
                    or (binding.writer is not None and binding.writer is call.callee)
                ):
                    yield Variable(module, name), binding.value


def _place(call: Call) -> str:
    return f"`{last_name(call.node)}`, {call.scope.module.path}:{call.line}"


def _is_migration(path: str) -> bool:
    return any(part in {"alembic", "migrations", "versions", "scripts"} for part in path.split("/"))


@CONSTRAINT.rule(
    "shutdown-in-atexit",
    help="Close it in the lifespan, after the `yield`; FastAPI runs that when the server stops.",
)
def shutdown_in_atexit(context: Context) -> Iterable[Hit]:
    """`atexit.register(...)` in a module of the service; an object that ends its own thread or process belongs to no app."""
    if not _there_is_an_app(context):
        return
    told = "`atexit` runs after the event loop has gone, so nothing asynchronous can be closed there."
    names = context.project.names
    for module in context.project.service_modules:
        for call in module.calls:
            if call.target == "atexit.register" and (call.function is None or call.function.owner is None):
                yield hit_at_call(call, told)
        for function in module.functions:
            for decorator in function.decorators if function.owner is None else ():
                scope = function.parent or module.scope
                if (
                    not isinstance(decorator, ast.Call)
                    and names.qualify(decorator, scope) == "atexit.register"
                ):
                    yield hit_at(decorator, module, told)


@CONSTRAINT.running_rule(
    "event-handler-registered",
    help="Move the code into the lifespan.",
    confirms=("startup-in-on-event",),
)
def event_handler_registered(context: Context, facts: AppFacts) -> Iterable[Hit]:
    """Handlers that the running app holds."""
    registered = {f: call for call, f in context.project.framework.event_handlers if f is not None}
    for site in facts.on_event_handlers:
        # `add_event_handler(...)` is reported where it stands, which may be far from the function.
        function = context.project.function_at(site.path, site.line)
        call = registered.get(function) if function is not None else None
        yield Hit(
            path=call.scope.module.path if call is not None else site.path,
            line=call.line if call is not None else site.line,
            message=f"`{site.name or 'a function'}` is registered as an event handler; `on_event` is deprecated, and with a "
            "lifespan FastAPI does not call it.",
            note="With the lifespan that this app has, it is never called." if facts.has_lifespan else "",
        )
