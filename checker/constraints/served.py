"""Which of the apps that a project makes are served, and which are examples, helpers of tests, or parts of another app."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from checker.constraints.rule import Hit
from checker.models.facts import AppFacts
from checker.source import Call, Function, Module, Project
from checker.source.composition import ServedApp

_ASIDE = frozenset({
    "example", "examples", "sample", "samples", "demo", "demos", "docs", "doc", "docs_src", "tutorial", "tutorials", "snippets",
    "cookbook", "playground", "scripts", "script", "benchmark", "benchmarks", "bench", "notebooks", "mock", "mocks", "mock_server",
    "fixtures", "stubs", "e2e", "templates", "template", "skeleton", "experiments", "sandbox",
})  # fmt: skip
_ASIDE_WORDS = frozenset({"example", "examples", "sample", "samples", "demo", "demos", "mock", "mocks"})
_WORD = re.compile(r"[^a-z0-9]+")
_PLUGINS = frozenset({"plugin", "plugins", "addon", "addons", "contrib", "extensions"})
_ASIDE_NAME = re.compile(
    r"(^|_)(tests?|testing|mock|mocked|fake|dummy|stub|example|demo|openapi|schema|docs)(_|$)", re.IGNORECASE
)
_FILLED_IN = re.compile(r"\{[{%]|\[\[|<<|__\w+__$")
_RUNNERS = frozenset({
    "uvicorn.run", "uvicorn.Config", "hypercorn.asyncio.serve", "mangum.Mangum", "granian.Granian", "hypercorn.run",
})  # fmt: skip


def is_aside_module(module: Module) -> bool:
    """Whether a file belongs to an example, a mock, a script or a test.

    Below a folder whose name is filled in later, `{{ name }}/backend`, lies the service that a template makes.
    """
    file = module.path.rpartition("/")[2]
    if module.is_test or _ASIDE_NAME.search(file.removesuffix(".py")):
        return True
    return is_in_aside_folder(module)


def is_in_aside_folder(module: Module) -> bool:
    """Whether a file lies in a folder of examples, mocks, scripts or the like."""
    folders = module.path.split("/")[:-1]
    filled_in = [number for number, folder in enumerate(folders) if _FILLED_IN.search(folder)]
    own = folders[filled_in[-1] + 1 :] if filled_in else folders
    return any(folder in _ASIDE or set(_WORD.split(folder.lower())) & _ASIDE_WORDS for folder in own)


def is_aside(call: Call) -> bool:
    """Whether an app is made where nobody would serve it: in an example, a mock, a script, a helper of tests."""
    if is_aside_module(call.scope.module) or call.main_guard:
        return True
    scope = call.scope
    return isinstance(scope, Function) and bool(_ASIDE_NAME.search(scope.name.rpartition(".")[2]))


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


def served_apps(project: Project) -> Iterator[ServedApp]:
    """FastAPI apps that a server is given: not mounted into another one, not made aside."""
    composition = project.composition
    for app in composition.apps:
        if app.call in composition.within or is_aside(app.call) or not is_kept(app, project):
            continue
        if _is_plugin(app.call.scope.module) and len(composition.apps) > 1:
            continue
        if any(_serves_all_of(other, app) for other in composition.apps):
            continue
        value = project.names.evaluate(app.call.node.func, app.call.scope)
        if project.names.is_a(value, "fastapi.FastAPI"):
            yield app


def _serves_all_of(other: ServedApp, app: ServedApp) -> bool:
    """Whether another app takes all that an app serves out of its file, and more: the app in the file is a left-over."""
    if other.call.scope.module is app.call.scope.module or not app.routes or app.unseen or app.foreign:
        return False
    own = {route.operation for route in app.routes}
    if any(o is None or o.function.module is not app.call.scope.module for o in own):
        return False
    return own < {route.operation for route in other.routes}


def _is_plugin(module: Module) -> bool:
    """Whether a file is made for another app, which takes it in while it runs."""
    return any(set(_WORD.split(folder.lower())) & _PLUGINS for folder in module.path.split("/")[:-1])


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
