"""`BackgroundTasks` for short work, a queue for long work.

## What it asks

Work that the client need not wait for, a mail above all, happens after the reply. Short work goes to `BackgroundTasks`, work of
minutes to a queue with its own worker. A task that is started is kept, not dropped.

## Why it matters

A mail server that takes five seconds makes every client wait five seconds. A background task runs in the same process: a job of
minutes holds a thread or the event loop, and with it every `yield` dependency of the request, and a restart loses it. A task that
nobody keeps may be collected before it has run.

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

Mail, messages, pushes, parsing, rendering, indexing, downloads, programs that build or install, recordings, and models are known by the
libraries, addresses and commands that do them; a job of minutes also by the data that it goes through, or by its name. Work whose result
the reply holds is no side work, nor is what decides the reply, a mail excepted; neither is what the client asks to wait for. Tasks that
are kept, awaited or gathered pass.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from checker.constraints.answers import answers_of
from checker.constraints.dropped import dropped_calls, dropped_threads
from checker.constraints.fan_out import calls_that_fan_out
from checker.constraints.flow import last_name, statements
from checker.constraints.handmade import Answer
from checker.constraints.inputs import Place, operation_inputs
from checker.constraints.long_jobs import (
    AGENT_RUNS,
    asks_in_rounds,
    collects,
    handed,
    handed_siblings,
    waits_for_minutes,
    why_long,
    works_on_everything,
)
from checker.constraints.named_jobs import jobs_waited_for
from checker.constraints.outside import (
    Reached,
    is_only_logged,
    is_otherwise_handed,
    is_started,
    is_unused,
    is_used_for_reply,
    loops_over,
)
from checker.constraints.rule import Constraint, Context, Hit, hit_at, hit_at_call, hit_at_function
from checker.constraints.side_work import side_calls
from checker.constraints.slow_libraries import Work, is_long, is_request, runs_agent, work_of
from checker.constraints.waiting import calls_that_wait, waits_for_others
from checker.source import Call, Operation, Project

CONSTRAINT = Constraint(
    id="S4",
    title="BackgroundTasks for short work, a queue for long work",
    hard=False,
    docs="https://fastapi.tiangolo.com/tutorial/background-tasks/",
    page=__doc__ or "",
)
_REBUILDS = re.compile(
    r"reindex|rebuild|index_all|(build|create|update|refresh|sync|regenerate)_(\w+_)?index(es)?$"
)
_ASKED_TO_WAIT = frozenset({"sync", "wait", "blocking", "synchronous", "foreground", "wait_for_completion"})
"""A client that sets such a parameter asks to be kept waiting."""


@CONSTRAINT.applies_when
def _there_are_operations(context: Context) -> bool:
    return bool(context.project.operations)


@CONSTRAINT.rule(
    "mail-sent-inside-request",
    help="Take `tasks: BackgroundTasks` as a parameter and call `tasks.add_task(send, ...)`; the mail leaves after the reply.",
)
def mail_sent_inside_request(context: Context) -> Iterable[Hit]:
    """A path operation that talks to a mail server before it answers."""
    reached = Reached(context.project)
    for operation in context.project.operations:
        for call in side_calls(operation, frozenset({Work.MAIL}), reached, context.project):
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
        for call in side_calls(operation, frozenset({Work.MESSAGE}), reached, context.project):
            yield hit_at_call(
                call,
                f"`{operation.label}` sends a message through a third party before it answers, so the client waits for them.",
                help=_later(call, "the message leaves after the reply"),
            )
        for call in operation.function.calls:
            unused = is_unused(call) or is_only_logged(call, operation.function)
            if _is_message(call) and unused and not _is_asked_after(call):
                yield hit_at_call(
                    call,
                    f"`{operation.label}` posts to another service and makes nothing of the answer, but the client waits for it.",
                    help=_later(call, "the request goes out after the reply"),
                )


def _is_message(call: Call) -> bool:
    """A `POST` with content; without any it is a command, whose effect the reply may rest on."""
    if not is_request(call) or last_name(call.node) != "post" or work_of(call) is not Work.HTTP:
        return False
    return len(call.node.args) > 1 or bool({k.arg for k in call.node.keywords} & _CONTENT)


_CONTENT = frozenset({"json", "data", "content", "files", None})


def _is_asked_after(call: Call) -> bool:
    """Whether another request follows whose answer is looked at: it may need what this one did."""
    return any(
        is_request(other) and other.line > call.line and not is_unused(other) for other in call.scope.calls
    )


@CONSTRAINT.rule(
    "slow-work-inside-request",
    help="Store the file, answer 202 with an id, and do the work in `BackgroundTasks`, or in a queue where it takes minutes.",
)
def slow_work_inside_request(context: Context) -> Iterable[Hit]:
    """A document that is parsed, rendered or indexed before the reply, though the reply does not show the result."""
    project = context.project
    reached = Reached(project)
    for call, function in calls_that_fan_out(project):
        yield hit_at_call(
            call,
            f"`{function.short}` asks another service once for every item inside the request, and makes nothing of the answers, but the "
            "client waits for them all.",
            help=_later(call, "for work of minutes, use a queue"),
        )
    for operation in project.operations:
        if operation.function.is_generator:
            continue
        uploads = _takes_upload(operation, project)
        for call in operation.function.calls:
            if is_started(call) or is_otherwise_handed(call, operation.function):
                continue
            if uploads and Work.EMBED in reached.by_call(call):
                yield hit_at_call(
                    call,
                    f"`{operation.label}` embeds what was uploaded before it answers: the client waits for every piece of the document.",
                )
                continue
            if is_used_for_reply(call, operation.function, decides=False):
                continue
            found = set(reached.by_call(call) & _SLOW.keys())
            if Work.RENDER in found and Answer.RESPONSE in answers_of(operation, project):
                continue  # What was rendered is the reply.
            if not _rebuilds(call, operation):
                found.discard(Work.INDEX)
            if found:
                what = _SLOW[min(found)]
                yield hit_at_call(
                    call,
                    f"`{operation.label}` {what} before it answers, though the reply does not hold the result: the client waits for "
                    "nothing.",
                )


def _waits_for_others(operation: Operation, told: Call | None) -> tuple[Call, str] | None:
    """Where the operation, or a helper that it calls and waits for, waits for work that runs elsewhere."""
    helpers = [
        c.callee
        for c in operation.function.calls
        if c.callee is not None
        and not is_started(c)
        and c is not told
        and (c.awaited or not c.callee.is_async)
    ]
    for function in (operation.function, *helpers):
        found = waits_for_others(function) if not function.is_generator else None
        if found is not None and found[0] is not told:
            return found
    for function in helpers:
        for call, how in calls_that_wait(function) if not function.is_generator else ():
            if not is_started(call) and call is not told:
                return call, how
    return None


def _takes_upload(operation: Operation, project: Project) -> bool:
    """`UploadFile`, `list[UploadFile]`, or bytes from a form."""
    return any(
        given.place is Place.FILE
        or any(
            project.names.qualify(node, given.scope).endswith(".UploadFile")
            for node in ast.walk(given.type or ast.Constant(value=None))
            if isinstance(node, (ast.Name, ast.Attribute))
        )
        for given in operation_inputs(operation, project)
    )


def _rebuilds(call: Call, operation: Operation) -> bool:
    """Whether a whole index is made anew, by the names: a few entries belong to the change that the client made."""
    names = (last_name(call.node), operation.function.name)
    return any(_REBUILDS.search(name) for name in names) and not _is_asked_to_wait(call, operation)


def _is_asked_to_wait(call: Call, operation: Operation) -> bool:
    return any(
        isinstance(statement, ast.If)
        and isinstance(statement.test, ast.Name)
        and statement.test.id in _ASKED_TO_WAIT
        and any(inner is call.node for part in statement.body for inner in ast.walk(part))
        for statement in statements(operation.function)
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
        reason = asks_in_rounds(function, reached)
        if reason:
            yield hit_at_function(
                function,
                f"`{operation.label}` {reason} inside one request; proxies and clients give up long before.",
            )
        waiting = waits_for_minutes(function, reached)
        if waiting is not None and not reason:
            yield hit_at_call(
                waiting,
                f"`{operation.label}` waits here for a job of minutes inside one request; proxies and clients give up long before.",
            )
        others = _waits_for_others(operation, waiting)
        if others is not None:
            call, how = others
            yield hit_at_call(
                call,
                f"`{operation.label}` {how} before it answers; proxies and clients give up long before.",
            )
        documents = loops_over(function, Work.EMBED, reached)
        if documents is not None:
            yield hit_at(
                documents,
                function.module,
                f"`{operation.label}` embeds one document after the other inside one request; proxies and clients give up long before.",
            )
        for call, how in jobs_waited_for(function, reached, project):
            if not _is_asked_to_wait(call, operation):
                yield hit_at_call(
                    call,
                    f"`{operation.label}` waits for `{last_name(call.node)}`, which {how}.",
                    help=_later(call, "for work of minutes, use a queue"),
                )
        for call in function.calls:
            if is_started(call) or _is_asked_to_wait(call, operation):
                continue
            if is_unused(call) and collects(call, operation.function) and Work.CRAWL in reached.by_call(call):
                yield hit_at_call(
                    call,
                    f"`{operation.label}` runs `{last_name(call.node)}`, which asks another service for every item of every item, "
                    "before it answers.",
                    help=_later(call, "for work of minutes, use a queue"),
                )
            if works_on_everything(call):
                yield hit_at_call(
                    call,
                    f"`{operation.label}` runs `{last_name(call.node)}` before it answers: it goes through everything there is, which "
                    "takes longer each month.",
                    help=_later(call, "for work of minutes, use a queue"),
                )
            siblings = handed_siblings(call, project)
            if siblings:
                yield hit_at_call(
                    call,
                    f"`{operation.label}` runs `{last_name(call.node)}` before it answers; its siblings (`{siblings[0]}`, "
                    f"`{siblings[1]}`) are handed to `BackgroundTasks`.",
                    help=_later(call, "for work of minutes, use a queue"),
                )


@CONSTRAINT.rule(
    "dropped-task",
    help="Keep the task (in a set, with `task.add_done_callback(tasks.discard)`), await it, use a `TaskGroup`, or use "
    "`BackgroundTasks`.",
    docs="https://fastapi.tiangolo.com/tutorial/background-tasks/",
)
def dropped_task(context: Context) -> Iterable[Hit]:
    """`asyncio.create_task(...)` whose result nobody keeps, in the code of the service."""
    for call, function in dropped_threads(context.project):
        yield hit_at_call(
            call,
            f"`{function.short}` starts a thread for a request and drops it: its errors are lost, and nobody waits for it at the end.",
            help="Hand it to `BackgroundTasks`, which logs its errors, or to a queue where it takes minutes.",
        )
    for call, function in dropped_calls(context.project):
        if last_name(call.node) == "run_in_executor":
            yield hit_at_call(
                call,
                f"`{function.short}` hands work to a thread and drops the result: its errors are lost, and nobody waits for it at the end.",
                help="Await it, or hand it to `BackgroundTasks`, which logs its errors.",
            )
        else:
            yield hit_at_call(
                call,
                f"`{function.short}` starts a task and drops it: it may be collected before it has run, and its errors are lost.",
            )


@CONSTRAINT.rule(
    "long-job-in-background-tasks",
    help="Hand the job to a queue with its own worker (arq, Celery, Dramatiq) and answer 202 with an id.",
)
def long_job_in_background_tasks(context: Context) -> Iterable[Hit]:
    """A background task that loops for ever, waits for another job, trains, clones, or sleeps for long."""
    project = context.project
    reached = Reached(project)
    for module in project.service_modules:
        for call in module.calls:
            given = call.argument(0, "func")
            if not call.target.endswith(".BackgroundTasks.add_task") or given is None:
                continue
            if is_long(project.names.qualify(given, call.scope)):
                yield hit_at_call(
                    call,
                    f"`{ast.unparse(given)}` does a job of minutes; a background task shares the server's process and dies with it.",
                )
            if runs_agent(given):
                yield hit_at_call(
                    call,
                    f"`{ast.unparse(given)}` {AGENT_RUNS}; a background task shares the server's process and dies with it.",
                )
    for task, call in project.framework.background:
        for function in handed(task, call, project):
            reason = why_long(function, call, project, reached)
            if reason:
                yield hit_at_call(
                    call,
                    f"`{function.short}` {reason}; a background task shares the server's process and dies with it.",
                )
                break
