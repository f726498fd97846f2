"""Work that is started beside requests: tasks of the lifespan, jobs of schedulers, what workers and commands run."""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Iterable, Iterator

from checker.source.declaring import function_of
from checker.source.edges import Edges, is_runner
from checker.source.framework import Framework
from checker.source.model import Call, Class, Function, Module
from checker.source.names import Names
from checker.source.written import last_name, uncalled

STARTERS = frozenset({"create_task", "ensure_future", "start_soon", "spawn"})
_WORKERS = frozenset({
    "celery", "dramatiq", "arq", "rq", "huey", "taskiq", "prefect", "airflow", "dagster", "click", "typer", "pytest", "streaq",
    "procrastinate", "temporalio", "locust", "saq", "invoke", "nox", "pytest_asyncio", "cyclopts", "asyncclick", "alembic",
})  # fmt: skip
_SERVERS = frozenset({
    "asyncio.start_server", "asyncio.start_unix_server", "websockets.serve", "websockets.asyncio.server.serve",
    "websockets.server.serve",
})  # fmt: skip
_PERIODIC = frozenset({
    "fastapi_utils.tasks.repeat_every", "fastapi_utilities.repeat_every", "fastapi_utilities.repeat_at",
    "fastapi_restful.tasks.repeat_every",
})  # fmt: skip


def started_coroutines(
    framework: Framework, modules: tuple[Module, ...], names: Names, edges: Edges
) -> list[tuple[Function, str]]:
    """Coroutines that run while requests are served without belonging to one, each with its role."""
    found: dict[Function, str] = {}
    lifespans = [*framework.lifespans, *(f for _, f in framework.event_handlers if f is not None)]
    for function in reached_from(lifespans, edges):
        for task in _started(function):
            found.setdefault(task, "task started in the lifespan")
        for target, call in edges.handed_over(function):
            if call.target in _SERVERS:
                found.setdefault(target, "connection handler of a server started in the lifespan")
    for function in [*framework.lifespans, *(f for m in modules if not m.is_test for f in m.functions)]:
        for decorator in function.decorators:
            if names.qualify(uncalled(decorator), function.parent or function.module.scope) in _PERIODIC:
                found.setdefault(function, "repeated task")
            elif last_name(uncalled(decorator)) == "scheduled_job":
                found.setdefault(function, "scheduled job")
    for module in modules:
        if not module.is_test:
            for call in module.calls:
                if last_name(call.node.func) == "add_job":
                    job = function_of(call.argument(0, "func"), call.scope, names)
                    if job is not None and job.is_async:
                        found.setdefault(job, "scheduled job")
    return list(found.items())


def _started(function: Function) -> Iterator[Function]:
    """The coroutines that a function starts as tasks and does not wait for."""
    starters = {id(c.node) for c in function.calls if last_name(c.node.func) in STARTERS}
    for call in function.calls:
        if call.argument_of is not None and id(call.argument_of) in starters:
            yield from call.callees


def reached_from(roots: Iterable[Function], edges: Edges) -> set[Function]:
    """What functions call or hand on, directly or not, and they themselves."""
    found = set(roots)
    waiting = deque(found)
    while waiting:
        function = waiting.popleft()
        following = [callee for call in function.calls for callee in call.callees]
        for callee in [*following, *(target for target, _ in edges.handed_over(function))]:
            if callee not in found:
                found.add(callee)
                waiting.append(callee)
    return found


def outside_of_serving(
    framework: Framework, modules: tuple[Module, ...], service: tuple[Module, ...], names: Names, edges: Edges
) -> set[Function]:
    """Functions that start-up, scripts, commands, workers or imports run; serving may run them too."""
    roots: list[Function] = [*framework.lifespans]
    roots += [f for _, f in framework.event_handlers if f is not None]
    served = set(service)
    for module in modules:
        if module.is_test:
            continue
        for scope in (module.scope, *module.classes):
            for call in scope.calls:
                roots += call.callees
        for made in module.classes:
            roots += _worker_functions(made, names)
        for function in module.functions:
            if module not in served or _is_worker(function, edges):
                roots.append(function)
        for call in module.calls:
            if call.main_guard or (call.argument_of is not None and is_runner(call.argument_of, call, names)):
                roots += call.callees
            elif _belongs_to_worker(call.target):
                roots += _given(call, names)
    return reached_from(roots, edges)


def _belongs_to_worker(target: str) -> bool:
    return target.partition(".")[0] in _WORKERS


def _given(call: Call, names: Names) -> Iterator[Function]:
    """`actor(Task())`, `app.task(run)`: what is handed to a worker by a call."""
    for argument in call.node.args:
        if isinstance(argument, (ast.Name, ast.Attribute, ast.Call)):
            function = function_of(argument, call.scope, names)
            if function is not None:
                yield function


def _worker_functions(made: Class, names: Names) -> Iterator[Function]:
    """`class WorkerSettings: functions = [...]` of arq."""
    for name in ("functions", "cron_jobs", "on_startup", "on_shutdown"):
        if "functions" not in made.bindings and "cron_jobs" not in made.bindings:
            return
        for binding in made.bindings.get(name, ()):
            for node in ast.walk(binding.value) if binding.value is not None else ():
                if isinstance(node, (ast.Name, ast.Attribute)):
                    target = function_of(node, made, names)
                    if target is not None:
                        yield target


def _is_worker(function: Function, edges: Edges) -> bool:
    if any(_registers_worker(decorator) for decorator in edges.own_decorators(function)):
        return True
    return any(
        _belongs_to_worker(name)
        or (not name and last_name(uncalled(decorator)) in {"command", "task", "cron"})
        for name, decorator in zip(edges.decorators(function), function.decorators, strict=True)
    )


def _registers_worker(decorator: Function) -> bool:
    """A decorator of the project that hands what it decorates to a queue's own: `dramatiq.actor(wrapped)`."""
    inside = [decorator, *decorator.functions.values()]
    held = {
        name for function in inside for name in [*function.functions, *(p.name for p in function.parameters)]
    }
    return any(
        _belongs_to_worker(call.target)
        and any(isinstance(a, ast.Name) and a.id in held for a in call.node.args)
        for function in inside
        for call in function.calls
    )
