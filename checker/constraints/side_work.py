"""Where work begins that the reply does not need, on the way from a path operation to the library that does it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import partial

from checker.constraints.flow import last_name, statements
from checker.constraints.outside import (
    Reached,
    is_otherwise_handed,
    is_started,
    is_unused,
    is_used_for_reply,
    only_decides,
    runs,
)
from checker.constraints.slow_libraries import Work, work_of
from checker.source import Call, Function, Operation, Project

_DEEPEST = 6
_SENDS = re.compile(
    r"e?mail|send|notif|messag|alert|sms|push|hook|publish|remind|invit|welcome|broadcast|run_in_threadpool|to_thread|run_sync"
)
"""Names of calls that do nothing but send."""
_SENDS_MAIL = re.compile(r"(^|_)(re)?send(_|$)|e?mail|(^|_)(notify|deliver|invite|remind)(_|$)")
_TRIES = frozenset({"test", "try", "trial", "check"})


def side_calls(
    operation: Operation, kinds: frozenset[Work], reached: Reached, project: Project
) -> Iterator[Call]:
    """Where work whose result nobody needs begins: the highest call on the way to it that is a statement of its own.

    A call that does more besides, `accounts.reset_password(...)`, is looked into: only part of it can wait.
    """
    if _TRIES & set(re.split(r"[^a-z]+", f"{operation.function.name} {operation.label}".lower())):
        return  # `send_test_mail`: the client wants to know whether it works.
    yield from _side_calls_in(operation.function, kinds, reached, project, set(), depth=0, told=False)


def _side_calls_in(
    function: Function,
    kinds: frozenset[Work],
    reached: Reached,
    project: Project,
    seen: set[Function],
    *,
    depth: int,
    told: bool,
) -> Iterator[Call]:
    if function in seen or depth > _DEEPEST:
        return
    seen.add(function)
    for call in function.calls:
        if is_started(call) or is_otherwise_handed(call, function):
            continue
        if not kinds & reached.by_call(call) or (told and _tells_outcome(call, function)):
            continue
        own = work_of(call) in kinds
        told_above = is_used_for_reply(call, function)
        # Deeper down, a library call is the business of the helper that is named after it.
        if is_unused(call) and (not own or depth == 0):
            below: list[Call] = []
            if not own and not _SENDS.search(last_name(call.node).lower()):
                for further in filter(partial(_does_more, kinds, reached), runs(call, project)):
                    below += _side_calls_in(
                        further, kinds, reached, project, seen, depth=depth + 1, told=told_above
                    )
            yield from below or [call]
        elif not own and _is_sent_anyway(call, function, kinds):
            yield call
        elif not own:
            for further in runs(call, project):
                yield from _side_calls_in(
                    further, kinds, reached, project, seen, depth=depth + 1, told=told_above
                )
        elif depth == 0 and not (told_above and not (Work.MAIL in kinds and only_decides(call, function))):
            yield call
        elif told and is_unused(call) and not _SENDS.search(function.short.lower()):
            yield call  # Beside other work of a method that gives something back: only this part of it can wait.


def _is_sent_anyway(call: Call, function: Function, kinds: frozenset[Work]) -> bool:
    """`sent = mailer.send_reset(...)` whose outcome is logged, or of a mail only turned into an error: the client waits all the same."""
    if not _SENDS_MAIL.search(last_name(call.node).lower()):
        return False
    return not is_used_for_reply(call, function) or (Work.MAIL in kinds and only_decides(call, function))


def _does_more(kinds: frozenset[Work], reached: Reached, function: Function) -> bool:
    """Whether a function has statements with calls of the project or awaited ones that lead to no such work."""
    leading = {id(call.statement) for call in function.calls if kinds & reached.by_call(call)}
    return any(
        (call.callee is not None or call.awaited) and id(call.statement) not in leading
        for call in function.calls
    )


def _tells_outcome(call: Call, function: Function) -> bool:
    """Whether a helper gives back whether a call succeeded: its `try` gives one value, its `except` another."""
    for statement in statements(function):
        if isinstance(statement, ast.Try) and any(call.statement is part for part in statement.body):
            after = [*statement.body, *statement.orelse]
            return any(_gives(part) for part in after) and any(
                _gives(part) for handler in statement.handlers for part in handler.body
            )
    return False


def _gives(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Return) and statement.value is not None
