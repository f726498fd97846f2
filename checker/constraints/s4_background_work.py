"""`BackgroundTasks` for short work, a queue for long work.

## What it asks

Work that the client need not wait for, a mail above all, happens after the reply. Short work goes to `BackgroundTasks`, work of
minutes to a queue with its own worker. A task that is started is kept, not dropped.

## Why it matters

A mail server that takes five seconds makes every client wait five seconds. A background task runs in the same process: a job of
minutes holds a thread, and a restart loses it. A task that nobody keeps may be collected before it has run.

## Example

```python
@app.post("/loans", status_code=201)
def take(loan: LoanIn, store: Store) -> Loan:
    taken = store.take(loan)
    with smtplib.SMTP(HOST) as server:          # the client waits for the mail server
        server.send_message(receipt(taken))
    return taken
```

## Use instead

```python
@app.post("/loans", status_code=201)
def take(loan: LoanIn, store: Store, tasks: BackgroundTasks) -> Loan:
    taken = store.take(loan)
    tasks.add_task(send_receipt, taken.id)
    return taken
```

## When it may be flexed

The work is on the critical path: the client must know whether it succeeded.

## Known limits

Mail, messages, pushes, parsing, rendering, indexing and models are known by the libraries that do them. Work whose result the reply
holds, or that decides the reply, is no side work. Tasks that are kept, awaited or gathered pass.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from checker.constraints.answers import answers_of
from checker.constraints.flow import last_name, statements
from checker.constraints.handmade import Answer
from checker.constraints.outside import (
    Reached,
    Work,
    is_otherwise_handed,
    is_started,
    is_unused,
    is_used_for_reply,
    loops_over,
    runs,
    work_of,
)
from checker.constraints.rule import Constraint, Context, Hit, hit_at_call, hit_at_function
from checker.source import Call, Function, Operation, Project

CONSTRAINT = Constraint(
    id="S4",
    title="BackgroundTasks for short work, a queue for long work",
    hard=False,
    docs="https://fastapi.tiangolo.com/tutorial/background-tasks/",
    page=__doc__ or "",
)
_STARTS = frozenset({"asyncio.create_task", "asyncio.ensure_future"})
_LOOPS = frozenset({
    "asyncio.get_event_loop().create_task", "asyncio.get_running_loop().create_task", "asyncio.new_event_loop().create_task",
    "asyncio.AbstractEventLoop.create_task",
})  # fmt: skip
_QUEUE_WAITS = frozenset({"propagate", "on_message", "disable_sync_subtasks"})
"""Arguments that only the result of a Celery job knows."""
_JOBS = frozenset({"flow", "task", "job", "workflow", "pipeline"})
_DEEPEST = 6
LONG_S = 30


@CONSTRAINT.applies_when
def _there_are_operations(context: Context) -> bool:
    return bool(context.project.operations)


def _side_calls(
    operation: Operation, kinds: frozenset[Work], reached: Reached, project: Project
) -> Iterator[Call]:
    """Where work whose result nobody needs begins: the highest call on the way to it that is a statement of its own."""
    waiting: list[tuple[Function, int]] = [(operation.function, 0)]
    seen: set[Function] = set()
    while waiting:
        function, depth = waiting.pop()
        if function in seen or depth > _DEEPEST:
            continue
        seen.add(function)
        for call in function.calls:
            if is_started(call) or is_otherwise_handed(call, function):
                continue
            if not kinds & reached.by_call(call):
                continue
            own = work_of(call) in kinds
            # Deeper down, a library call is the business of the helper that is named after it.
            if is_unused(call) and (not own or depth == 0):
                yield call
            elif not own:
                waiting += [(further, depth + 1) for further in runs(call, project)]
            elif depth == 0 and not is_used_for_reply(call, function):
                yield call


@CONSTRAINT.rule(
    "mail-sent-inside-request",
    help="Take `tasks: BackgroundTasks` as a parameter and call `tasks.add_task(send, ...)`; the mail leaves after the reply.",
)
def mail_sent_inside_request(context: Context) -> Iterable[Hit]:
    """A path operation that talks to a mail server before it answers."""
    reached = Reached(context.project)
    for operation in context.project.operations:
        for call in _side_calls(operation, frozenset({Work.MAIL}), reached, context.project):
            yield hit_at_call(
                call,
                f"`{operation.label}` sends mail before it answers, so the client waits for the mail server.",
                help=_later(call, "the mail leaves after the reply"),
            )


def _later(call: Call, then: str) -> str:
    """How to do a call after the reply, by name."""
    name = last_name(call.node)
    given = (
        call.node.args[0]
        if name in {"run_in_threadpool", "to_thread", "run_sync"} and call.node.args
        else call.node.func
    )
    return f"Take `tasks: BackgroundTasks` as a parameter and call `tasks.add_task({ast.unparse(given)}, ...)`; {then}."


@CONSTRAINT.rule(
    "notification-sent-inside-request",
    help="Take `tasks: BackgroundTasks` as a parameter and call `tasks.add_task(notify, ...)`; the message leaves after the reply.",
)
def notification_sent_inside_request(context: Context) -> Iterable[Hit]:
    """A message, a push or a webhook that is sent before the reply, though nothing in the reply depends on it."""
    reached = Reached(context.project)
    for operation in context.project.operations:
        for call in _side_calls(operation, frozenset({Work.MESSAGE}), reached, context.project):
            yield hit_at_call(
                call,
                f"`{operation.label}` sends a message through a third party before it answers, so the client waits for them.",
                help=_later(call, "the message leaves after the reply"),
            )
        for call in operation.function.calls:
            if _is_posted(call) and is_unused(call):
                yield hit_at_call(
                    call,
                    f"`{operation.label}` posts to another service and does not look at the answer, but the client waits for it.",
                    help=_later(call, "the request goes out after the reply"),
                )


def _is_posted(call: Call) -> bool:
    owner, _, last = call.target.rpartition(".")
    return last == "post" and owner in {
        "requests", "httpx", "httpx2", "requests.Session", "httpx.Client", "httpx.AsyncClient", "httpx2.Client",
        "httpx2.AsyncClient", "aiohttp.ClientSession",
    }  # fmt: skip


@CONSTRAINT.rule(
    "slow-work-inside-request",
    help="Store the file, answer 202 with an id, and do the work in `BackgroundTasks`, or in a queue where it takes minutes.",
)
def slow_work_inside_request(context: Context) -> Iterable[Hit]:
    """A document that is parsed, rendered or indexed before the reply, though the reply does not show the result."""
    project = context.project
    reached = Reached(project)
    for operation in project.operations:
        if operation.function.is_generator:
            continue
        for call in operation.function.calls:
            if is_started(call) or is_used_for_reply(call, operation.function, decides=False):
                continue
            found = reached.by_call(call) & _SLOW.keys()
            if Work.RENDER in found and Answer.RESPONSE in answers_of(operation, project):
                continue  # What was rendered is the reply.
            if found:
                what = _SLOW[min(found)]
                yield hit_at_call(
                    call,
                    f"`{operation.label}` {what} before it answers, though the reply does not hold the result: the client waits for "
                    "nothing.",
                )


_SLOW = {
    Work.PARSE: "parses a whole document",
    Work.RENDER: "renders a document",
    Work.INDEX: "rebuilds a search index",
}


@CONSTRAINT.rule(
    "long-job-inside-request",
    help="Hand the job to a queue with its own worker (arq, Celery, Dramatiq), answer 202 with an id, and let the client ask for the "
    "result.",
)
def long_job_inside_request(context: Context) -> Iterable[Hit]:
    """A job of minutes inside one request: a model asked in nested loops, a training, a clone, a job that others queue."""
    project = context.project
    reached = Reached(project)
    for operation in project.operations:
        function = operation.function
        if operation.websocket or function.is_generator:
            continue
        reason = _why_minutes(function, reached)
        if reason:
            yield hit_at_function(
                function,
                f"`{operation.label}` {reason} inside one request; proxies and clients give up long before.",
            )
        for call in function.calls:
            others = _handed_siblings(call, project)
            if others:
                yield hit_at_call(
                    call,
                    f"`{operation.label}` runs `{last_name(call.node)}` before it answers; its siblings (`{others[0]}`, "
                    f"`{others[1]}`) are handed to `BackgroundTasks`.",
                    help=_later(call, "for work of minutes, use a queue"),
                )


def _why_minutes(function: Function, reached: Reached) -> str:
    outer = loops_over(function, Work.MODEL, reached)
    if outer is not None:
        inside = {id(n) for n in ast.walk(outer) if isinstance(n, ast.Call)}
        for call in function.calls:
            if (
                id(call.node) in inside
                and call.callee is not None
                and loops_over(call.callee, Work.MODEL, reached)
            ):
                return f"asks a model in nested loops (line {outer.lineno})"
    for call in function.calls:
        if not is_started(call) and Work.LONG in reached.by_call(call):
            return f"waits for a job of minutes (line {call.line})"
    return ""


def _handed_siblings(call: Call, project: Project) -> list[str]:
    """Functions of the same module and kind that other path operations hand to `BackgroundTasks`."""
    callee = call.callee
    if callee is None or callee.owner is not None or not is_unused(call):
        return []
    kind = callee.name.rpartition("_")[2]
    handed = {f for f, _ in project.framework.background}
    if kind not in _JOBS or callee in handed:
        return []
    names = {f.short for f in handed if f.module is callee.module and f.name.rpartition("_")[2] == kind}
    return sorted(names) if len(names) > 1 else []


@CONSTRAINT.rule(
    "dropped-task",
    help="Keep the task (in a set, with `task.add_done_callback(tasks.discard)`), await it, use a `TaskGroup`, or use "
    "`BackgroundTasks`.",
    docs="https://fastapi.tiangolo.com/tutorial/background-tasks/",
)
def dropped_task(context: Context) -> Iterable[Hit]:
    """`asyncio.create_task(...)` whose result nobody keeps, in the code of the service."""
    serving = {*context.project.on_loop, *_started_up(context.project)}
    for module in context.project.service_modules:
        for call in module.calls:
            function = call.function
            if call.target not in _STARTS | _LOOPS or call.main_guard or function is None:
                continue
            if function in serving and (call.dropped or _is_forgotten(call, function)):
                yield hit_at_call(
                    call,
                    f"`{function.short}` starts a task and drops it: it may be collected before it has run, and its errors are lost.",
                )


def _started_up(project: Project) -> set[Function]:
    """Lifespans and event handlers, with what they call."""
    waiting = [*project.framework.lifespans]
    waiting += [f for _, f in project.framework.event_handlers if f is not None]
    found: set[Function] = set()
    while waiting:
        function = waiting.pop()
        if function not in found:
            found.add(function)
            waiting += [edge.callee for edge in project.edges.called(function)]
    return found


def _is_forgotten(call: Call, function: Function) -> bool:
    """`_ = create_task(...)`, `task = create_task(...)` with nobody who reads the name."""
    statement = call.statement
    if (
        not isinstance(statement, ast.Assign)
        or statement.value is not call.node
        or len(statement.targets) != 1
    ):
        return False
    target = statement.targets[0]
    if not isinstance(target, ast.Name) or target.id in function.declared_global:
        return False
    return not any(
        isinstance(node, ast.Name) and node.id == target.id and isinstance(node.ctx, ast.Load)
        for node in ast.walk(function.node)
    )


@CONSTRAINT.rule(
    "long-job-in-background-tasks",
    help="Hand the job to a queue with its own worker (arq, Celery, Dramatiq) and answer 202 with an id.",
)
def long_job_in_background_tasks(context: Context) -> Iterable[Hit]:
    """A background task that loops for ever, waits for another job, trains, clones, or sleeps for long."""
    project = context.project
    reached = Reached(project)
    for function, call in project.framework.background:
        reason = _why_long(function, call, project, reached)
        if reason:
            yield hit_at_call(
                call,
                f"`{function.short}` {reason}; a background task shares the server's process and dies with it.",
            )


def _why_long(function: Function, added: Call, project: Project, reached: Reached) -> str:
    for part in [function, *(c.callee for c in function.calls if c.callee is not None and not is_started(c))]:
        reason = _loops_or_sleeps(part)
        if reason:
            return reason
    if _waits_for_queue(function, added, project):
        return "waits until a job of the queue ends"
    if Work.LONG in reached.by_function(function):
        return "does a job of minutes"
    if _why_minutes(function, reached):
        return "asks a model in nested loops"
    return ""


def _loops_or_sleeps(function: Function) -> str:
    for statement in statements(function):
        if not isinstance(statement, ast.While):
            continue
        endless = isinstance(statement.test, ast.Constant) and bool(statement.test.value)
        if endless and not any(
            isinstance(n, (ast.Break, ast.Return, ast.Raise)) for n in ast.walk(statement)
        ):
            return "loops without end"
    for call in function.calls:
        if call.target in {"time.sleep", "asyncio.sleep"} and _seconds(call) >= LONG_S:
            return f"sleeps for {_seconds(call):g} s"
    return ""


def _waits_for_queue(function: Function, added: Call, project: Project) -> bool:
    """`job.get(...)` on the result of a queue, also where it comes as an argument of `add_task`."""
    results = {
        p.name
        for p, a in zip(function.parameters, added.node.args[1:], strict=False)
        if project.names.type_name(a, added.scope)
        in {"celery.result.AsyncResult", "celery.Celery.send_task()"}
        or _is_queued(a, added, project)
    }
    for call in function.calls:
        on = call.node.func
        if call.target.endswith("AsyncResult.get"):
            return True
        if not isinstance(on, ast.Attribute) or on.attr not in {"get", "wait", "join"}:
            continue
        if isinstance(on.value, ast.Name) and on.value.id in results:
            return True
        if on.attr == "get" and {k.arg for k in call.node.keywords} & _QUEUE_WAITS:
            return True
    return False


def _is_queued(argument: ast.expr, added: Call, project: Project) -> bool:
    """Whether an argument got its value from `task.delay(...)` or `app.send_task(...)`."""
    if not isinstance(argument, ast.Name):
        return False
    bound = [b.value for b in added.scope.bindings.get(argument.id, [])]
    return any(
        isinstance(v, ast.Call) and last_name(v) in {"delay", "apply_async", "send_task"} for v in bound
    )


def _seconds(call: Call) -> float:
    value = call.argument(0, "delay")
    return (
        float(value.value)
        if isinstance(value, ast.Constant) and isinstance(value.value, (int, float))
        else 0.0
    )
