"""Which code of a project serves, and which talks to a person at a terminal: scripts, commands, main guards."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from weakref import WeakKeyDictionary

from checker.constraints.callers import Called, fills_in, with_parents
from checker.constraints.commands import ASKS, PARSES, commands, run_by
from checker.constraints.flow import is_given_back, last_name
from checker.source import Call, Class, Function, Module, Project, Scope
from checker.source.loop import UNSEEN
from checker.source.places import is_away
from checker.source.workers import functions_of_workers

_TESTS = frozenset({"test", "tests", "testing", "conftest"})

_GENERATED = ("/_version.py", "/versioneer.py")


class _Console:
    """Tells for one project what only a terminal sees."""

    def __init__(self, project: Project) -> None:
        self._project = project
        working = _below(_worker_roots(project))
        working |= _below(_filled_in(working, project))
        self._serving = set(project.in_requests) | _below(_service_roots(project)) | working
        self._commands = commands(project) - self._serving
        self._called = Called(project, {*self._serving, *_below(_seen_to_run(project))})
        self._known: dict[Scope, bool] = {}
        self._only_in_workers = dict.fromkeys(f for f in working if f.module not in project.service_modules)

    def calls_of_service(self) -> Iterator[Call]:
        if not self._project.framework.apps and not self._project.operations:
            return
        for module in self._project.service_modules:
            # What a packaging tool wrote speaks to whoever builds the package.
            for call in module.calls if not module.path.endswith(_GENERATED) else ():
                if not call.main_guard and not self._is_command(call.scope):
                    yield call
        for function in self._only_in_workers:
            for call in function.calls:
                if not self._is_command(function):
                    yield call

    def _is_command(self, scope: Scope) -> bool:
        if scope not in self._known:
            self._known[scope] = self._runs_as_command(scope)
        return self._known[scope]

    def _runs_as_command(self, scope: Scope) -> bool:
        """Whether a scope, or one around it, is only run by scripts and commands."""
        away = is_away(scope.module, self._project.framework)
        around = [parent for parent in with_parents(scope) if isinstance(parent, Function)]
        if away and any(parent in self._commands for parent in around):
            return True  # A command that serves for a moment, to be called back at the terminal.
        if around and not any(self._called.may_serve(function) for function in around):
            return True
        current: Scope | None = scope
        while current is not None:
            if isinstance(current, Function):
                if any(call.target in PARSES or self._asks(call) for call in current.calls):
                    return True  # What reads the command line, or asks somebody, answers there, whoever starts it.
                if current in self._serving:
                    return False
                if current in self._commands:
                    return True
            current = current.parent
        return away

    def _asks(self, call: Call) -> bool:
        """`input("name? ")`, also as `to_thread(input, "name? ")`."""
        return call.target in ASKS or any(
            isinstance(given, (ast.Name, ast.Attribute))
            and self._project.names.qualify(given, call.scope) in ASKS
            for given in call.node.args
        )


def _seen_to_run(project: Project) -> Iterator[Function]:
    """What the loop runs, without the plain coroutines that are only taken to run as something has their name."""
    for function in project.on_loop:
        begun = function
        while (caller := project.on_loop[begun].caller) is not None and caller in project.on_loop:
            begun = caller
        is_plain = begun.owner is None and not isinstance(begun.parent, Function) and not begun.decorators
        if project.on_loop[begun].role != UNSEEN or not is_plain:
            yield function


def _filled_in(functions: Iterable[Function], project: Project) -> Iterator[Function]:
    """What libraries call on the objects that functions make."""
    for function in functions:
        for call in function.calls:
            made = last_name(call.node)[:1].isupper()
            value = project.names.evaluate(call.node, function) if made else None
            if value is not None and value.instance and isinstance(value.item, Class):
                yield from (m for m in value.item.functions.values() if fills_in(m, project.names))


_CALLS: WeakKeyDictionary[Project, tuple[Call, ...]] = WeakKeyDictionary()


def calls_of_service(project: Project) -> tuple[Call, ...]:
    """Calls that run when the service is imported, starts or answers; found once for a project."""
    if project not in _CALLS:
        _CALLS[project] = tuple(_Console(project).calls_of_service())
    return _CALLS[project]


def start_up_modules(project: Project) -> Iterator[Module]:
    """Modules of the service, and those beside them that run before it: first data, waiting for the database."""
    folders = {module.path.rpartition("/")[0] for module, _ in project.framework.apps if not module.is_test}
    known = set(project.service_modules) if project.framework.apps or project.operations else set()
    for module in project.modules:
        inside = any(module.path.startswith(f"{folder}/") for folder in folders if folder)
        if module.is_test or _is_test_tool(module):
            continue
        beside = inside and not is_away(module, project.framework) and not _is_for_worker(module)
        if module in known or beside:
            yield module


def _is_for_worker(module: Module) -> bool:
    """What only a queue's worker imports."""
    return bool(_WORKERS & {name.lstrip(".").partition(".")[0] for name in module.imported})


_WORKERS = frozenset({"arq", "celery", "dramatiq", "rq", "taskiq", "huey", "saq", "procrastinate"})


def _is_test_tool(module: Module) -> bool:
    """What waits for the tests' own database is part of the tests, whatever the file is called."""
    *folders, name = module.path.lower().removesuffix(".py").split("/")
    return bool(_TESTS & {*folders, name, name.split("_")[0]})


def _service_roots(project: Project) -> Iterator[Function]:
    framework = project.framework
    yield from framework.lifespans
    yield from framework.started_tasks
    yield from (function for _, function in framework.event_handlers if function is not None)
    yield from _factories(project)
    for module in project.service_modules:
        if not is_away(module, project.framework):
            for call in module.calls:
                if not isinstance(call.scope, Function) and not call.main_guard:
                    yield from run_by(call, project)


def _worker_roots(project: Project) -> Iterator[Function]:
    """What queues, brokers and serverless platforms call beside the app, in modules that share its code or lie with it."""
    service = set(project.service_modules)
    near = [
        module
        for module in project.modules
        if not module.is_test
        and not is_away(module, project.framework)
        and (project.is_of_service(module) or _shares_code(module, service, project))
    ]
    yield from functions_of_workers(near, project.names, project.edges)


def _shares_code(module: Module, service: set[Module], project: Project) -> bool:
    return any(project.names.module_named(name, module) in service for name in module.imported) or any(
        project.names.module_named(name.rpartition(".")[0], module) in service for name in module.imported
    )


def _factories(project: Project) -> set[Function]:
    """Functions that give back an app: whoever starts the server has it made, the main guard and `--factory` alike."""
    found: set[Function] = set()
    for module, call in project.framework.apps:
        factory = call.scope
        if not isinstance(factory, Function) or module.is_test or is_away(module, project.framework):
            continue
        if project.composition.is_returned(call, factory):
            found.add(factory)
    known = -1
    while known < len(found):
        known = len(found)
        for module in project.service_modules if found else ():
            if is_away(module, project.framework):
                continue
            for call in module.calls:
                if call.callee in found and call.function is not None and is_given_back(call, call.function):
                    found.add(call.function)
    return found


def _below(roots: Iterable[Function]) -> set[Function]:
    found: set[Function] = set()
    waiting = list(roots)
    while waiting:
        function = waiting.pop()
        if function not in found:
            found.add(function)
            waiting += [call.callee for call in function.calls if call.callee is not None]
    return found
