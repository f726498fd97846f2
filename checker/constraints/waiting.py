"""Requests that wait for something else to end: a job of a queue, a loop that sleeps until it is done, a long sleep."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from checker.constraints.flow import last_name, statements
from checker.source import Call, Function

_SLEEPS = frozenset({"time.sleep", "asyncio.sleep", "anyio.sleep"})
QUEUES = frozenset({"delay", "apply_async", "send_task"})
"""What hands a job to Celery and gives its result to wait for."""
_GETS = frozenset({"get", "wait", "join"})
_INLINE_S = 15
_ROUND_S = 1
_SLEEPING = "sleeps"


def waits_for_others(function: Function) -> tuple[Call, str] | None:
    """The first call at which a function waits for a job that runs elsewhere, and how, in words."""
    for call in function.calls:
        if _gets_result(call, function):
            return call, "waits until a job of the queue ends"
        if call.target in _SLEEPS and seconds(call) >= _INLINE_S:
            return call, f"{_SLEEPING} for {seconds(call):g} s"
    for loop in open_loops(function):
        inside = {id(node) for node in ast.walk(loop) if isinstance(node, ast.Call)}
        rounds = [call for call in function.calls if id(call.node) in inside]
        if all(call.target in _SLEEPS for call in rounds):
            continue  # A flag that is set once the service is ready.
        for call in rounds:
            if call.target in _SLEEPS and (seconds(call) >= _ROUND_S or _waits_for_job(loop)):
                return call, "waits in a loop until something else has ended"
    return None


def calls_that_wait(function: Function) -> Iterator[tuple[Call, str]]:
    """The helpers for which a function waits until something else has ended, and how they do it, in words."""
    for call in function.calls:
        helper = call.callee
        if helper is None or helper.is_generator or not (call.awaited or not helper.is_async):
            continue
        found = waits_for_others(helper)
        # A long sleep so far down is what a client of a busy service does between two tries.
        if found is not None and not found[1].startswith(_SLEEPING):
            yield call, found[1]


def _waits_for_job(loop: ast.While) -> bool:
    """`while not queue.is_finished(job): sleep(0.1)`: however short the rounds are, it lasts as long as the job."""
    test = loop.test
    if not isinstance(test, ast.UnaryOp) or not isinstance(test.op, ast.Not):
        return False
    asked = test.operand.value if isinstance(test.operand, ast.Await) else test.operand
    # `task.done()` of a task of this request's own is asked by who looks after the client meanwhile.
    if not isinstance(asked, ast.Call) or not asked.args:
        return False
    return bool(_ENDED.search(last_name(asked)) and _JOB.search(ast.unparse(asked)))


_ENDED = re.compile(r"(^|_)(finished|done|completed?|ended)$")
_JOB = re.compile(r"(job|task|run|workflow)(_?id|s)?\b", re.IGNORECASE)


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
