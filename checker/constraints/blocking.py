"""Which library calls hold the thread that makes them: shared by the constraints about the event loop."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from enum import StrEnum

from checker.source import Call, Function, Project


class Kind(StrEnum):
    """What a blocking call waits for."""

    SLEEP = "sleep"
    HTTP = "http"
    FILE = "file"
    DATABASE = "database"
    PROCESS = "process"
    DNS = "dns"
    MAIL = "mail"
    BROKER = "broker"
    CPU = "cpu"
    WAIT = "wait"


REMEDY = {
    Kind.SLEEP: "Await `asyncio.sleep(...)` instead.",
    Kind.HTTP: "Await an `httpx2.AsyncClient` (or `httpx.AsyncClient`) that the lifespan opens, or declare the "
    "endpoint with plain `def` so that FastAPI runs it in a thread.",
    Kind.FILE: "Move the file access to a plain `def` helper and await `run_in_threadpool(helper, ...)`, or declare "
    "the endpoint with plain `def`.",
    Kind.DATABASE: "Await an async driver (`AsyncSession`, `redis.asyncio`), or declare the endpoint with plain `def` "
    "so that FastAPI runs it in a thread.",
    Kind.PROCESS: "Await `asyncio.create_subprocess_exec(...)`, or hand the call to `run_in_threadpool`.",
    Kind.DNS: "Await `asyncio.get_running_loop().getaddrinfo(...)`.",
    Kind.MAIL: "Send the mail from a plain `def` given to `BackgroundTasks`, or through an async client.",
    Kind.BROKER: "Await `run_in_threadpool(task.delay, ...)`, or declare the endpoint with plain `def`.",
    Kind.CPU: "Await `run_in_threadpool(function, ...)` from `fastapi.concurrency`, or declare the endpoint with "
    "plain `def`.",
    Kind.WAIT: "Await the asyncio counterpart, or wait in a thread through `run_in_threadpool`.",
}


@dataclass(frozen=True, slots=True)
class Blocking:
    """A call that blocks, with the name that a reader knows it by."""

    kind: Kind
    what: str


_EXACT: dict[str, Kind] = {
    "time.sleep": Kind.SLEEP,
    "urllib.request.urlopen": Kind.HTTP,
    "urllib.request.urlretrieve": Kind.HTTP,
    "socket.create_connection": Kind.HTTP,
    "socket.getaddrinfo": Kind.DNS,
    "socket.gethostbyname": Kind.DNS,
    "socket.gethostbyname_ex": Kind.DNS,
    "socket.gethostbyaddr": Kind.DNS,
    "socket.getfqdn": Kind.DNS,
    "os.system": Kind.PROCESS,
    "os.popen": Kind.PROCESS,
    "os.waitpid": Kind.PROCESS,
    "builtins.open": Kind.FILE,
    "io.open": Kind.FILE,
    "builtins.input": Kind.WAIT,
    "sqlite3.connect": Kind.DATABASE,
    "psycopg2.connect": Kind.DATABASE,
    "psycopg.connect": Kind.DATABASE,
    "pymysql.connect": Kind.DATABASE,
    "MySQLdb.connect": Kind.DATABASE,
    "mysql.connector.connect": Kind.DATABASE,
    "pyodbc.connect": Kind.DATABASE,
    "bcrypt.hashpw": Kind.CPU,
    "bcrypt.checkpw": Kind.CPU,
    "bcrypt.kdf": Kind.CPU,
    "hashlib.pbkdf2_hmac": Kind.CPU,
    "hashlib.scrypt": Kind.CPU,
    "PIL.Image.open": Kind.CPU,
    "cv2.imread": Kind.CPU,
    "cv2.imwrite": Kind.CPU,
    "cv2.imdecode": Kind.CPU,
    "cv2.resize": Kind.CPU,
    "zipfile.ZipFile": Kind.FILE,
    "tarfile.open": Kind.FILE,
    "magic.from_file": Kind.FILE,
    "ftplib.FTP": Kind.HTTP,
    "smtplib.SMTP": Kind.MAIL,
    "smtplib.SMTP_SSL": Kind.MAIL,
    "concurrent.futures.wait": Kind.WAIT,
    "transformers.pipeline": Kind.CPU,
    "torch.load": Kind.FILE,
    "whisper.load_model": Kind.CPU,
}

_FUNCTIONS: dict[str, tuple[Kind, frozenset[str]]] = {
    "requests": (
        Kind.HTTP,
        frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request"}),
    ),
    "httpx": (
        Kind.HTTP,
        frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request", "stream"}),
    ),
    "httpx2": (
        Kind.HTTP,
        frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request", "stream"}),
    ),
    "urllib3": (Kind.HTTP, frozenset({"request"})),
    "subprocess": (
        Kind.PROCESS,
        frozenset({"run", "call", "check_call", "check_output", "getoutput", "getstatusoutput", "Popen"}),
    ),
    "os": (
        Kind.FILE,
        frozenset({"listdir", "scandir", "walk", "remove", "unlink", "rename", "replace", "removedirs"}),
    ),
    "shutil": (
        Kind.FILE,
        frozenset({"copy", "copy2", "copyfile", "copyfileobj", "copytree", "move", "rmtree", "make_archive"}),
    ),
    "glob": (Kind.FILE, frozenset({"glob", "iglob"})),
    "pandas": (
        Kind.FILE,
        frozenset(
            {"read_csv", "read_excel", "read_json", "read_parquet", "read_sql", "read_pickle", "read_feather"}
        ),
    ),
}

_SQL = frozenset(
    {"execute", "executemany", "executescript", "fetchall", "fetchone", "fetchmany", "commit", "callproc"}
)

_METHODS: dict[str, tuple[Kind, frozenset[str] | None]] = {
    "sqlalchemy.orm.Session": (
        Kind.DATABASE,
        frozenset({
            "execute", "exec", "scalar", "scalars", "commit", "flush", "refresh", "get", "get_one", "merge",
            "bulk_save_objects", "bulk_insert_mappings", "bulk_update_mappings",
        }),
    ),
    "sqlalchemy.orm.scoped_session": (
        Kind.DATABASE,
        frozenset({"execute", "scalar", "scalars", "commit", "flush", "refresh", "get", "merge"}),
    ),
    "sqlalchemy.orm.Query": (
        Kind.DATABASE,
        frozenset({"all", "first", "one", "one_or_none", "scalar", "count", "get", "delete", "update"}),
    ),
    "sqlalchemy.engine.Engine": (Kind.DATABASE, frozenset({"connect", "begin", "execute"})),
    "sqlalchemy.engine.Connection": (
        Kind.DATABASE,
        frozenset({"execute", "scalar", "scalars", "commit", "exec_driver_sql"}),
    ),
    "sqlalchemy.inspect()": (
        Kind.DATABASE,
        frozenset({"get_schema_names", "get_table_names", "get_view_names", "get_columns", "has_table", "get_indexes"}),
    ),
    "sqlite3.Connection": (Kind.DATABASE, _SQL),
    "sqlite3.Cursor": (Kind.DATABASE, _SQL),
    "psycopg2.connection": (Kind.DATABASE, _SQL),
    "psycopg2.cursor": (Kind.DATABASE, _SQL),
    "psycopg.Connection": (Kind.DATABASE, _SQL),
    "psycopg.Cursor": (Kind.DATABASE, _SQL),
    "pymysql.Connection": (Kind.DATABASE, _SQL),
    "pymysql.Cursor": (Kind.DATABASE, _SQL),
    "mysql.connector.Connection": (Kind.DATABASE, _SQL),
    "mysql.connector.Cursor": (Kind.DATABASE, _SQL),
    "pyodbc.Connection": (Kind.DATABASE, _SQL),
    "pyodbc.Cursor": (Kind.DATABASE, _SQL),
    "redis.Redis": (Kind.DATABASE, None),
    "redis.Pipeline": (Kind.DATABASE, frozenset({"execute"})),
    "pymongo.Collection": (Kind.DATABASE, None),
    "requests.Session": (
        Kind.HTTP,
        frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request", "send"}),
    ),
    "httpx.Client": (
        Kind.HTTP,
        frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request", "send", "stream"}),
    ),
    "httpx2.Client": (
        Kind.HTTP,
        frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request", "send", "stream", "query"}),
    ),
    "urllib3.PoolManager": (Kind.HTTP, frozenset({"request", "urlopen"})),
    "http.client.HTTPConnection": (Kind.HTTP, frozenset({"request", "getresponse", "connect"})),
    "http.client.HTTPSConnection": (Kind.HTTP, frozenset({"request", "getresponse", "connect"})),
    "boto3.client()": (Kind.HTTP, None),
    "smtplib.SMTP": (Kind.MAIL, frozenset({"send_message", "sendmail", "login", "starttls", "connect", "quit"})),
    "pathlib.Path": (
        Kind.FILE,
        frozenset({
            "read_text", "read_bytes", "write_text", "write_bytes", "open", "iterdir", "glob", "rglob", "unlink",
            "rename", "replace", "rmdir", "walk",
        }),
    ),
    "subprocess.Popen": (Kind.PROCESS, frozenset({"communicate", "wait"})),
    "passlib.context.CryptContext": (
        Kind.CPU,
        frozenset({"hash", "verify", "encrypt", "verify_and_update", "dummy_verify"}),
    ),
    "pwdlib.PasswordHash": (Kind.CPU, frozenset({"hash", "verify", "verify_and_update"})),
    "argon2.PasswordHasher": (Kind.CPU, frozenset({"hash", "verify"})),
    "PIL.Image.Image": (Kind.CPU, frozenset({"save", "resize", "thumbnail", "convert", "rotate", "filter"})),
    "sentence_transformers.SentenceTransformer": (Kind.CPU, frozenset({"encode"})),
    "transformers.pipeline()": (Kind.CPU, frozenset({"__call__"})),
    "concurrent.futures.Future": (Kind.WAIT, frozenset({"result", "exception"})),
    "threading.Thread": (Kind.WAIT, frozenset({"join"})),
    "threading.Event": (Kind.WAIT, frozenset({"wait"})),
    "multiprocessing.Process": (Kind.WAIT, frozenset({"join"})),
    "celery.Celery": (Kind.BROKER, frozenset({"send_task"})),
    "celery.result.AsyncResult": (Kind.BROKER, frozenset({"get", "wait", "join"})),
}  # fmt: skip

_QUIET: dict[str, frozenset[str]] = {
    "redis.Redis": frozenset({
        "pipeline", "pubsub", "lock", "register_script", "from_url", "close", "client", "get_connection_kwargs",
        "get_encoder", "set_response_callback", "json", "ft", "ts", "bf",
    }),
    "pymongo.Collection": frozenset({"find", "with_options", "list_search_indexes", "watch", "name", "database"}),
    "boto3.client()": frozenset({
        "get_paginator", "get_waiter", "can_paginate", "generate_presigned_url", "generate_presigned_post", "close",
    }),
}  # fmt: skip

_CHAINS: dict[str, frozenset[str]] = {
    "openai.OpenAI.": frozenset({"create", "parse", "generate", "edit"}),
    "openai.AzureOpenAI.": frozenset({"create", "parse", "generate", "edit"}),
    "anthropic.Anthropic.": frozenset({"create", "parse"}),
    "groq.Groq.": frozenset({"create"}),
}


def blocking_call(call: Call, project: Project) -> Blocking | None:
    """What a call waits for, None where it does not block or where that is not sure."""
    if call.awaited or not call.target:
        return None
    target = call.target.removesuffix(".__init__")
    if target in _EXACT:
        return Blocking(_EXACT[target], _shown(target))
    owner, _, last = target.rpartition(".")
    if owner in _FUNCTIONS and last in _FUNCTIONS[owner][1]:
        return Blocking(_FUNCTIONS[owner][0], _shown(target))
    if owner in _METHODS and not _is_constructor(call, target):
        kind, methods = _METHODS[owner]
        blocks = last in methods if methods is not None else last not in _QUIET[owner] and last.islower()
        if blocks and not last.startswith("_") or (blocks and last == "__call__"):
            return _unless_nonblocking(call, owner, last, kind)
    for prefix, verbs in _CHAINS.items():
        if target.startswith(prefix) and last in verbs:
            return Blocking(Kind.HTTP, _shown(target))
    if last in {"delay", "apply_async"} and _is_celery_task(call, project):
        return Blocking(Kind.BROKER, f"{owner.rpartition('.')[2]}.{last}")
    return None


def _unless_nonblocking(call: Call, owner: str, last: str, kind: Kind) -> Blocking | None:
    if owner == "concurrent.futures.Future" and call.function is not None and _asked_done(call):
        return None
    return Blocking(kind, f"{owner.removesuffix('()').rpartition('.')[2]}.{last}")


def _asked_done(call: Call) -> bool:
    """`if future.done(): future.result()` does not wait."""
    function = call.function
    return function is not None and any(c.target == "concurrent.futures.Future.done" for c in function.calls)


def _is_constructor(call: Call, target: str) -> bool:
    return call.target.endswith(".__init__") or target in _METHODS


def _shown(target: str) -> str:
    parts = target.split(".")
    if parts[0] == "builtins":
        return parts[1]
    return ".".join(parts[-2:]) if len(parts) > 2 else target


def _is_celery_task(call: Call, project: Project) -> bool:
    function = call.node.func
    if not isinstance(function, ast.Attribute):
        return False
    value = project.names.evaluate(function.value, call.scope)
    item = value.item if value is not None else None
    if not isinstance(item, Function):
        return False
    scope = item.parent or item.module.scope
    for decorator in item.decorators:
        plain = decorator.func if isinstance(decorator, ast.Call) else decorator
        if project.names.qualify(plain, scope) in {"celery.Celery.task", "celery.shared_task"}:
            return True
    return False
