"""Which code of a project serves, and which talks to a person at a terminal: scripts, commands, main guards."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from weakref import WeakKeyDictionary

from checker.constraints.flow import is_given_back
from checker.constraints.secret_places import plain_name
from checker.source import Call, Function, Module, Project, Scope, Value
from checker.source.edges import HARMLESS
from checker.source.places import is_away
from checker.source.reached import homes

_TESTS = frozenset({"test", "tests", "testing", "conftest"})
_COMMANDS = frozenset({"command", "group", "callback", "result_callback"})
_PARSES = frozenset(
    f"argparse.ArgumentParser.parse_{kind}args" for kind in ("", "known_", "intermixed_", "known_intermixed_")
)
_ASKS = frozenset({
    "builtins.input", "getpass.getpass", "click.confirm", "click.prompt", "typer.confirm", "typer.prompt",
    "rich.prompt.Confirm.ask", "rich.prompt.Prompt.ask", "rich.prompt.IntPrompt.ask",
})  # fmt: skip
_LAUNCHES = frozenset({"uvicorn.run", *_PARSES})
_COMMAND_LIBRARIES = ("click", "typer", "rich_click", "cyclopts", "invoke", "asyncclick")


class _Console:
    """Tells for one project what only a terminal sees."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._serving = set(project.in_requests) | _below(_service_roots(project))
        self._commands = _commands(project) - self._serving
        self._called = _Called(project, {*self._serving, *_below(project.on_loop)})
        self._known: dict[Scope, bool] = {}

    def calls_of_service(self) -> Iterator[Call]:
        if not self._project.framework.apps and not self._project.operations:
            return
        for module in self._project.service_modules:
            for call in module.calls:
                if not call.main_guard and not self._is_command(call.scope):
                    yield call

    def _is_command(self, scope: Scope) -> bool:
        if scope not in self._known:
            self._known[scope] = self._runs_as_command(scope)
        return self._known[scope]

    def _runs_as_command(self, scope: Scope) -> bool:
        """Whether a scope, or one around it, is only run by scripts and commands."""
        away = is_away(scope.module, self._project.framework)
        around = [parent for parent in _with_parents(scope) if isinstance(parent, Function)]
        if away and any(parent in self._commands for parent in around):
            return True  # A command that serves for a moment, to be called back at the terminal.
        if around and not any(self._called.may_serve(function) for function in around):
            return True
        current: Scope | None = scope
        while current is not None:
            if isinstance(current, Function):
                if any(call.target in _PARSES or self._asks(call) for call in current.calls):
                    return True  # What reads the command line, or asks somebody, answers there, whoever starts it.
                if current in self._serving:
                    return False
                if current in self._commands:
                    return True
            current = current.parent
        return away

    def _asks(self, call: Call) -> bool:
        """`input("name? ")`, also as `to_thread(input, "name? ")`."""
        return call.target in _ASKS or any(
            isinstance(given, (ast.Name, ast.Attribute))
            and self._project.names.qualify(given, call.scope) in _ASKS
            for given in call.node.args
        )


class _Called:
    """Tells for one project which functions serving may come to; a package may hold a client and its tools beside the service."""

    def __init__(self, project: Project, serving: set[Function]) -> None:
        self._names = project.names
        self._edges = project.edges
        self._service = set(project.service_modules)
        self._serving = serving
        self._callers: dict[Function, set[Function]] = {}
        self._homes = homes(project.framework)
        self._used: set[str] = set()
        for module in project.service_modules:
            for call in module.calls:
                for expression in (call.node.func, *call.node.args, *(k.value for k in call.node.keywords)):
                    self._used.add(plain_name(expression))
        for module in project.modules:
            for call in module.calls if not module.is_test else ():
                for callee in call.callees:
                    if call.function is not None:
                        self._callers.setdefault(callee, set()).add(call.function)

    def may_serve(self, function: Function) -> bool:
        """Whether something that serves calls a function, or may call it in a way that cannot be seen."""
        waiting, seen = [function], {function}
        elsewhere = False
        while waiting:
            current = waiting.pop()
            at_home = self._is_at_home(current)
            if current in self._serving or (at_home and self._is_called_by_others(current)):
                return True
            callers = self._callers.get(current, set())
            if at_home and not callers and self._is_used(current):
                return True  # Something of that name is called.
            for caller in callers:
                if caller.module not in self._service or self._is_the_log(caller):
                    elsewhere = True
                    continue
                around = [s for s in _with_parents(caller) if isinstance(s, Function)]
                waiting += [one for one in around if one not in seen]
                seen.update(around)
        if elsewhere or not self._is_at_home(function):
            return False
        return self._is_used(function) or self._is_of_serving_class(function)

    def _is_at_home(self, function: Function) -> bool:
        """Whether a function lies beside or below the app; in the rest of a package only what is seen to be called serves."""
        return any(function.module.path.startswith(home) for home in self._homes)

    def _is_used(self, function: Function) -> bool:
        name = function.name.rpartition(".")[2]
        if function.owner is not None and name.startswith("__") and name.endswith("__"):
            name = function.owner.node.name  # Python calls `__call__` and its like.
        return name in self._used

    def _is_of_serving_class(self, function: Function) -> bool:
        """A method that nothing calls, of a class whose other methods serve: for debugging, and left in."""
        made = function.owner
        return (
            made is not None
            and function not in self._callers
            and any(other in self._serving for other in made.functions.values())
        )

    def _is_the_log(self, function: Function) -> bool:
        """What a logging handler calls cannot log itself."""
        made = function.owner
        return made is not None and self._names.is_a(
            Value(made.qualified, item=made), "logging.Handler", "logging.StreamHandler"
        )

    def _is_called_by_others(self, function: Function) -> bool:
        """A library calls what is registered by a decorator."""
        return function.is_lambda or any(name not in HARMLESS for name in self._edges.decorators(function))


def _with_parents(scope: Scope) -> Iterator[Scope]:
    current: Scope | None = scope
    while current is not None:
        yield current
        current = current.parent


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


def _script_roots(project: Project) -> Iterator[Function]:
    called = {call.callee for module in project.modules if not module.is_test for call in module.calls}
    for module in project.modules:
        if module.is_test:
            continue  # What only tests run is still the service's.
        for call in module.calls:
            if call.main_guard:
                yield from _called(call, project)
        away = is_away(module, project.framework)
        for function in module.functions:
            if away and function not in called:
                yield function
            # `main`, named in the package's settings as a command, is called by nothing in the code.
            if (
                (function.name in {"main", "cli"} and function not in called)
                or any(call.target in _LAUNCHES for call in function.calls)
                or any(_is_command_mark(mark, function, project) for mark in function.decorators)
            ):
                yield function


def _is_command_mark(mark: ast.expr, function: Function, project: Project) -> bool:
    """`@click.command()`, `@cli.command`, `@app.callback()` of Typer."""
    plain = mark.func if isinstance(mark, ast.Call) else mark
    if not isinstance(plain, ast.Attribute) or plain.attr not in _COMMANDS:
        return False
    value = project.names.evaluate(plain, function.parent or function.module.scope)
    if value is not None:
        return value.name.partition(".")[0] in _COMMAND_LIBRARIES or value.item is not None
    return plain.attr == "command"


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
                    yield from _called(call, project)


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


def _called(call: Call, project: Project) -> Iterator[Function]:
    """What a call runs, and the functions that it is given: `asyncio.run(main())`, `run(main)`."""
    if call.callee is not None:
        yield call.callee
    for argument in call.node.args:
        if isinstance(argument, (ast.Name, ast.Attribute)):
            value = project.names.evaluate(argument, call.scope)
            if value is not None and not value.instance and isinstance(value.item, Function):
                yield value.item


def _commands(project: Project) -> set[Function]:
    """What scripts and commands run, as far as nothing else is known to run it."""
    callers: dict[Function, set[Function | None]] = {}
    for module in project.modules:
        for call in module.calls:
            if call.callee is not None and not module.is_test:
                by_script = call.function is None and call.main_guard
                callers.setdefault(call.callee, set()).add(
                    None if by_script else call.function or call.callee
                )
    found = set(_script_roots(project))
    waiting = list(found)
    while waiting:
        function = waiting.pop()
        for call in function.calls:
            callee = call.callee
            if callee is not None and callee not in found and callers.get(callee, set()) <= {None, *found}:
                found.add(callee)
                waiting.append(callee)
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
