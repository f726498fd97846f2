"""Which calls open something that lives as long as the process: connections, clients, models, threads, what is fetched at start."""

from __future__ import annotations

import ast
import re

from checker.constraints.blocking import blocking_call
from checker.constraints.blocking_libraries import Kind
from checker.constraints.flow import last_name, root_name, statements
from checker.constraints.resources import MODELS, NOT_OPENED, VECTOR_STORES
from checker.source import Call, Function, Project
from checker.source.library_types import KNOWN_LIBRARIES

_CONNECTS = frozenset({
    "sqlite3.connect", "psycopg2.connect", "psycopg.connect", "pymysql.connect", "MySQLdb.connect", "pyodbc.connect",
    "mysql.connector.connect", "asyncpg.connect", "asyncpg.create_pool", "arq.create_pool", "smtplib.SMTP", "smtplib.SMTP_SSL",
    "socket.create_connection", "pika.BlockingConnection", "httpx.Client", "httpx.AsyncClient", "httpx2.Client",
    "httpx2.AsyncClient", "aiohttp.ClientSession", "kafka.KafkaProducer", "kafka.KafkaConsumer", "pymongo.MongoClient",
    "sqlalchemy.engine.Engine.connect", "sqlalchemy.engine.Engine.begin", "psycopg2.pool.SimpleConnectionPool",
    "psycopg2.pool.ThreadedConnectionPool", "psycopg_pool.ConnectionPool", "mongoengine.connect", "chromadb.PersistentClient",
    "chromadb.HttpClient", "weaviate.connect_to_local", "weaviate.connect_to_weaviate_cloud", "weaviate.connect_to_custom",
    "pymilvus.MilvusClient", "pymilvus.connections.connect", "oracledb.connect", "cx_Oracle.connect", "duckdb.connect",
    "snowflake.connector.connect", "pymssql.connect", "mariadb.connect", "ibm_db.connect", "clickhouse_connect.get_client",
    "redshift_connector.connect", "databricks.sql.connect", "trino.dbapi.connect", "hdbcli.dbapi.connect", "vertica_python.connect",
    "lancedb.connect", "lmdb.open", "plyvel.DB", "shelve.open", "tinydb.TinyDB", "serial.Serial", "cv2.VideoCapture",
    "cassandra.cluster.Cluster.connect", "amqp.Connection", "paramiko.SSHClient.connect", "ftplib.FTP", "imaplib.IMAP4_SSL",
    "kafka.KafkaAdminClient", "confluent_kafka.Producer", "confluent_kafka.Consumer", "kazoo.client.KazooClient.start",
    "oracledb.create_pool", "mysql.connector.pooling.MySQLConnectionPool", "psycopg_pool.AsyncConnectionPool",
    "peewee.Database.connect", "peewee.SqliteDatabase.connect", "peewee.PostgresqlDatabase.connect", "peewee.MySQLDatabase.connect",
    "pyspark.sql.SparkSession.builder.getOrCreate", "ray.init", "dask.distributed.Client", "docker.from_env",
    "paho.mqtt.client.Client.connect", "zmq.Context.socket().connect", "zmq.Context.socket().bind",
})  # fmt: skip
_REACHES = frozenset(
    {"open_connection", "connect", "create_tables", "connect_db", "init_db", "create_all_tables"}
)
_DATABASES = frozenset(
    {"db", "database", "mongo", "mongodb", "db_manager", "database_manager", "db_client", "postgres", "mysql"}
)
_PICKLES = frozenset({"pickle.load", "dill.load", "cloudpickle.load"})
_MODEL_WORDS = re.compile(
    r"model|classif|regress|vectori[sz]er|scaler|encoder|pipeline|clf|estimator|predict|embedding",
    re.IGNORECASE,
)
_SCHEDULERS = (
    "apscheduler.schedulers.background.BackgroundScheduler", "apscheduler.schedulers.asyncio.AsyncIOScheduler",
    "apscheduler.AsyncIOScheduler",
)  # fmt: skip
_STARTED = {
    "_thread.start_new_thread": "A thread is started",
    "multiprocessing.Pool": "Processes are started",
    "multiprocessing.Manager": "A process is started",
    "multiprocessing.pool.ThreadPool": "Threads are started",
    "subprocess.Popen": "A process is started",
    "watchdog.observers.Observer.start": "A thread is started",
    "paho.mqtt.client.Client.loop_start": "A thread is started",
    "prometheus_client.start_http_server": "A server is started",
    "apscheduler.schedulers.asyncio.AsyncIOScheduler.start": "A scheduler is started",
    "asyncio.AbstractEventLoop.create_task": "A task is started",
    "neo4j.GraphDatabase.driver().verify_connectivity": "`verify_connectivity` reaches for the database",
    "elasticsearch.Elasticsearch.indices.create": "`create` reaches for the search engine",
    "nats.connect": "`connect` opens a shared resource",
    "ee.Initialize": "`Initialize` asks another service",
    "wandb.login": "`login` asks another service",
    "huggingface_hub.login": "`login` asks another service",
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
    if target in _PICKLES and any(_MODEL_WORDS.search(_written(one)) for one in (opener, call)):
        return f"`{target}` loads a model"
    if _connects_by_name(opener):
        return "" if _is_closed(opener) else f"`{target}` reaches for another service"
    if _makes_client(opener, project):
        return "" if _is_closed(opener) else f"`{last_name(opener.node)}` makes a client that is shared"
    if reaches_by_name(opener):
        return f"`{last_name(opener.node)}` reaches for the database"
    if target.startswith("sqlalchemy.") and _reads_schema(opener):
        return f"`{last_name(opener.node)}` reads the database's tables"
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


_CLIENTS = frozenset({
    "redis.Redis", "redis.asyncio.Redis", "redis.RedisCluster", "redis.asyncio.RedisCluster", "redis.ConnectionPool",
    "redis.asyncio.ConnectionPool", "valkey.Valkey", "valkey.asyncio.Valkey", "boto3.client()", "boto3.resource()",
    "elasticsearch.Elasticsearch", "elasticsearch.AsyncElasticsearch", "opensearchpy.OpenSearch", "opensearchpy.AsyncOpenSearch",
    "minio.Minio", "neo4j.GraphDatabase.driver()", "neo4j.AsyncGraphDatabase.driver()",
})  # fmt: skip
"""Clients of stores, caches and search engines, which keep a pool of connections."""
_ANSWERING = frozenset({
    "openai", "anthropic", "cohere", "groq", "mistralai", "ollama", "together", "google.genai", "langsmith", "langfuse",
    "huggingface_hub", "tavily", "replicate", "zhipuai",
})  # fmt: skip
"""Language models behind an HTTP API: their clients are told apart from stores, and accepted at import."""


def _makes_client(opener: Call, project: Project) -> bool:
    """`redis.from_url(...)`, `session.client("s3")`, `SearchClient(...)` of a library: not a method of a client that there is."""
    if opener.callee is not None or not opener.target:
        return False
    made = project.names.evaluate(opener.node, opener.scope)
    if made is None or not made.instance or made.item is not None:
        return False
    if made.name in _CLIENTS:
        return True
    last, top = made.name.rpartition(".")[2], made.name.partition(".")[0]
    return (
        last.endswith("Client")
        and last[:1].isupper()
        and top not in NOT_OPENED | _ANSWERING
        and not made.name.startswith(tuple(_ANSWERING))
    )


_LOGS_IN = frozenset(
    {"login", "authenticate", "authorize", "connect", "create_connection", "create_pool", "create_client"}
)
_ADDRESSES = frozenset(
    {"url", "api_url", "base_url", "server_url", "host", "hosts", "hostname", "server", "uri", "address"}
)


def _connects_by_name(opener: Call) -> bool:
    """`search.connections.create_connection(hosts=...)`, `labels.init(api_url=...)`: functions of a library that say so."""
    home, _, last = opener.target.rpartition(".")
    if opener.callee is not None or not home or home != home.lower() or "(" in home:
        return False
    if home.partition(".")[0] in NOT_OPENED | {"asyncio", "anyio"}:
        return False
    if last in _LOGS_IN:
        return True
    return last in {"init", "initialize"} and any(k.arg in _ADDRESSES for k in opener.node.keywords)


def _written(call: Call) -> str:
    return ast.unparse(call.statement)


def _reads_schema(opener: Call) -> bool:
    """`metadata.reflect(bind=engine)`, `Base.prepare(autoload_with=engine)`, `Table("tools", metadata, autoload_with=engine)`."""
    if opener.keyword("autoload_with") is not None:
        return True
    return last_name(opener.node) == "reflect" and bool(opener.node.args or opener.node.keywords)


def reaches_by_name(opener: Call) -> bool:
    """`database.open_connection()`, `db.create_tables([Tool])`: of an object that no one here makes, or of Peewee's."""
    on = opener.node.func.value if isinstance(opener.node.func, ast.Attribute) else None
    if opener.callee is not None or last_name(opener.node) not in _REACHES:
        return False
    if opener.target.startswith("peewee.") or opener.target.startswith("playhouse."):
        return True
    # With a driver's own class behind it, its own name decides.
    is_known = opener.target.partition(".")[0] in {*KNOWN_LIBRARIES, "builtins"}
    return not is_known and _last_word(on) in _DATABASES


def _last_word(value: ast.expr | None) -> str:
    name = value.attr if isinstance(value, ast.Attribute) else value.id if isinstance(value, ast.Name) else ""
    return name.strip("_").lower()


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
