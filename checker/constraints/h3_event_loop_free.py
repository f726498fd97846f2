"""The event loop is never blocked; what blocks runs in the threadpool.

## What it asks

Nothing that runs on the event loop waits without awaiting: no sleep, no synchronous file, network or database call, no password
hash, no image work. The event loop runs every `async def` path operation, dependency, middleware and background task, and every
plain function that one of them calls directly. It also runs plain functions given to `@app.middleware("http")`, and the validators
and the `__init__` of a body's model, whose path operation may be a plain `def`.

## Why it matters

One worker process has one event loop. While it waits in `time.sleep(1)`, no other request of that process moves, health checks
included. Ten requests that each block for 0.1 s take a second; the same work in plain `def` endpoints takes about 0.1 s.

## Example

```python
@app.get("/label/{tool_id}")
async def label(tool_id: int) -> Label:
    time.sleep(0.5)              # every other request waits too
    return print_label(tool_id)
```

## Use instead

```python
@app.get("/label/{tool_id}")
def label(tool_id: int) -> Label:            # plain def: FastAPI runs it in a thread
    time.sleep(0.5)
    return print_label(tool_id)


@app.get("/label/{tool_id}/async")
async def label_async(tool_id: int) -> Label:
    return await run_in_threadpool(print_label, tool_id)
```

## Known limits

A finding stands at the line that blocks, with the way to it from the nearest call on the loop, and at each call on the loop that
leads to such a line; reading a property is a call of its function. Methods are followed through annotations, constructors,
containers, `isinstance`, and from an abstract class to the project's own implementations; where an object may be one of several,
each of them has to block. Objects whose type is nowhere written, and functions looked up by a text, are not followed, and neither
is what a library calls back on an object of the project. A coroutine that only start-up, a script, a command or a worker can have
called is left alone, and so is what a function does only the first time (`if _client is None:`); but a model is reported that the
first request loads and no start-up code has loaded before, since that takes seconds. Small computations are not reported; a long one
shows only in the running app, where the loop is watched while requests are served.

Of files, what reads, writes, copies or removes content and what reads through a folder is reported (`open`, `read_text`,
`unlink`, `rmtree`, `listdir`): it takes as long as there is of it. One entry of a folder that is asked for, made or renamed
(`exists`, `stat`, `mkdir`, `rename`, `symlink_to`, the making of a temporary folder) is path work and no finding. H2 draws the
same line, but for folders that are made, which are I/O there.

What a call settles counts: behind `if wait:` nothing is reported for a call that leaves `wait` at its default `False`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from checker.constraints.blocking import REMEDY
from checker.constraints.blocking_libraries import Kind
from checker.constraints.reach import Blocked, calls_through_helpers, direct_calls, why_on_loop
from checker.constraints.rule import Constraint, Context, Hit, hit_at_call
from checker.models.facts import AppFacts, BlockedLoop
from checker.source import Function, Project
from checker.source.properties import Access

CONSTRAINT = Constraint(
    id="H3",
    title="The event loop is never blocked",
    hard=True,
    docs="https://fastapi.tiangolo.com/async/",
    page=__doc__ or "",
)

_NAMES = {
    Kind.SLEEP: "blocking-sleep-in-async",
    Kind.HTTP: "blocking-http-call-in-async",
    Kind.NETWORK: "blocking-network-call-in-async",
    Kind.FILE: "blocking-file-access-in-async",
    Kind.DATABASE: "blocking-database-call-in-async",
    Kind.PROCESS: "blocking-subprocess-in-async",
    Kind.DNS: "blocking-dns-lookup-in-async",
    Kind.MAIL: "blocking-mail-in-async",
    Kind.BROKER: "blocking-queue-publish-in-async",
    Kind.CPU: "heavy-computation-in-async",
    Kind.WAIT: "blocking-wait-in-async",
}


@CONSTRAINT.applies_when
def _something_runs_on_the_loop(context: Context) -> bool:
    return bool(context.project.on_loop)


def _direct(kind: Kind, context: Context) -> Iterable[Hit]:
    project = context.project
    for blocked in direct_calls(project):
        if blocked.blocking.kind is not kind:
            continue
        function, what = blocked.function, blocked.blocking.what
        if function.is_async:
            message = (
                f"`{what}` holds the event loop in `{function.short}` ({why_on_loop(function, project)}); "
                "no other request is served meanwhile."
            )
        else:
            message = f"`{what}` holds the event loop: `{function.short}` is {_reached(blocked, project)}."
        yield hit_at_call(blocked.call, message, help=_remedy(blocked), trace=blocked.trace)


def _reached(blocked: Blocked, project: Project) -> str:
    """How the loop comes to a plain function."""
    if blocked.callers > 1:
        return f"reached from {blocked.callers} calls on the loop, the nearest at {blocked.trace[0].partition(' ')[0]}"
    if len(blocked.trace) > 1:
        return f"called from the loop at {blocked.trace[0].partition(' ')[0]}"
    return why_on_loop(blocked.function, project)


def _remedy(blocked: Blocked) -> str:
    if blocked.function.is_async:
        return blocked.blocking.remedy
    name = blocked.function.short
    return (
        f"Let the coroutine that calls `{name}` await `run_in_threadpool({name}, ...)` from `fastapi.concurrency`, or make "
        f"`{name}` async and await an async library in it."
    )


for _kind, _name in _NAMES.items():
    CONSTRAINT.rule(_name, help=REMEDY[_kind])(partial(_direct, _kind))


@CONSTRAINT.rule(
    "blocking-call-behind-helper",
    help="Await `run_in_threadpool(helper, ...)` from `fastapi.concurrency`, or make the helper async all the way down.",
    docs="https://fastapi.tiangolo.com/async/#very-technical-details",
)
def blocking_call_behind_helper(context: Context) -> Iterable[Hit]:
    """A plain function, called on the loop, that blocks further down."""
    for blocked in calls_through_helpers(context.project):
        callee = blocked.helper
        name = callee.short if callee is not None else blocked.call.target
        place = blocked.trace[-1].partition(" ")[0]
        does = "reads the property" if isinstance(blocked.call, Access) else "calls"
        yield hit_at_call(
            blocked.call,
            f"`{blocked.function.short}` {does} `{name}` on the event loop, and that ends in `{blocked.blocking.what}` "
            f"({place}), which blocks.",
            trace=blocked.trace,
            help=_through_thread(callee, blocked) if callee is not None else "",
        )


def _through_thread(callee: Function, blocked: Blocked) -> str:
    if isinstance(blocked.call, Access):
        return f"Make a method of `{callee.short}`, and await it through `run_in_threadpool` from `fastapi.concurrency`."
    return (
        f"Await `run_in_threadpool({callee.short}, ...)` from `fastapi.concurrency`, or make `{callee.short}` async all "
        "the way down."
    )


@CONSTRAINT.running_rule(
    "event-loop-held",
    help="Move the work off the loop: `await run_in_threadpool(...)`, a plain `def` endpoint, or an async library.",
    confirms=(*_NAMES.values(), "blocking-call-behind-helper"),
)
def event_loop_held(context: Context, facts: AppFacts) -> Iterable[Hit]:
    """What was seen while requests were served: intercepted calls and moments in which the loop stood still."""
    for blocked in facts.blocked:
        if not _counts(blocked, context.project):
            continue
        while_serving = f" while `{blocked.request}` was answered" if blocked.request else ""
        if blocked.how == "held":
            seen = f"the event loop stood still for {blocked.held_ms:.0f} ms{while_serving}"
            message = f"{seen[0].upper()}{seen[1:]}, in `{blocked.site.name or blocked.site.path}`."
        else:
            seen = f"`{blocked.what}` ran on the event loop{while_serving}"
            message = f"{seen}; nothing else was served meanwhile."
        yield Hit(
            path=blocked.site.path,
            line=blocked.site.line,
            message=message,
            note=f"Seen in the running app: {seen}.",
        )


def _counts(blocked: BlockedLoop, project: Project) -> bool:
    """Leave out start-up code, and threads that the watch happened to see."""
    function = project.function_at(blocked.site.path, blocked.site.line)
    if function is None:
        return True
    if function in project.framework.lifespans and function not in project.on_loop:
        return False
    in_thread = not function.is_async and function not in project.on_loop and function in project.in_requests
    return blocked.how == "call" or not in_thread
