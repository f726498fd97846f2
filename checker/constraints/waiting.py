"""Requests that wait for something else to end: a job of a queue, a loop that sleeps until it is done, a long sleep."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from checker.constraints.flow import statements
from checker.source import Call, Function

_SLEEPS = frozenset({"time.sleep", "asyncio.sleep", "anyio.sleep"})
QUEUES = frozenset({"delay", "apply_async", "send_task"})
"""What hands a job to Celery and gives its result to wait for."""
_GETS = frozenset({"get", "wait", "join"})
_INLINE_S = 15
_ROUND_S = 1


def waits_for_others(function: Function) -> tuple[Call, str] | None:
    """The first call at which a function waits for a job that runs elsewhere, and how, in words."""
    for call in function.calls:
        if _gets_result(call, function):
            return call, "waits until a job of the queue ends"
        if call.target in _SLEEPS and seconds(call) >= _INLINE_S:
            return call, f"sleeps for {seconds(call):g} s"
    for loop in open_loops(function):
        inside = {id(node) for node in ast.walk(loop) if isinstance(node, ast.Call)}
        rounds = [call for call in function.calls if id(call.node) in inside]
        if all(call.target in _SLEEPS for call in rounds):
            continue  # A flag that is set once the service is ready.
        for call in rounds:
            if call.target in _SLEEPS and seconds(call) >= _ROUND_S:
                return call, "waits in a loop until something else has ended"
    return None


def seconds(call: Call) -> float:
    """For how long a call sleeps, as far as it is written down."""
    value = call.argument(0, "delay") or call.argument(0, "seconds")
    if isinstance(value, ast.Constant) and isinstance(value.value, (int, float)):
        return float(value.value)
    return 0.0


def _gets_result(call: Call, function: Function) -> bool:
    """`work.delay(n).get()`, `result = work.delay(n)` with `result.get(timeout=300)`."""
    on = call.node.func
    if not isinstance(on, ast.Attribute) or on.attr not in _GETS or call.callee is not None:
        return False
    holder = on.value
    if isinstance(holder, ast.Name):
        bound = [b.value for b in function.bindings.get(holder.id, [])]
        if len(bound) != 1 or bound[0] is None:
            return False
        holder = bound[0]
    return (
        isinstance(holder, ast.Call) and isinstance(holder.func, ast.Attribute) and holder.func.attr in QUEUES
    )


def open_loops(function: Function) -> Iterator[ast.While]:
    """Loops that end when something has happened; one that counts its rounds or the time ends by itself."""
    for statement in statements(function):
        if not isinstance(statement, ast.While):
            continue
        is_endless = isinstance(statement.test, ast.Constant) and bool(statement.test.value)
        if is_endless and not any(isinstance(n, (ast.Break, ast.Return)) for n in ast.walk(statement)):
            continue  # A service of its own, which no request waits for.
        if not any(isinstance(node, ast.Compare) and _is_counted(node) for node in ast.walk(statement)):
            yield statement


def _is_counted(test: ast.Compare) -> bool:
    """`tries < 3`, `time.time() - began > limit`."""
    return any(isinstance(op, (ast.Lt, ast.LtE, ast.Gt, ast.GtE)) for op in test.ops)
