"""Start-up and shutdown live in a lifespan context manager.

## What it asks

Everything that the app opens once is opened and closed in one `lifespan`: an async context manager given to `FastAPI(lifespan=...)`.
No `on_event`, no `add_event_handler`, nothing opened when the module is imported, no `atexit`.

## Why it matters

`on_event` is deprecated, and with a lifespan beside it FastAPI does not call it at all. What is opened at import is opened in every
process that imports the module, tests and migrations included, before there is an event loop, and nobody closes it.

## Example

```python
@app.on_event("startup")
async def open_client() -> None:
    app.state.catalogue = httpx2.AsyncClient()
```

## Use instead

```python
@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with httpx2.AsyncClient() as client:
        app.state.catalogue = client
        yield


app = FastAPI(lifespan=lifespan)
```

## Known limits

Making an engine or a session factory at import is accepted: neither connects before it is used. An app with nothing to start needs
no lifespan.
"""

from __future__ import annotations

from collections.abc import Iterable

from checker.constraints.rule import Constraint, Context, Hit, hit_at_call
from checker.models.facts import AppFacts
from checker.source import Call, Function, Project

CONSTRAINT = Constraint(
    id="H6",
    title="Start-up and shutdown live in a lifespan",
    hard=True,
    docs="https://fastapi.tiangolo.com/advanced/events/",
    page=__doc__ or "",
)
_CONNECTS = frozenset({
    "sqlite3.connect", "psycopg2.connect", "psycopg.connect", "pymysql.connect", "MySQLdb.connect", "pyodbc.connect",
    "mysql.connector.connect", "asyncpg.connect", "asyncpg.create_pool", "arq.create_pool", "smtplib.SMTP", "smtplib.SMTP_SSL",
    "socket.create_connection", "pika.BlockingConnection", "httpx.Client", "httpx.AsyncClient", "httpx2.Client",
    "httpx2.AsyncClient", "aiohttp.ClientSession", "kafka.KafkaProducer", "sqlalchemy.engine.Engine.connect",
    "psycopg2.pool.SimpleConnectionPool", "psycopg2.pool.ThreadedConnectionPool",
})  # fmt: skip


@CONSTRAINT.applies_when
def _there_is_an_app(context: Context) -> bool:
    return bool(context.project.framework.apps) or context.facts is not None


@CONSTRAINT.rule(
    "startup-in-on-event",
    help="Move the code into an `@asynccontextmanager` function, before and after its `yield`, and give it to "
    "`FastAPI(lifespan=...)`.",
)
def startup_in_on_event(context: Context) -> Iterable[Hit]:
    """`@app.on_event(...)` and `app.add_event_handler(...)`."""
    for call, function in context.project.framework.event_handlers:
        name = "add_event_handler" if call.target.endswith("add_event_handler") else "on_event"
        handler = f" for `{function.short}`" if function is not None else ""
        yield hit_at_call(
            call,
            f"`{name}`{handler} is deprecated, and as soon as the app has a lifespan FastAPI does not call it.",
        )


@CONSTRAINT.rule(
    "resource-opened-at-import",
    help="Open it in the lifespan, keep it on `app.state`, and close it after the `yield`.",
)
def resource_opened_at_import(context: Context) -> Iterable[Hit]:
    """A connection, client, table or thread that is made when a module of the service is imported."""
    if not _there_is_an_app(context):
        return
    for module in context.project.service_modules:
        if _is_migration(module.path):
            continue
        for call in module.scope.calls:
            what = _opened(call, context.project)
            if what and not (call.main_guard and not _serves_app(module.path, context.project)):
                when = "in the main guard" if call.main_guard else "when the module is imported"
                yield hit_at_call(call, f"{what} {when}, and nothing closes it when the app stops.")


def _opened(call: Call, project: Project) -> str:
    if call.target in _CONNECTS:
        if isinstance(call.scope, Function):
            return ""
        return f"`{call.target.rpartition('.')[2]}` opens a shared resource"
    function = call.node.func
    last = getattr(function, "attr", "")
    if last == "create_all" and "metadata" in _text_before(call):
        return "`create_all` reaches for the database"
    if call.target == "threading.Thread.start":
        return "A thread is started"
    if call.target == "asyncio.run" and not call.main_guard:
        return "`asyncio.run` does start-up work"
    return ""


def _text_before(call: Call) -> str:
    value = getattr(call.node.func, "value", None)
    return getattr(value, "attr", "") or getattr(value, "id", "")


def _serves_app(path: str, project: Project) -> bool:
    return any(module.path == path for module, _ in project.framework.apps)


def _is_migration(path: str) -> bool:
    return any(part in {"alembic", "migrations", "versions", "scripts"} for part in path.split("/"))


@CONSTRAINT.rule(
    "shutdown-in-atexit",
    help="Close it in the lifespan, after the `yield`; FastAPI runs that when the server stops.",
)
def shutdown_in_atexit(context: Context) -> Iterable[Hit]:
    """`atexit.register(...)` in a module of the service."""
    if not _there_is_an_app(context):
        return
    for module in context.project.service_modules:
        for call in module.calls:
            if call.target == "atexit.register":
                yield hit_at_call(
                    call,
                    "`atexit` runs after the event loop has gone, so nothing asynchronous can be closed there.",
                )


@CONSTRAINT.running_rule(
    "event-handler-registered",
    help="Move the code into the lifespan.",
    confirms=("startup-in-on-event",),
)
def event_handler_registered(context: Context, facts: AppFacts) -> Iterable[Hit]:
    """Handlers that the running app holds."""
    registered = {f: call for call, f in context.project.framework.event_handlers if f is not None}
    for site in facts.on_event_handlers:
        # `add_event_handler(...)` is reported where it stands, which may be far from the function.
        function = context.project.function_at(site.path, site.line)
        call = registered.get(function) if function is not None else None
        yield Hit(
            path=call.scope.module.path if call is not None else site.path,
            line=call.line if call is not None else site.line,
            message=f"`{site.name or 'a function'}` is registered as an event handler; `on_event` is deprecated, and with a "
            "lifespan FastAPI does not call it.",
            note="With the lifespan that this app has, it is never called." if facts.has_lifespan else "",
        )
