"""Blocking calls on the event loop: at the call itself, and at the call that leads to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from checker.constraints.blocking import Blocking, blocking_call
from checker.source import Call, Function, Project

_DEEPEST = 30


@dataclass(frozen=True, slots=True)
class Blocked:
    """A call on the loop that blocks, `trace` leading from it to the line that does."""

    call: Call
    blocking: Blocking
    function: Function
    trace: tuple[str, ...] = ()


def direct_calls(project: Project) -> Iterator[Blocked]:
    """Blocking calls in every function that runs on the loop, plain helpers included."""
    for function in project.on_loop:
        for call in function.calls:
            found = blocking_call(call, project)
            if found is not None:
                yield Blocked(call, found, function)


def calls_through_helpers(project: Project) -> Iterator[Blocked]:
    """Calls that an `async def` on the loop makes to plain functions which block further down."""
    known: dict[Function, _Chain | None] = {}
    for function in project.on_loop:
        if not function.is_async:
            continue
        for call in function.calls:
            callee = call.callee
            if callee is None or callee.is_async or callee not in project.on_loop:
                continue
            chain = _chain(callee, project, known, 0)
            if chain is not None:
                yield Blocked(call, chain.blocking, function, _trace(call, chain))


@dataclass(frozen=True, slots=True)
class _Chain:
    blocking: Blocking
    calls: tuple[Call, ...]


def _chain(
    function: Function, project: Project, known: dict[Function, _Chain | None], depth: int
) -> _Chain | None:
    if function in known:
        return known[function]
    # Recursion in the learner's code ends here with "does not block".
    known[function] = None
    if depth > _DEEPEST:
        return None
    for call in function.calls:
        found = blocking_call(call, project)
        if found is not None:
            known[function] = _Chain(found, (call,))
            return known[function]
    for call in function.calls:
        callee = call.callee
        if callee is None or callee.is_async or callee not in project.on_loop:
            continue
        further = _chain(callee, project, known, depth + 1)
        if further is not None:
            known[function] = _Chain(further.blocking, (call, *further.calls))
            return known[function]
    return None


def _trace(call: Call, chain: _Chain) -> tuple[str, ...]:
    steps = [
        f"{_place(call)} `{call.callee.short if call.callee else call.target}` is called on the event loop"
    ]
    for step in chain.calls[:-1]:
        steps.append(f"{_place(step)} calls `{step.callee.short if step.callee else step.target}`")
    steps.append(f"{_place(chain.calls[-1])} `{chain.blocking.what}` blocks")
    return tuple(steps)


def _place(call: Call) -> str:
    return f"{call.scope.module.path}:{call.line}"


def why_on_loop(function: Function, project: Project) -> str:
    """A few words for brackets: how a function came to run on the event loop."""
    step = project.on_loop.get(function)
    if step is None:
        return "on the event loop"
    if step.role:
        return f"async {step.role}" if function.is_async else step.role
    return (
        f"called on the event loop by `{step.caller.short}`"
        if step.caller is not None
        else "on the event loop"
    )
