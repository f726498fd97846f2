"""Async database drivers are preferred.

## What it asks

The application talks to its database through an async driver: `create_async_engine` with asyncpg, psycopg or aiosqlite,
`redis.asyncio`, PyMongo's `AsyncMongoClient`.

## Why it matters

An async driver serves hundreds of waiting requests on one event loop. A synchronous one needs a thread for each, and FastAPI has 40
of them for everything. Inside `async def` it stops the whole process; that is H3.

## Example

```python
engine = create_engine("postgresql+psycopg://...")
SessionLocal = sessionmaker(engine)
```

## Use instead

```python
engine = create_async_engine("postgresql+asyncpg://...")
sessions = async_sessionmaker(engine, expire_on_commit=False)
```

## When it may be flexed

A legacy library that has no async driver, used from plain `def` path operations.

## Known limits

Engines of tests, migrations, command lines and Celery tasks are left alone, and so is one that only Alembic or `create_all` uses.
Where a function of another module makes the engine, both are reported: the function, and where the app takes the engine from it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from checker.constraints.flow import is_given_back, last_name
from checker.constraints.rule import Constraint, Context, Hit, hit_at_call
from checker.constraints.sync_drivers import OTHER, SQL
from checker.constraints.validation import is_only_read_in
from checker.source import Call, Class, Function, Module, Project
from checker.source.written import is_super

CONSTRAINT = Constraint(
    id="S1",
    title="Async database drivers",
    hard=False,
    docs="https://fastapi.tiangolo.com/async/",
    page=__doc__ or "",
)
_AMAZON = frozenset({
    "boto3.client", "boto3.resource", "boto3.Session.client", "boto3.Session.resource", "boto3.session.Session.client",
    "boto3.session.Session.resource",
})  # fmt: skip
_FILLED_IN = frozenset(name for name in SQL if name.rpartition(".")[2][:1].isupper())
"""Classes that people derive their own from."""
_CONNECTION_STRINGS = frozenset({
    "langchain_community.vectorstores.pgvector.PGVector.connection_string_from_db_params",
    "langchain_community.vectorstores.PGVector.connection_string_from_db_params",
    "langchain.vectorstores.pgvector.PGVector.connection_string_from_db_params",
    "langchain_postgres.PGVector.connection_string_from_db_params",
})  # fmt: skip
"""What names the driver of a store of vectors that makes its engine itself."""
_SYNC_NAMES = frozenset({"psycopg2", "psycopg", "pg8000"})
_ASYNC = (
    "sqlalchemy.ext.asyncio", "redis.asyncio", "asyncpg", "aiosqlite", "motor", "pymongo.asynchronous", "aiomysql", "tortoise",
    "databases", "psycopg.AsyncConnection", "pymongo.AsyncMongoClient", "beanie",
)  # fmt: skip
_BESIDE = frozenset(
    {"alembic", "migrations", "migration", "versions", "scripts", "cli", "commands", "management"}
)
_ASYNC_ENGINE = "sqlalchemy.ext.asyncio.AsyncEngine"
_GREETINGS = frozenset({"ping", "close", "disconnect", "quit", "server_info", "info"})
_THREADS = frozenset({"to_thread", "run_in_executor", "run_in_threadpool", "run_sync", "partial", "submit"})
_TASKS = frozenset({"celery.Celery.task", "celery.shared_task", "dramatiq.actor", "huey.RedisHuey.task"})


@CONSTRAINT.applies_when
def _there_is_a_database(context: Context) -> bool:
    return any(
        name == driver or name.startswith(f"{driver}.")
        for module in context.project.service_modules
        for name in module.imported
        for driver in _ASYNC
    ) or any(True for _ in _sync_drivers(context))


def _sync_drivers(context: Context) -> Iterator[tuple[Hit, bool]]:
    project = context.project
    makers: dict[Function, str] = {}
    for module in project.service_modules:
        if _is_beside(module):
            continue
        called = False
        for call in module.calls:
            target = _driver_of(call, project)
            if target not in SQL and target not in OTHER:
                continue
            called = True
            if not _is_for_service(call, project) or _is_of_others(call, project):
                continue
            if call.function is not None and is_given_back(call, call.function):
                makers[call.function] = target
            yield hit_at_call(call, _message(target), help=_remedy(target)), target in SQL
        if not called:
            yield from _handed_over(module, project)
    if makers:
        yield from _made_elsewhere(makers, project)


def _driver_of(call: Call, project: Project) -> str:
    """What makes the driver; Amazon's clients are told by their service, and the project's own by the class that they fill in."""
    if isinstance(call.node.func, ast.Attribute) and is_super(call.node.func.value):
        return ""  # Told where an object of the class is made.
    target = call.target.removesuffix(".__init__")
    if target in _CONNECTION_STRINGS:
        driver = call.keyword("driver")
        sync = isinstance(driver, ast.Constant) and driver.value in _SYNC_NAMES
        return "psycopg2.connect" if sync else ""
    if target not in SQL and last_name(call.node)[:1].isupper():
        made = project.names.evaluate(call.node.func, call.scope)
        if made is not None and isinstance(made.item, Class) and not made.instance:
            return next((base for base in project.names.lineage(made.item)[1] if base in _FILLED_IN), target)
    service = call.argument(0, "service_name")
    if target in _AMAZON and isinstance(service, ast.Constant) and isinstance(service.value, str):
        return f"boto3: {service.value}"
    return target


def _is_for_service(call: Call, project: Project) -> bool:
    if call.argument_of is not None and _ASYNC_ENGINE in project.names.qualify(
        call.argument_of.func, call.scope
    ):
        return False  # `AsyncEngine(create_engine(url))`: the wrapper is what the service works with.
    return not (call.main_guard or _is_for_tools(call, project) or _is_in_task(call.function, project))


def _is_of_others(call: Call, project: Project) -> bool:
    """Whether a driver is made to be greeted, or for the workers of a queue alone."""
    function = call.function
    if function is None or function in project.in_requests:
        return False
    return _is_only_greeted(call, function) or _is_read_by_workers(function, project)


def _is_only_greeted(call: Call, function: Function) -> bool:
    """`client = Redis(...); client.ping()` in a check of the settings: no query goes through it."""
    names = {n for n, bound in function.bindings.items() for b in bound if b.value is call.node}
    if len(names) != 1 or names & set(function.declared_global):
        return False
    asked = (
        c.node.func.value
        for c in function.calls
        if isinstance(c.node.func, ast.Attribute) and c.node.func.attr in _GREETINGS
    )
    return is_only_read_in(asked, names, function)


def _is_read_by_workers(function: Function, project: Project) -> bool:
    """`def redis(self): return self._redis`, which nothing but the tasks of a queue so much as names."""
    name = function.name.rpartition(".")[2]
    if not function.returns or name.startswith("__"):
        return False
    wanted = re.compile(rf"\.{re.escape(name)}\b" if function.owner else rf"(?<!\bdef )\b{re.escape(name)}\b")
    readers = [
        (module, number)
        for module in project.modules
        if not module.is_test
        for number, line in enumerate(module.lines, start=1)
        if wanted.search(line)
    ]
    return bool(readers) and all(
        _is_beside(module) or _is_in_task(module.function_at(number), project) for module, number in readers
    )


def _made_elsewhere(makers: dict[Function, str], project: Project) -> Iterator[tuple[Hit, bool]]:
    """`engine = make_engine()` in another module: where the app takes the driver that a factory makes.

    Requests that ask a factory for a connection are too many to be told one by one; the factory is.
    """
    calls = [
        call
        for module in project.service_modules
        if not _is_beside(module)
        for call in module.calls
        if call.callee is not None and _is_for_service(call, project)
    ]
    known = 0
    while known < len(makers):
        known = len(makers)
        for call in calls:
            target = makers.get(call.callee) if call.callee is not None else None
            if target is not None and call.function is not None and is_given_back(call, call.function):
                makers.setdefault(call.function, target)
    for call in calls:
        target = makers.get(call.callee) if call.callee is not None else None
        if target is None or call.callee is None or call.callee.module is call.scope.module:
            continue
        if call.function not in makers and call.function not in project.in_requests:
            message = f"`{last_name(call.node)}` makes a synchronous driver (`{_name_of(target)}`): each query needs a thread while it waits."
            yield hit_at_call(call, message, help=_remedy(target)), target in SQL


def _is_beside(module: Module) -> bool:
    """Migrations, command lines and what runs in a worker of its own."""
    parts = module.path.removesuffix(".py").lower().split("/")
    return bool(_BESIDE & set(parts)) or any(
        "celery" in part or "migrator" in part or part in {"worker", "workers"} for part in parts
    )


def _message(target: str) -> str:
    return f"`{_name_of(target)}` is a synchronous driver: each query needs a thread while it waits."


def _name_of(target: str) -> str:
    return SQL.get(target) or OTHER[target][0]


def _remedy(target: str) -> str:
    return f"Use `{OTHER[target][1]}` and await its calls." if target in OTHER else ""


def _is_for_tools(call: Call, project: Project) -> bool:
    """An engine that only Alembic uses, or only `create_all` beside an async library that does the queries."""
    calls = call.function.calls if call.function is not None else []
    if any(c.target.startswith("alembic.") for c in calls):
        return True
    return "databases.Database" in call.scope.module.imported and not any(
        name.endswith(("sessionmaker", "Session")) for name in call.scope.module.imported
    )


def _is_in_task(function: Function | None, project: Project) -> bool:
    """Whether a worker of a queue runs the function."""
    if function is None:
        return False
    scope = function.parent or function.module.scope
    plain = [d.func if isinstance(d, ast.Call) else d for d in function.decorators]
    return any(project.names.qualify(d, scope) in _TASKS for d in plain)


def _handed_over(module: Module, project: Project) -> Iterator[tuple[Hit, bool]]:
    """`to_thread(MongoClient, url)`: the module never calls the driver itself, so its import is what has to change."""
    for call in module.calls:
        if last_name(call.node) not in _THREADS:
            continue
        for argument in call.node.args:
            if not isinstance(argument, (ast.Name, ast.Attribute)):
                continue
            target = project.names.qualify(argument, call.scope)
            if target not in SQL and target not in OTHER:
                continue
            line = _import_line(module, target) or call.line
            yield (
                Hit(path=module.path, line=line, message=_message(target), help=_remedy(target), key=target),
                target in SQL,
            )


def _import_line(module: Module, target: str) -> int | None:
    last = target.rpartition(".")[2]
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and any(alias.name == last for alias in node.names):
            return node.lineno
    return None


@CONSTRAINT.rule(
    "sync-sql-driver",
    help="Use `create_async_engine` and `async_sessionmaker` from `sqlalchemy.ext.asyncio`, with asyncpg, psycopg or aiosqlite.",
)
def sync_sql_driver(context: Context) -> Iterable[Hit]:
    """A synchronous engine or connection to an SQL database."""
    return [hit for hit, sql in _sync_drivers(context) if sql]


@CONSTRAINT.rule(
    "sync-store-driver",
    help="Use the library's async client: `redis.asyncio.Redis`, `pymongo.AsyncMongoClient`, `AsyncElasticsearch`.",
)
def sync_store_driver(context: Context) -> Iterable[Hit]:
    """A synchronous client of Redis, MongoDB and their like."""
    return [hit for hit, sql in _sync_drivers(context) if not sql]
