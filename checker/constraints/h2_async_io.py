"""I/O is async.

## What it asks

What runs on the event loop does its input and output through async libraries: files, HTTP, databases, mail, subprocesses. A plain
`def` path operation with a synchronous driver is correct FastAPI and passes, because it runs in a thread.

## Why it matters

The point of `async def` is to serve others while one request waits. A synchronous driver inside it takes that away and leaves only
the price.

## Example

```python
@app.get("/manual/{model}")
async def manual(model: str) -> Manual:
    reply = requests.get(f"{CATALOGUE}/{model}")
    return Manual.model_validate(reply.json())
```

## Use instead

```python
@app.get("/manual/{model}")
async def manual(model: str, client: CatalogueClient) -> Manual:
    reply = await client.get(f"/{model}")
    return Manual.model_validate(reply.json())
```

`CatalogueClient` is a dependency on an `httpx2.AsyncClient` that the lifespan opens once.

## Known limits

The line that does the I/O is reported here; the call on the loop that leads to it is reported under H3. A method of a class that
derives from a library's synchronous client counts as that client, so it is reported where it is called as well. Computation is
no I/O and belongs to H3 alone, also on an archive or a table that is in memory. Start-up code, scripts and workers are left
alone, and objects whose type is nowhere written are not followed. Of files, content that is read, written, copied or removed and
folders that are read through or made (`mkdir`, `makedirs`) are I/O; one entry that is asked for or renamed (`exists`, `rename`) is
path work.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from checker.constraints.blocking import REMEDY
from checker.constraints.blocking_libraries import Kind
from checker.constraints.reach import calls_through_helpers, direct_calls, drives_a_library, why_on_loop
from checker.constraints.rule import Constraint, Context, Hit, hit_at_call
from checker.models.facts import AppFacts

CONSTRAINT = Constraint(
    id="H2",
    title="I/O is async",
    hard=True,
    docs="https://fastapi.tiangolo.com/async/",
    page=__doc__ or "",
)

_NAMES = {
    Kind.HTTP: "sync-http-client-in-async",
    Kind.NETWORK: "sync-network-client-in-async",
    Kind.FILE: "sync-file-access-in-async",
    Kind.FOLDER: "sync-folder-made-in-async",
    Kind.DATABASE: "sync-database-driver-in-async",
    Kind.PROCESS: "sync-subprocess-in-async",
    Kind.DNS: "sync-dns-lookup-in-async",
    Kind.MAIL: "sync-mail-client-in-async",
    Kind.BROKER: "sync-queue-client-in-async",
}


@CONSTRAINT.applies_when
def _something_runs_on_the_loop(context: Context) -> bool:
    return bool(context.project.on_loop)


def _sync_io(kind: Kind, context: Context) -> Iterable[Hit]:
    project = context.project
    for blocked in direct_calls(project):
        if blocked.blocking.kind is not kind:
            continue
        function = blocked.function
        yield hit_at_call(
            blocked.call,
            f"`{blocked.blocking.what}` does synchronous I/O in `{function.short}` "
            f"({why_on_loop(function, project)}).",
            help=blocked.blocking.remedy,
            trace=blocked.trace,
        )
    for blocked in calls_through_helpers(project):
        callees = blocked.call.callees
        if blocked.blocking.kind is not kind or not all(drives_a_library(c, project) for c in callees):
            continue
        yield hit_at_call(
            blocked.call,
            f"`{callees[0].short}` does synchronous I/O (`{blocked.blocking.what}`) in `{blocked.function.short}` "
            f"({why_on_loop(blocked.function, project)}).",
            trace=blocked.trace,
        )


for _kind, _name in _NAMES.items():
    CONSTRAINT.rule(_name, help=REMEDY[_kind])(partial(_sync_io, _kind))


def _confirmed(context: Context, facts: AppFacts) -> Iterable[Hit]:
    reported = {(b.call.scope.module.path, b.call.line) for b in direct_calls(context.project)}
    for blocked in facts.blocked:
        # Only what the static rules know to be I/O: sharpened here, and reported by itself under H3.
        if blocked.how == "call" and (blocked.site.path, blocked.site.line) in reported:
            yield Hit(
                path=blocked.site.path,
                line=blocked.site.line,
                message=f"`{blocked.what}` ran on the event loop.",
                note=f"Seen in the running app: `{blocked.what}` ran on the event loop.",
            )


CONSTRAINT.running_rule(
    "sync-io-seen-on-loop",
    help="Use an async library, or a plain `def` endpoint.",
    confirms=tuple(_NAMES.values()),
)(_confirmed)
