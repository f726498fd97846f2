"""What counts as a shared resource: clients, sessions, engines, pools, and objects of the project that hold state."""

from __future__ import annotations

import ast
import re

from checker.constraints.flow import last_name
from checker.source import Class, Function, Module, Project, Scope, Value

RESOURCES = frozenset({
    "sqlalchemy.engine.Engine", "sqlalchemy.engine.Connection", "sqlalchemy.orm.Session", "sqlalchemy.orm.sessionmaker",
    "sqlalchemy.orm.scoped_session", "sqlalchemy.ext.asyncio.AsyncEngine", "sqlalchemy.ext.asyncio.AsyncSession",
    "sqlalchemy.ext.asyncio.async_sessionmaker", "sqlalchemy.ext.asyncio.AsyncConnection",
    "sqlalchemy.ext.asyncio.async_scoped_session", "redis.Redis", "redis.asyncio.Redis", "redis.ConnectionPool",
    "redis.asyncio.ConnectionPool", "httpx.Client", "httpx.AsyncClient", "httpx2.Client", "httpx2.AsyncClient",
    "requests.Session", "aiohttp.ClientSession", "pymongo.MongoClient", "pymongo.Database", "pymongo.Collection",
    "pymongo.AsyncMongoClient", "motor.motor_asyncio.AsyncIOMotorClient", "asyncpg.Pool", "asyncpg.Connection",
    "sqlite3.Connection", "sqlite3.Cursor", "psycopg2.connection", "psycopg2.cursor", "psycopg.Connection",
    "psycopg.Cursor", "pymysql.Connection", "mysql.connector.Connection", "boto3.client()", "boto3.resource()",
    "arq.ArqRedis", "arq.connections.ArqRedis", "elasticsearch.Elasticsearch", "elasticsearch.AsyncElasticsearch",
    "openai.OpenAI", "openai.AsyncOpenAI", "openai.AzureOpenAI", "openai.AsyncAzureOpenAI", "anthropic.Anthropic",
    "anthropic.AsyncAnthropic", "kafka.KafkaProducer", "aiokafka.AIOKafkaProducer", "pika.BlockingConnection",
    "databases.Database", "tortoise.Tortoise", "smtplib.SMTP", "neo4j.Driver", "qdrant_client.QdrantClient",
    "psycopg2.pool.SimpleConnectionPool", "psycopg2.pool.ThreadedConnectionPool", "psycopg_pool.ConnectionPool",
    "psycopg_pool.AsyncConnectionPool", "minio.Minio", "beanie.Document()", "docker.from_env()", "aiodocker.Docker",
    "posthog.Posthog", "rq.Queue", "prisma.Prisma", "google.generativeai.GenerativeModel", "motor.motor_asyncio.AsyncIOMotorDatabase",
    "motor.motor_asyncio.AsyncIOMotorCollection", "pymongo.asynchronous.database.AsyncDatabase",
    "pymongo.asynchronous.collection.AsyncCollection", "firebase_admin.firestore.client()",
    "firebase_admin.firestore_async.client()", "boto3.resource().Table", "telegram.Bot", "aiogram.Bot", "mistralai.Mistral",
    "groq.Groq", "groq.AsyncGroq", "cohere.Client", "ollama.AsyncClient",
})  # fmt: skip
MODELS = frozenset({
    "transformers.pipeline", "whisper.load_model", "faster_whisper.WhisperModel", "torch.load", "joblib.load", "torch.jit.load",
    "sentence_transformers.SentenceTransformer", "sentence_transformers.CrossEncoder", "spacy.load", "easyocr.Reader",
    "tensorflow.keras.models.load_model", "keras.models.load_model", "llama_cpp.Llama", "ultralytics.YOLO",
    "faiss.read_index", "cv2.dnn.readNet",
    "cv2.dnn.readNetFromCaffe", "cv2.dnn.readNetFromONNX", "cv2.dnn.readNetFromDarknet", "torch.hub.load", "tensorflow_hub.load",
    "tensorflow.saved_model.load", "keras.saving.load_model", "timm.create_model", "clip.load", "stanza.Pipeline", "vllm.LLM",
    "gpt4all.GPT4All", "ctranslate2.Translator", "TTS.api.TTS", "insightface.app.FaceAnalysis", "fastembed.TextEmbedding",
    "open_clip.create_model_and_transforms", "gensim.models.KeyedVectors.load_word2vec_format", "gensim.downloader.load",
    "flair.models.SequenceTagger.load", "langchain_huggingface.HuggingFaceEmbeddings",
    "langchain_community.embeddings.HuggingFaceEmbeddings", "langchain_community.embeddings.HuggingFaceBgeEmbeddings",
    "llama_index.embeddings.huggingface.HuggingFaceEmbedding", "langchain.embeddings.HuggingFaceEmbeddings", "FlagEmbedding.BGEM3FlagModel", "deepface.DeepFace.build_model", "doctr.models.ocr_predictor",
    "onnxruntime.InferenceSession", "fasttext.load_model", "mlflow.pyfunc.load_model", "paddleocr.PaddleOCR",
})  # fmt: skip
"""What loads a model: a class, or a function that gives one."""
SESSIONS = frozenset({
    "sqlalchemy.orm.Session", "sqlalchemy.ext.asyncio.AsyncSession", "sqlalchemy.engine.Connection",
    "sqlalchemy.ext.asyncio.AsyncConnection", "sqlalchemy.orm.scoped_session",
})  # fmt: skip
_ONE_SESSION = frozenset({
    "sqlalchemy.orm.Session", "sqlalchemy.ext.asyncio.AsyncSession", "sqlalchemy.engine.Connection",
    "sqlalchemy.ext.asyncio.AsyncConnection", "psycopg2.connection", "psycopg2.cursor", "psycopg.Connection", "psycopg.Cursor",
    "psycopg.AsyncConnection", "sqlite3.Connection", "sqlite3.Cursor", "aiosqlite.Connection", "asyncpg.Connection",
    "pymysql.Connection", "mysql.connector.Connection",
})  # fmt: skip
_MAKERS = frozenset({
    "sqlalchemy.engine.Engine", "sqlalchemy.ext.asyncio.AsyncEngine", "sqlalchemy.orm.sessionmaker",
    "sqlalchemy.ext.asyncio.async_sessionmaker", "sqlalchemy.orm.scoped_session", "sqlalchemy.ext.asyncio.async_scoped_session",
})  # fmt: skip
_ENDINGS = (
    "Client", "Session", "Pool", "Connection", "Database", "Producer", "Publisher", "VectorStore", "Elasticsearch", "Redis",
    "Scheduler", "SSO",
)  # fmt: skip
_GRAPHS = frozenset({"Pregel", "CompiledGraph", "CompiledStateGraph", "AgentExecutor"})
"""What runs a language model with its tools and memory."""
VECTOR_STORES = frozenset({
    "PGVector", "Chroma", "Milvus", "ElasticsearchStore", "OpenSearchVectorSearch", "Neo4jVector", "AzureSearch", "Weaviate",
})  # fmt: skip
"""Vector stores of LangChain that connect, and make their tables, as they are constructed."""
_GRAPH_MAKERS = frozenset({"create_react_agent()", "create_agent()", "compile()"})
_OPENERS = frozenset(
    {"create_client", "connect", "create_pool", "create_connection", "get_async_client", "from_url"}
)
NOT_OPENED = frozenset({
    "fastapi", "starlette", "pydantic", "logging", "structlog", "typing", "builtins", "collections", "os", "python_on_whales",
})  # fmt: skip
"""Libraries whose objects keep no connection, whatever they are called; the last starts a program for each call."""
DATA = frozenset({
    "datetime", "time", "decimal", "uuid", "pathlib", "re", "json", "threading", "asyncio", "anyio", "enum", "numpy", "pandas",
    "polars", "types", "contextvars", "dataclasses", "fractions", "ipaddress", "multiprocessing",
})  # fmt: skip
SETTINGS = re.compile(
    r"(config|configuration|settings?|conf|options|constants|env|environment)(_?(manager|loader|reader|provider))?$",
    re.IGNORECASE,
)
_LOCALS = re.compile(
    r"((?-i:[Cc]ontext(?![a-z]))|contextvars|contextlib|(^|\.|_)local(stack|proxy|state|data|s)?(\(\))?$)",
    re.IGNORECASE,
)
_LOGGERS = re.compile(r"Log(ger|ging)(Manager|Adapter|Factory)?$")
_NO_RESOURCE = (
    "pydantic.BaseModel", "pydantic_settings.BaseSettings", "enum.Enum", "enum.StrEnum", "enum.IntEnum",
    "typing.Protocol", "typing.TypedDict", "typing.NamedTuple", "builtins.Exception", "logging.Logger",
    "sqlalchemy.orm.DeclarativeBase", "peewee.Model", "tortoise.Model", "tortoise.models.Model",
    "mongoengine.Document", "django.db.models.Model", "odmantic.Model",
)  # fmt: skip
_MUTATORS = frozenset({
    "append", "extend", "insert", "add", "update", "pop", "popitem", "remove", "discard", "clear", "setdefault",
    "appendleft", "popleft", "sort", "reverse",
})  # fmt: skip


def is_resource(value: Value | None, project: Project) -> bool:
    """Whether a value is an instance of a resource, the project's own subclasses of one included."""
    if value is None or not value.instance:
        return False
    if project.names.is_a(value, *RESOURCES) or is_model(value):
        return True
    if isinstance(value.item, (Function, Module)):
        return False
    classes = project.names.lineage(value.item)[1] if isinstance(value.item, Class) else (value.name,)
    return any(_is_opened(name) for name in classes)


def is_model(value: Value) -> bool:
    """Whether a library's call loaded it as a model."""
    name = value.name.removesuffix("()")
    return name in MODELS or name.endswith(".from_pretrained")


def _is_opened(name: str) -> bool:
    """Whether a library's class or function speaks of something that is opened: `meilisearch.Client`, `supabase.create_client()`."""
    top, _, _ = name.partition(".")
    last = name.rpartition(".")[2]
    if top in NOT_OPENED or "." not in name:
        return False
    if top.startswith(("langchain", "langgraph")) and last in _GRAPHS | _GRAPH_MAKERS | VECTOR_STORES:
        return True
    if top.startswith(("langchain", "llama_index")) and (
        last.startswith("Chat") or last.endswith(("Embeddings", "Embedding"))
    ):
        return not last.startswith(("ChatPrompt", "ChatMessage"))
    return last.removesuffix("()") in _OPENERS if last.endswith("()") else last.endswith(_ENDINGS)


def holds_state(value: Value | None, project: Project) -> bool:
    """Whether a value is an object of the project's own that changes, or keeps a resource."""
    if value is None or not value.instance or not isinstance(value.item, Class):
        return False
    if not _LOCALS.search(value.name) and not is_settings(value, project):
        behind = project.names.stands_for(value)
        if behind is not None and (is_resource(behind, project) or _is_stateful(behind, project)):
            return True
    return _is_stateful(value, project)


def _is_stateful(value: Value, project: Project) -> bool:
    if not isinstance(value.item, Class):
        return False
    if (
        project.names.is_a(value, *_NO_RESOURCE)
        or _LOGGERS.search(value.name)
        or is_settings(value, project)
        or is_local(value, project)
    ):
        return False
    steps = [*project.names.lineage(value.item)[0], *_implementing(value.item, project)]
    return any(_changes_itself(step, project) or _keeps_deep(step, project, 0) for step in steps)


def _keeps_deep(made: Class, project: Project, depth: int) -> bool:
    """Whether an object keeps a resource in an object of its own: a service with a repository with a client."""
    for held in _kept(Value(made.qualified, instance=True, item=made), project):
        if depth and is_resource(held, project):
            return True
        inner = held.item if depth < _DEEPEST and not is_settings(held, project) else None
        if not isinstance(inner, Class) or inner is made:
            continue
        if _is_given_resource(inner, project) or _keeps_deep(inner, project, depth + 1):
            return True
    return False


_DEEPEST = 2


def _implementing(made: Class, project: Project) -> set[Class]:
    """The classes that fill in the abstract methods of one."""
    return {
        method.owner
        for abstract in made.functions.values()
        if abstract.is_abstract
        for method in project.names.implementations(made, abstract)
        if method.owner is not None
    }


def is_data_class(value: Value, project: Project) -> bool:
    """Whether a class, or the class of an object, is made for data or settings: models, enums, tables, errors."""
    return project.names.is_a(value, *_NO_RESOURCE) or is_settings(value, project)


def is_shared_object(value: Value | None, project: Project, *, own: bool = False) -> bool:
    """Whether a value is an object that works with others or changes, or one of a library, and neither data nor settings."""
    if value is None or not value.instance or is_data_class(value, project) or is_local(value, project):
        return False
    if isinstance(value.item, Class):
        return holds_state(value, project) or any(
            _works_with(binding.value, scope, project)
            for step in project.names.lineage(value.item)[0]
            for bindings in step.attributes.values()
            for binding, scope in bindings
        )
    return not own and value.item is None and _is_of_library(value.name)


def _works_with(kept: ast.expr | None, scope: Scope, project: Project) -> bool:
    """Whether an attribute is filled later, or holds an object: what only keeps texts and numbers is a value itself."""
    if kept is None or _is_none(kept):
        return kept is not None
    held = project.names.evaluate(kept, scope)
    if held is None or not held.instance:
        return False
    if isinstance(held.item, Class):
        return not is_data_class(held, project)
    return held.item is None and _is_of_library(held.name)


def _is_of_library(name: str) -> bool:
    return "." in name and name.partition(".")[0] not in NOT_OPENED | DATA


def is_settings(value: Value, project: Project) -> bool:
    """Whether a value is configuration, by the name of its class or of one of its bases."""
    names = [value.name]
    if isinstance(value.item, Class):
        ours, theirs = project.names.lineage(value.item)
        names += [c.node.name for c in ours] + list(theirs)
    return any(SETTINGS.search(name) for name in names)


def is_local(value: Value, project: Project) -> bool:
    """Whether a value is different for each request or task: context variables and what is built on them."""
    if _LOCALS.search(value.name):
        return True
    if not isinstance(value.item, Class):
        return False
    ours, theirs = project.names.lineage(value.item)
    return any(_LOCALS.search(name) for name in theirs) or any("__setattr__" in c.functions for c in ours)


def keeps_resource(value: Value | None, project: Project) -> bool:
    """Whether a value is a client or a session, or an object of the project's own that keeps one; what makes sessions is none."""
    if value is None or not value.instance or value.name in _MAKERS or is_local(value, project):
        return False
    if is_resource(value, project):
        return True
    return any(
        held.name not in _MAKERS and is_resource(held, project) for held in _kept(value, project)
    ) and not is_settings(value, project)


def keeps_session(value: Value | None, project: Project) -> bool:
    """Whether a value is a database session, or an object of the project's own that keeps one."""
    if value is None or not value.instance:
        return False
    return any(held.instance and held.name in _ONE_SESSION for held in (value, *_kept(value, project)))


def _kept(value: Value, project: Project) -> list[Value]:
    """What an object of the project's own keeps in its attributes, as far as its class gives it to them."""
    if not isinstance(value.item, Class):
        return []
    found: list[Value] = []
    for step in project.names.lineage(value.item)[0]:
        for bindings in step.attributes.values():
            for binding, scope in bindings:
                if isinstance(binding.value, ast.Call):
                    held = project.names.evaluate(binding.value, scope)
                    found += [held] if held is not None else []
        found += _kept_when_asked(step, project)
    return found


def _kept_when_asked(made: Class, project: Project) -> list[Value]:
    """What `@cached_property` puts into an object the first time that somebody asks for it."""
    held = [
        project.names.returned(method)
        for method in made.functions.values()
        if any(project.names.qualify(d, made) == "functools.cached_property" for d in method.decorators)
    ]
    return [value for value in held if value is not None]


def _is_given_resource(made: Class, project: Project) -> bool:
    """`self.client = client`, and `client: Redis` in the body: an attribute that holds a resource, whoever has made it."""
    declared = [b.annotation for bindings in made.bindings.values() for b in bindings]
    return (
        any(
            is_resource(project.names.annotation_type(annotation, made), project)
            for annotation in declared
            if annotation is not None
        )
        or any(
            is_resource(project.names.evaluate(binding.value, scope), project)
            for bindings in made.attributes.values()
            for binding, scope in bindings
            if binding.value is not None
        )
        or any(is_resource(held, project) for held in _kept_when_asked(made, project))
    )


def _changes_itself(made: Class, project: Project) -> bool:
    return _is_given_resource(made, project) or any(
        changes_its_object(method) or _changes_its_class(method, made) for method in made.functions.values()
    )


def _changes_its_class(method: Function, made: Class) -> bool:
    """`Pool._client = client` in a method that sets nothing up: what the class keeps is shared by all."""
    return _own_name(method) not in _SETTING_UP and any(
        store.attribute and _is_name(store.target, made.node.name) for store in method.stores
    )


def changes_its_object(method: Function, depth: int = 0) -> bool:
    """Whether a method, apart from setting up, writes an attribute of its object or into one, also by another method."""
    if method.owner is None or _own_name(method) in _SETTING_UP or not method.parameters:
        return False
    written = any(scope is method for bound in method.owner.attributes.values() for _, scope in bound)
    me = method.parameters[0].name
    return written or _writes_to(method, me) or (depth < _DEEPEST and _asks_to_write(method, me, depth))


def _asks_to_write(method: Function, me: str, depth: int) -> bool:
    """`self._remember(tool)`, which does it."""
    for call in method.calls:
        on = call.node.func
        if call.callee is None or not isinstance(on, ast.Attribute) or not _is_name(on.value, me):
            continue
        if call.callee.owner is method.owner and changes_its_object(call.callee, depth + 1):
            return True
    return False


_SETTING_UP = frozenset(
    {"__init__", "__post_init__", "__new__", "__enter__", "__aenter__", "__init_subclass__"}
)


def _writes_to(method: Function, me: str) -> bool:
    """`self.items[k] = v`, `self.items.append(v)`, `next(self.ids)`."""
    for store in method.stores:
        if isinstance(store.value, ast.Call) and last_name(store.value) in LOCKS:
            continue  # A lock for each key keeps nothing that a request could see.
        # `self.count += 1` is a store and no binding of the class.
        if _is_own(store.target, me) if not store.attribute else _is_name(store.target, me):
            return True
    for call in method.calls:
        function = call.node.func
        if isinstance(function, ast.Attribute) and function.attr in _MUTATORS and _is_own(function.value, me):
            return True
        # What an iterator has given, it gives nobody else.
        if call.target == "builtins.next" and call.node.args and _is_own(call.node.args[0], me):
            return True
    return False


LOCKS = frozenset({"Lock", "RLock", "Semaphore", "BoundedSemaphore"})


def _is_name(expression: ast.expr, name: str) -> bool:
    return isinstance(expression, ast.Name) and expression.id == name


def _is_own(expression: ast.expr, me: str) -> bool:
    """Whether an expression is `self.x`, or a key of it."""
    while isinstance(expression, ast.Subscript):
        expression = expression.value
    return (
        isinstance(expression, ast.Attribute)
        and isinstance(expression.value, ast.Name)
        and expression.value.id == me
    )


def is_mutation(call: ast.Call) -> bool:
    """Whether a call changes the list, dict or set that it is made on."""
    return isinstance(call.func, ast.Attribute) and last_name(call) in _MUTATORS


def kind_of(value: Value) -> str:
    """The class's own name; of `AutoModel.from_pretrained()` the class that it speaks of."""
    owner, _, last = value.name.removesuffix("()").rpartition(".")
    return owner.rpartition(".")[2] if last.startswith("from_") and owner else last


def _is_none(expression: ast.expr) -> bool:
    return isinstance(expression, ast.Constant) and expression.value is None


def _own_name(function: Function) -> str:
    return function.name.rpartition(".")[2]
