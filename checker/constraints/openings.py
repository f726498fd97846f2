"""Which calls open something that lives as long as the process: connections, clients, models, threads, what is fetched at start."""

from __future__ import annotations

import ast

from checker.constraints.blocking import blocking_call
from checker.constraints.blocking_libraries import Kind
from checker.constraints.flow import last_name, root_name, statements
from checker.constraints.resources import MODELS, VECTOR_STORES
from checker.source import Call, Function, Project

_CONNECTS = frozenset({
    "sqlite3.connect", "psycopg2.connect", "psycopg.connect", "pymysql.connect", "MySQLdb.connect", "pyodbc.connect",
    "mysql.connector.connect", "asyncpg.connect", "asyncpg.create_pool", "arq.create_pool", "smtplib.SMTP", "smtplib.SMTP_SSL",
    "socket.create_connection", "pika.BlockingConnection", "httpx.Client", "httpx.AsyncClient", "httpx2.Client",
    "httpx2.AsyncClient", "aiohttp.ClientSession", "kafka.KafkaProducer", "kafka.KafkaConsumer", "pymongo.MongoClient",
    "sqlalchemy.engine.Engine.connect", "sqlalchemy.engine.Engine.begin", "psycopg2.pool.SimpleConnectionPool",
    "psycopg2.pool.ThreadedConnectionPool", "psycopg_pool.ConnectionPool", "mongoengine.connect", "chromadb.PersistentClient",
    "chromadb.HttpClient", "weaviate.connect_to_local", "weaviate.connect_to_weaviate_cloud", "weaviate.connect_to_custom",
    "pymilvus.MilvusClient", "pymilvus.connections.connect",
})  # fmt: skip
_SCHEDULERS = (
    "apscheduler.schedulers.background.BackgroundScheduler", "apscheduler.schedulers.asyncio.AsyncIOScheduler",
    "apscheduler.AsyncIOScheduler",
)  # fmt: skip
_STARTED = {
    "threading.Thread.start": "A thread is started",
    "threading.Timer.start": "A thread is started",
    "multiprocessing.Process.start": "A process is started",
    "redis.Redis.ping": "`ping` reaches for Redis",
    "pymongo.Collection.create_index": "`create_index` reaches for the database",
    "alembic.command.upgrade": "Migrations are run",
    "django.core.management.call_command": "A management command is run",
    "nltk.download": "`nltk.download` fetches data",
    "huggingface_hub.snapshot_download": "`snapshot_download` fetches a model",
    "huggingface_hub.hf_hub_download": "`hf_hub_download` fetches a model",
}


def opened(call: Call, opener: Call, project: Project) -> str:
    """What a call opens, in words; empty where it opens nothing, or closes it again itself."""
    target = opener.target.removesuffix(".__init__")
    if target in _CONNECTS:
        return "" if _is_closed(opener) else f"`{target.rpartition('.')[2]}` opens a shared resource"
    if target in MODELS or (target.endswith(".from_pretrained") and opener.callee is None):
        return f"`{target.rpartition('.')[2]}` loads a model"
    owner, _, name = target.rpartition(".")
    if target.startswith("langchain") and (
        name in VECTOR_STORES or owner.rpartition(".")[2] in VECTOR_STORES and name.startswith("from_")
    ):
        return f"`{name}` connects to its store"
    if last_name(opener.node) == "create_all" and "metadata" in _text_before(opener):
        return "`create_all` reaches for the database"
    if target in _STARTED and not _is_local(opener):
        return _STARTED[target]
    if target.rpartition(".")[0] in _SCHEDULERS and target.endswith(".start"):
        return "A scheduler is started"
    if opener is call and not call.main_guard and _runs_coroutine(opener):
        return f"`{last_name(opener.node)}` does start-up work"
    return ""


def asked(call: Call, opener: Call, project: Project) -> str:
    """What a call asks a database or another service for, in words: `RATES = requests.get(...).json()`."""
    query = blocking_call(opener, project)
    if query is None or _is_local(opener):
        return ""
    if (
        query.kind is Kind.HTTP
        and not call.main_guard
        and isinstance(call.statement, (ast.Assign, ast.AnnAssign))
    ):
        return f"`{query.what}` asks another service"
    if query.kind is not Kind.DATABASE or opener is call or _is_on_closed(opener):
        return ""
    return f"`{query.what}` asks the database"


def _runs_coroutine(call: Call) -> bool:
    """`asyncio.run(...)`, `asyncio.get_event_loop().run_until_complete(...)`."""
    return call.target == "asyncio.run" or last_name(call.node) == "run_until_complete"


def _is_local(opener: Call) -> bool:
    """`snapshot_download(name, local_files_only=True)` asks what is there already."""
    local = opener.keyword("local_files_only")
    return local is not None and not (isinstance(local, ast.Constant) and not local.value)


def _is_closed(opener: Call) -> bool:
    """`with connect(...) as connection:` in a function."""
    if not isinstance(opener.scope, Function):
        return False
    return isinstance(opener.statement, (ast.With, ast.AsyncWith))


def _is_on_closed(opener: Call) -> bool:
    """`connection.execute(...)` below `with connect(...) as connection:`, which the function closes again."""
    if not isinstance(opener.scope, Function):
        return False
    held = {
        item.optional_vars.id
        for statement in statements(opener.scope)
        if isinstance(statement, (ast.With, ast.AsyncWith))
        for item in statement.items
        if isinstance(item.optional_vars, ast.Name)
    }
    return root_name(opener.node.func) in held or isinstance(opener.statement, (ast.With, ast.AsyncWith))


def _text_before(call: Call) -> str:
    value = getattr(call.node.func, "value", None)
    return getattr(value, "attr", "") or getattr(value, "id", "")
