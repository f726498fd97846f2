"""Which of the apps that a project makes are served, and which are examples, helpers of tests, or parts of another app."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from checker.constraints.rule import Hit
from checker.models.facts import AppFacts
from checker.source import Call, Function, Module, Project
from checker.source.composition import ServedApp
from checker.source.places import is_aside_function, is_aside_module, is_plugin

_RUNNERS = frozenset({
    "uvicorn.run", "uvicorn.Config", "hypercorn.asyncio.serve", "mangum.Mangum", "granian.Granian", "hypercorn.run",
})  # fmt: skip


def is_aside(call: Call) -> bool:
    """Whether an app is made where nobody would serve it: in an example, a mock, a script, a helper of tests."""
    return is_aside_module(call.scope.module) or call.main_guard or is_aside_function(call.scope)


def is_kept(app: ServedApp, project: Project) -> bool:
    """Whether an app outlives the function that makes it: returned, stored, given to a server, or made at import."""
    call = app.call
    if not isinstance(call.scope, Function):
        return True
    if project.composition.is_returned(call, call.scope):
        return True
    statement = call.statement
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        targets = list(statement.targets)
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    for target in targets:
        if isinstance(target, ast.Attribute):
            return True
        if isinstance(target, ast.Name) and target.id in call.scope.declared_global:
            return True
        if isinstance(target, ast.Name) and _is_run(target.id, call.scope):
            return True
    return any(
        isinstance(store.value, ast.Name) and any(_is_named(t, store.value.id) for t in targets)
        for store in call.scope.stores
    )


def _is_named(target: ast.expr, name: str) -> bool:
    return isinstance(target, ast.Name) and target.id == name


def _is_run(name: str, function: Function) -> bool:
    return any(
        call.target in _RUNNERS and any(_is_named(a, name) for a in call.node.args) for call in function.calls
    )


def starts_server(module: Module, project: Project) -> bool:
    """Whether the main guard of a module serves an app that is made at import, elsewhere too: `serve()`, with `uvicorn.run("shop.api:app")`."""
    if is_aside_module(module):
        return False
    waiting = [(call, 0) for call in module.scope.calls if call.main_guard]
    seen: set[Function] = set()
    while waiting:
        call, depth = waiting.pop()
        app = call.argument(0, "app") if call.target in _RUNNERS else None
        if isinstance(app, ast.Constant) or (app is not None and project.names.variable(app, call.scope)):
            return True
        if call.callee is not None and call.callee not in seen and depth < _DEEPEST:
            seen.add(call.callee)
            waiting += [(inner, depth + 1) for inner in call.callee.calls]
    return False


_DEEPEST = 3


def served_apps(project: Project) -> Iterator[ServedApp]:
    """FastAPI apps that a server is given: not mounted into another one, not made aside."""
    composition = project.composition
    for app in composition.apps:
        if app.call in composition.within or is_aside(app.call) or not is_kept(app, project):
            continue
        if is_plugin(app.call.scope.module) and len(composition.apps) > 1:
            continue
        if any(_serves_all_of(other, app) for other in composition.apps):
            continue
        value = project.names.evaluate(app.call.node.func, app.call.scope)
        if project.names.is_a(value, "fastapi.FastAPI"):
            yield app


def serves_nothing(app: ServedApp, project: Project) -> bool:
    """`app = FastAPI()` beside routers that another app includes: a left-over, which no route hangs on."""
    if app.routes or app.unseen or app.foreign or app.handed_to or len(app.parts) > 1:
        return False
    return any(other.routes and other.call is not app.call for other in project.composition.apps)


def _serves_all_of(other: ServedApp, app: ServedApp) -> bool:
    """Whether another app takes all that an app serves out of its file, and more: the app in the file is a left-over."""
    if other.call.scope.module is app.call.scope.module or not app.routes or app.unseen or app.foreign:
        return False
    own = {route.operation for route in app.routes}
    if any(o is None or o.function.module is not app.call.scope.module for o in own):
        return False
    return own < {route.operation for route in other.routes}


def running_app(project: Project, facts: AppFacts) -> ServedApp | None:
    """The app in the code that the facts speak of."""
    name, _, attribute = facts.target.partition(":")
    for module in project.modules:
        if module.name == name or module.name.endswith(f".{name}"):
            found = project.composition.app_named(module, attribute or "app")
            if found is not None:
                return found
    apps = list(served_apps(project))
    return apps[0] if len(apps) == 1 else None


def hit_at_app(app: ServedApp | None, message: str, *, note: str = "", help: str = "") -> Hit:
    """A hit at the statement that makes an app; without a place where nobody can tell which one runs."""
    if app is None:
        return Hit(path=None, line=None, message=message, note=note, help=help)
    return Hit(
        path=app.call.scope.module.path,
        line=app.call.line,
        column=app.call.node.col_offset,
        first_line=app.call.statement.lineno,
        message=message,
        note=note,
        help=help,
    )
