"""Work that is started beside requests: tasks of the lifespan, jobs of schedulers, what workers and commands run."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from checker.source.declaring import function_of
from checker.source.edges import Edges, is_runner
from checker.source.framework import Framework
from checker.source.model import Class, Function, Module, Scope
from checker.source.names import Names
from checker.source.workers import belongs_to_worker, given_to_worker, is_for_worker, listed_for_worker
from checker.source.written import last_name, uncalled

STARTERS = frozenset({"create_task", "ensure_future", "start_soon", "spawn"})
_SERVERS = frozenset({
    "asyncio.start_server", "asyncio.start_unix_server", "websockets.serve", "websockets.asyncio.server.serve",
    "websockets.server.serve",
})  # fmt: skip
_PERIODIC = frozenset({
    "fastapi_utils.tasks.repeat_every", "fastapi_utilities.repeat_every", "fastapi_utilities.repeat_at",
    "fastapi_restful.tasks.repeat_every",
})  # fmt: skip
_REPEATING = frozenset({"repeat_every", "repeat_at"})
"""Many services carry the decorators of those libraries in a file of their own."""


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
            name = last_name(uncalled(decorator))
            scope = function.parent or function.module.scope
            if name in _REPEATING or names.qualify(uncalled(decorator), scope) in _PERIODIC:
                found.setdefault(function, "repeated task")
            elif name == "scheduled_job":
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
    workers: list[Function] = []
    served = set(service)
    for module in modules:
        if module.is_test:
            continue
        for scope in (module.scope, *module.classes):
            for call in scope.calls:
                (roots if module in served else workers).extend(call.callees)
        for made in module.classes:
            workers += listed_for_worker(made, names)
        for function in module.functions:
            if module not in served or is_for_worker(function, edges):
                workers.append(function)
        for call in module.calls:
            if call.main_guard or (call.argument_of is not None and is_runner(call.argument_of, call, names)):
                roots += call.callees
            elif belongs_to_worker(call.target):
                workers += given_to_worker(call, names)
    return reached_from(roots, edges) | _reached_from_workers(workers, modules, edges)


def _reached_from_workers(
    workers: list[Function], modules: tuple[Module, ...], edges: Edges
) -> set[Function]:
    """What workers and other programs run, the methods of objects among it that nobody but them makes."""
    by_name = {made.qualified: made for module in modules if not module.is_test for made in module.classes}
    makers: dict[Class, set[Scope]] = {}
    for module in modules:
        for call in module.calls if not module.is_test else ():
            for target in call.targets:
                if target in by_name:
                    makers.setdefault(by_name[target], set()).add(call.scope)
    found = reached_from(workers, edges)
    while True:
        theirs = [
            method
            for made, scopes in makers.items()
            if scopes <= found
            for method in made.functions.values()
            if method not in found
        ]
        if not theirs:
            return found
        found |= reached_from(theirs, edges)
