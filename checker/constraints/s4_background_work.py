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

Only mail is known to be slow side work; a slow call that the answer depends on is no side work. Tasks that are kept, awaited or
gathered pass.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from checker.constraints.flow import statements
from checker.constraints.rule import Constraint, Context, Hit, hit_at_call
from checker.source import Call, Function, Project

CONSTRAINT = Constraint(
    id="S4",
    title="BackgroundTasks for short work, a queue for long work",
    hard=False,
    docs="https://fastapi.tiangolo.com/tutorial/background-tasks/",
    page=__doc__ or "",
)
_MAIL = frozenset({
    "smtplib.SMTP", "smtplib.SMTP_SSL", "aiosmtplib.send", "fastapi_mail.FastMail.send_message",
    "sendgrid.SendGridAPIClient.send", "emails.Message.send", "emails.message.Message.send", "resend.Emails.send",
})  # fmt: skip
_STARTS = frozenset({"asyncio.create_task", "asyncio.ensure_future"})
_DEEPEST = 8
LONG_S = 30


@CONSTRAINT.applies_when
def _there_are_operations(context: Context) -> bool:
    return bool(context.project.operations)


@CONSTRAINT.rule(
    "mail-sent-inside-request",
    help="Take `tasks: BackgroundTasks` as a parameter and call `tasks.add_task(send, ...)`; the mail leaves after the reply.",
)
def mail_sent_inside_request(context: Context) -> Iterable[Hit]:
    """A path operation that talks to a mail server before it answers."""
    for operation in context.project.operations:
        for call in operation.function.calls:
            if call.target in _MAIL or (call.callee is not None and _mails(call.callee, set(), 0)):
                yield hit_at_call(
                    call,
                    f"`{operation.label}` sends mail before it answers, so the client waits for the mail server.",
                )


def _mails(function: Function, seen: set[Function], depth: int) -> bool:
    if function in seen or depth > _DEEPEST:
        return False
    seen.add(function)
    for call in function.calls:
        if call.target in _MAIL or (call.callee is not None and _mails(call.callee, seen, depth + 1)):
            return True
    return False


@CONSTRAINT.rule(
    "dropped-task",
    help="Keep the task (in a set, with `task.add_done_callback(tasks.discard)`), await it, use a `TaskGroup`, or use "
    "`BackgroundTasks`.",
    docs="https://fastapi.tiangolo.com/tutorial/background-tasks/",
)
def dropped_task(context: Context) -> Iterable[Hit]:
    """`asyncio.create_task(...)` whose result nobody keeps, in code that serves requests."""
    for function in context.project.on_loop:
        for call in function.calls:
            if call.target in _STARTS and call.dropped:
                yield hit_at_call(
                    call,
                    f"`{function.short}` starts a task and drops it: it may be collected before it has run, and its errors are lost.",
                )


@CONSTRAINT.rule(
    "long-job-in-background-tasks",
    help="Hand the job to a queue with its own worker (arq, Celery, Dramatiq) and answer 202 with an id.",
)
def long_job_in_background_tasks(context: Context) -> Iterable[Hit]:
    """A background task that loops for ever, waits for another job, or sleeps for long."""
    for function, call in context.project.framework.background:
        reason = _why_long(function, context.project)
        if reason:
            yield hit_at_call(
                call,
                f"`{function.short}` {reason}; a background task shares the server's process and dies with it.",
            )


def _why_long(function: Function, project: Project) -> str:
    for statement in statements(function):
        if (
            isinstance(statement, ast.While)
            and isinstance(statement.test, ast.Constant)
            and statement.test.value
        ):
            inside = list(ast.walk(statement))
            if not any(isinstance(node, (ast.Break, ast.Return)) for node in inside):
                return "loops without end"
    for call in function.calls:
        if call.target in {"time.sleep", "asyncio.sleep"} and _seconds(call) >= LONG_S:
            return f"sleeps for {_seconds(call):g} s"
        if call.target.endswith("AsyncResult.get"):
            return "waits until a job of the queue ends"
    return ""


def _seconds(call: Call) -> float:
    value = call.argument(0, "delay")
    return (
        float(value.value)
        if isinstance(value, ast.Constant) and isinstance(value.value, (int, float))
        else 0.0
    )
