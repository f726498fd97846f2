"""What calls and attributes of well-known libraries give back, as far as the rules need to know it.

A class stands under the name that people import it by. A name that is not listed here still works: calling
`x.Thing` gives an instance of `x.Thing`, calling `x.thing` gives an unnamed result `x.thing()`.
"""

from __future__ import annotations

import sys

_MOVED_PREFIXES = {
    "starlette.requests.": "fastapi.",
    "fastapi.requests.": "fastapi.",
    "fastapi.applications.": "fastapi.",
    "fastapi.routing.APIRouter": "fastapi.APIRouter",
    "fastapi.param_functions.": "fastapi.",
    "fastapi.params.": "fastapi.",
    "fastapi.background.": "fastapi.",
    "starlette.responses.": "fastapi.responses.",
    "starlette.concurrency.": "fastapi.concurrency.",
    "starlette.websockets.": "fastapi.",
    "fastapi.websockets.": "fastapi.",
    "starlette.status.": "fastapi.status.",
    "starlette.middleware.": "fastapi.middleware.",
    "starlette.exceptions.HTTPException": "fastapi.HTTPException",
    "fastapi.exceptions.HTTPException": "fastapi.HTTPException",
    "sqlalchemy.orm.session.": "sqlalchemy.orm.",
    "sqlalchemy.orm.query.": "sqlalchemy.orm.",
    "sqlalchemy.orm.scoping.": "sqlalchemy.orm.",
    "sqlalchemy.engine.base.": "sqlalchemy.engine.",
    "sqlalchemy.engine.create.": "sqlalchemy.",
    "redis.client.": "redis.",
    "redis.asyncio.client.": "redis.asyncio.",
    "pymongo.mongo_client.": "pymongo.",
    "pymongo.database.": "pymongo.",
    "pymongo.collection.": "pymongo.",
    "pydantic.main.": "pydantic.",
    "pydantic.fields.": "pydantic.",
    "typing_extensions.": "typing.",
    "collections.abc.": "typing.",
}

_MOVED = {
    "fastapi.Response": "fastapi.responses.Response",
    "sqlalchemy.Engine": "sqlalchemy.engine.Engine",
    "sqlalchemy.Connection": "sqlalchemy.engine.Connection",
    "sqlalchemy.engine.create_engine": "sqlalchemy.create_engine",
    "sqlmodel.create_engine": "sqlalchemy.create_engine",
    "sqlmodel.Session": "sqlalchemy.orm.Session",
    "sqlmodel.orm.session.Session": "sqlalchemy.orm.Session",
    "sqlalchemy.orm.Query": "sqlalchemy.orm.Query",
    "sqlmodel.ext.asyncio.session.AsyncSession": "sqlalchemy.ext.asyncio.AsyncSession",
    "redis.StrictRedis": "redis.Redis",
    "redis.asyncio.StrictRedis": "redis.asyncio.Redis",
    "starlette.background.BackgroundTasks": "fastapi.BackgroundTasks",
    "starlette.background.BackgroundTask": "fastapi.BackgroundTask",
    "pydantic.BaseSettings": "pydantic_settings.BaseSettings",
    "pydantic_settings.main.BaseSettings": "pydantic_settings.BaseSettings",
    "pathlib.PosixPath": "pathlib.Path",
    "requests.sessions.Session": "requests.Session",
    "requests.api.get": "requests.get",
    "requests.session": "requests.Session",
    "subprocess.Popen": "subprocess.Popen",
    "builtins.WindowsError": "builtins.OSError",
}

RETURNS = {
    "pathlib.Path.cwd": "pathlib.Path",
    "pathlib.Path.home": "pathlib.Path",
    "sqlalchemy.create_engine": "sqlalchemy.engine.Engine",
    "sqlalchemy.engine.Engine.connect": "sqlalchemy.engine.Connection",
    "sqlalchemy.engine.Engine.begin": "sqlalchemy.engine.Connection",
    "sqlalchemy.orm.sessionmaker": "sqlalchemy.orm.sessionmaker",
    "sqlalchemy.orm.scoped_session": "sqlalchemy.orm.scoped_session",
    "sqlalchemy.ext.asyncio.async_sessionmaker": "sqlalchemy.ext.asyncio.async_sessionmaker",
    "sqlalchemy.orm.sessionmaker.__call__": "sqlalchemy.orm.Session",
    "sqlalchemy.orm.sessionmaker.begin": "sqlalchemy.orm.Session",
    "sqlalchemy.orm.scoped_session.__call__": "sqlalchemy.orm.Session",
    "sqlalchemy.orm.Session.query": "sqlalchemy.orm.Query",
    "sqlalchemy.orm.Session.connection": "sqlalchemy.engine.Connection",
    "sqlalchemy.ext.asyncio.create_async_engine": "sqlalchemy.ext.asyncio.AsyncEngine",
    "sqlalchemy.ext.asyncio.async_sessionmaker.__call__": "sqlalchemy.ext.asyncio.AsyncSession",
    "sqlalchemy.ext.asyncio.async_sessionmaker.begin": "sqlalchemy.ext.asyncio.AsyncSession",
    "sqlalchemy.ext.asyncio.AsyncEngine.connect": "sqlalchemy.ext.asyncio.AsyncConnection",
    "sqlalchemy.ext.asyncio.AsyncEngine.begin": "sqlalchemy.ext.asyncio.AsyncConnection",
    "sqlite3.connect": "sqlite3.Connection",
    "sqlite3.Connection.cursor": "sqlite3.Cursor",
    "sqlite3.Connection.execute": "sqlite3.Cursor",
    "psycopg2.connect": "psycopg2.connection",
    "psycopg2.connection.cursor": "psycopg2.cursor",
    "psycopg.connect": "psycopg.Connection",
    "psycopg.Connection.connect": "psycopg.Connection",
    "psycopg.Connection.cursor": "psycopg.Cursor",
    "pymysql.connect": "pymysql.Connection",
    "pymysql.Connection.cursor": "pymysql.Cursor",
    "mysql.connector.connect": "mysql.connector.Connection",
    "mysql.connector.Connection.cursor": "mysql.connector.Cursor",
    "pyodbc.connect": "pyodbc.Connection",
    "pyodbc.Connection.cursor": "pyodbc.Cursor",
    "redis.from_url": "redis.Redis",
    "redis.Redis.from_url": "redis.Redis",
    "redis.Redis.pipeline": "redis.Pipeline",
    "redis.asyncio.from_url": "redis.asyncio.Redis",
    "redis.asyncio.Redis.from_url": "redis.asyncio.Redis",
    "redis.asyncio.Redis.pipeline": "redis.asyncio.Pipeline",
    "pymongo.MongoClient.get_database": "pymongo.Database",
    "pymongo.MongoClient.get_default_database": "pymongo.Database",
    "pymongo.MongoClient.__getitem__": "pymongo.Database",
    "pymongo.Database.get_collection": "pymongo.Collection",
    "pymongo.Database.__getitem__": "pymongo.Collection",
    "requests.Session.__enter__": "requests.Session",
    "smtplib.SMTP_SSL": "smtplib.SMTP",
    "concurrent.futures.ThreadPoolExecutor.submit": "concurrent.futures.Future",
    "concurrent.futures.ProcessPoolExecutor.submit": "concurrent.futures.Future",
    "asyncio.run_coroutine_threadsafe": "concurrent.futures.Future",
    "boto3.client": "boto3.client()",
    "boto3.session.Session.client": "boto3.client()",
    "boto3.Session.client": "boto3.client()",
    "boto3.Session.resource": "boto3.resource()",
    "asyncpg.create_pool": "asyncpg.Pool",
    "asyncpg.connect": "asyncpg.Connection",
    "arq.create_pool": "arq.ArqRedis",
    "arq.connections.create_pool": "arq.ArqRedis",
    "PIL.Image.open": "PIL.Image.Image",
    "PIL.Image.new": "PIL.Image.Image",
    "pwdlib.PasswordHash.recommended": "pwdlib.PasswordHash",
    "builtins.open": "io.FileIO",
    "io.open": "io.FileIO",
    "celery.Celery.AsyncResult": "celery.result.AsyncResult",
}

ATTRIBUTES = {
    "fastapi.Request.app": "fastapi.FastAPI",
    "fastapi.WebSocket.app": "fastapi.FastAPI",
    "fastapi.Request.state": "starlette.State",
    "fastapi.WebSocket.state": "starlette.State",
    "fastapi.FastAPI.state": "starlette.State",
    "fastapi.FastAPI.router": "fastapi.APIRouter",
    "pathlib.Path.parent": "pathlib.Path",
}

FLUENT = frozenset({"sqlalchemy.orm.Query", "pathlib.Path", "PIL.Image.Image"})
"""Classes whose methods give back the same class unless RETURNS says otherwise."""

INDEXED = frozenset({"pymongo.MongoClient", "pymongo.Database"})
"""Classes whose unknown attributes are again objects of theirs: `client.shop.orders`."""

_PATH_TEXT = frozenset(
    {
        "read_text",
        "read_bytes",
        "as_posix",
        "as_uri",
        "exists",
        "is_file",
        "is_dir",
        "stat",
        "open",
        "iterdir",
        "glob",
        "rglob",
        "match",
        "is_relative_to",
        "write_text",
        "write_bytes",
        "mkdir",
        "unlink",
        "rmdir",
        "touch",
    }
)

KNOWN_LIBRARIES = frozenset({
    "fastapi", "starlette", "pydantic", "pydantic_settings", "sqlalchemy", "sqlmodel", "redis", "httpx", "httpx2",
    "requests", "boto3", "celery", "jwt", "jose", "passlib", "bcrypt", "alembic", "uvicorn", "aiohttp", "asyncpg",
    "psycopg", "psycopg2", "pymongo", "motor", "arq", "structlog", "openai", "anthropic", "PIL", "numpy", "pandas",
    "anyio", "pytest", "typer", "click", "rich", "jinja2", "yaml", "dotenv", "pwdlib", "argon2", "aiofiles",
})  # fmt: skip


def canonical(name: str) -> str:
    """The name under which the rules know a library's object."""
    name = _MOVED.get(name, name)
    for old, new in _MOVED_PREFIXES.items():
        if name.startswith(old):
            name = new + name[len(old) :]
            break
    return _MOVED.get(name, name)


def is_library(first: str) -> bool:
    """Whether a top-level module is the standard library or a package that everybody knows."""
    return first in KNOWN_LIBRARIES or first in sys.stdlib_module_names


def result_of(name: str) -> str:
    """The class of what calling `name` gives, or an unnamed result."""
    if name in RETURNS:
        return RETURNS[name]
    owner, _, last = name.rpartition(".")
    if last == "__call__":
        return f"{owner}()"
    if owner in FLUENT and not (owner == "pathlib.Path" and last in _PATH_TEXT):
        return owner
    return name if last[:1].isupper() else f"{name}()"
