"""Calls that ask another service once for every item of some data, though nobody looks at what came of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from checker.constraints.flow import last_name, statements
from checker.constraints.outside import data_loops, is_started, is_unused, runs
from checker.constraints.slow_libraries import Work, is_request, work_of
from checker.source import Call, Function, Project
from checker.source.declaring import function_of

_WRITES = frozenset({"post", "put", "patch", "delete"})
_DEEPEST = 3


def calls_that_fan_out(project: Project) -> Iterator[tuple[Call, Function]]:
    """Statements of requests that call such a function, each with the function that it stands in; of a chain the first."""
    found = list(_candidates(project))
    further = {call.callee for call, _ in found}
    yield from ((call, function) for call, function in found if function not in further)


def _candidates(project: Project) -> Iterator[tuple[Call, Function]]:
    for function in project.in_requests:
        if function.module.is_test or function.is_generator:
            continue
        for call in function.calls:
            if call.callee is None or not is_unused(call) or is_started(call) or call.main_guard:
                continue
            if (call.awaited or not call.callee.is_async) and _writes_in_rounds(call.callee, project):
                yield call, function


def _writes_in_rounds(function: Function, project: Project) -> bool:
    """A loop, or the `map` of a pool, in which every round sends something."""
    for loop in data_loops(statements(function)):
        inside = {id(node) for node in ast.walk(loop) if isinstance(node, ast.Call)}
        if any(id(call.node) in inside and _writes(call, project) for call in function.calls):
            return True
    return any(_maps(call, project) for call in function.calls if last_name(call.node) == "map")


def _maps(call: Call, project: Project) -> bool:
    """`pool.map(share, users)`, `pool.map(lambda user: share(user), users)`."""
    given = call.node.args[0] if call.node.args else None
    one = call.scope.module.lambdas.get(given) if isinstance(given, ast.Lambda) else None
    if isinstance(given, (ast.Name, ast.Attribute)):
        one = function_of(given, call.scope, project.names)
    return one is not None and any(_writes(inner, project) for inner in one.calls)


def _writes(call: Call, project: Project, depth: int = 0) -> bool:
    if is_request(call):
        return last_name(call.node) in _WRITES and work_of(call) is Work.HTTP
    if depth >= _DEEPEST or is_started(call):
        return False
    return any(
        _writes(inner, project, depth + 1) for further in runs(call, project) for inner in further.calls
    )
