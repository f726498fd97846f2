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

Engines of tests, migrations and scripts that the app does not import are left alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from checker.constraints.rule import Constraint, Context, Hit, hit_at_call

CONSTRAINT = Constraint(
    id="S1",
    title="Async database drivers",
    hard=False,
    docs="https://fastapi.tiangolo.com/async/",
    page=__doc__ or "",
)
_SQL = {
    "sqlalchemy.create_engine": "create_engine",
    "sqlalchemy.engine_from_config": "engine_from_config",
    "sqlite3.connect": "sqlite3.connect",
    "psycopg2.connect": "psycopg2.connect",
    "psycopg2.pool.SimpleConnectionPool": "psycopg2's pool",
    "psycopg2.pool.ThreadedConnectionPool": "psycopg2's pool",
    "psycopg.connect": "psycopg.connect",
    "psycopg_pool.ConnectionPool": "psycopg's synchronous pool",
    "pymysql.connect": "pymysql.connect",
    "mysql.connector.connect": "mysql.connector.connect",
    "pyodbc.connect": "pyodbc.connect",
    "peewee.PostgresqlDatabase": "peewee",
    "peewee.SqliteDatabase": "peewee",
}
_OTHER = {
    "pymongo.MongoClient": "MongoClient",
    "redis.Redis": "redis.Redis",
    "redis.from_url": "redis.from_url",
    "redis.Redis.from_url": "redis.Redis.from_url",
    "cassandra.cluster.Cluster": "Cluster",
    "elasticsearch.Elasticsearch": "Elasticsearch",
}
_ASYNC = (
    "sqlalchemy.ext.asyncio", "redis.asyncio", "asyncpg", "aiosqlite", "motor", "pymongo.asynchronous", "aiomysql", "tortoise",
    "databases", "psycopg.AsyncConnection", "pymongo.AsyncMongoClient", "beanie",
)  # fmt: skip


@CONSTRAINT.applies_when
def _there_is_a_database(context: Context) -> bool:
    return any(
        name == driver or name.startswith(f"{driver}.")
        for module in context.project.service_modules
        for name in module.imported
        for driver in _ASYNC
    ) or any(True for _ in _sync_drivers(context))


def _sync_drivers(context: Context) -> Iterable[tuple[Hit, bool]]:
    for module in context.project.service_modules:
        if any(part in {"alembic", "migrations", "versions", "scripts"} for part in module.path.split("/")):
            continue
        for call in module.calls:
            target = call.target.removesuffix(".__init__")
            sql = target in _SQL
            if (sql or target in _OTHER) and not call.main_guard:
                name = _SQL.get(target) or _OTHER[target]
                yield (
                    hit_at_call(
                        call, f"`{name}` is a synchronous driver: each query needs a thread while it waits."
                    ),
                    sql,
                )


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
