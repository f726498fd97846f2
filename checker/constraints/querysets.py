"""Which expressions are queries that a slice turns into LIMIT and OFFSET: Django's, SQLAlchemy's, Peewee's."""

from __future__ import annotations

import ast

from checker.source import Call, Class, Function, Project, Scope, Value

_QUERIES = frozenset({"Query", "QuerySet", "BaseQuerySet", "ModelSelect", "AsyncQuerySet", "Select"})
_MAKERS = frozenset({"sqlalchemy.select", "sqlalchemy.future.select", "sqlmodel.select"})
_SEARCHES = frozenset({"elasticsearch_dsl", "elasticsearch", "opensearch_dsl", "opensearchpy"})
_DEEPEST = 6
_RUNS = frozenset({
    "first", "last", "get", "one", "one_or_none", "scalar", "scalars", "count", "exists", "aggregate", "earliest", "latest",
    "fetchall", "fetchone", "execute", "to_list", "in_bulk", "create", "update", "delete", "items", "keys", "values_of",
})  # fmt: skip
"""Methods that run the query; what they give is no query."""


_NO_DATABASES = frozenset({"httpx", "httpx2", "requests", "aiohttp", "boto3", "redis"})
_DATABASE_CLASSES = frozenset({
    "Session", "AsyncSession", "scoped_session", "async_scoped_session", "Connection", "AsyncConnection", "connection", "Pool",
    "Cursor", "cursor", "AsyncCursor", "Engine", "AsyncEngine", "Database", "Collection", "Query", "Select", "AIOEngine",
    "AsyncIOMotorDatabase", "AsyncIOMotorCollection", "AsyncDatabase", "AsyncCollection", "PoolConnectionProxy",
})  # fmt: skip
_DATABASE_NAMES = frozenset({
    "db", "session", "dbsession", "asyncsession", "conn", "connection", "cursor", "query", "stmt", "statement", "collection",
    "database",
})  # fmt: skip


def is_query(value: ast.expr, scope: Scope, project: Project, depth: int = 0) -> bool:
    """Whether an expression is a query that has not been run."""
    if depth > _DEEPEST:
        return False
    kind = project.names.evaluate(value, scope)
    if kind is not None and _is_query_class(kind, project):
        return True
    match value:
        case ast.Await():
            return False
        case ast.Name():
            if kind is not None and kind.instance and kind.name.startswith("builtins."):
                return False
            bindings = scope.bindings.get(value.id, [])
            return any(
                b.value is not None
                and not _reads_itself(b.value, value.id)
                and is_query(b.value, scope, project, depth + 1)
                for b in bindings[:20]
            )
        case ast.Attribute():
            # Django's and MongoEngine's manager of a class.
            return value.attr == "objects" and _names_class(value.value, scope, project)
        case ast.Call():
            return _made_by(value, scope, project, depth)
        case ast.IfExp():
            return any(is_query(side, scope, project, depth + 1) for side in (value.body, value.orelse))
    return False


def _made_by(call: ast.Call, scope: Scope, project: Project, depth: int) -> bool:
    if project.names.qualify(call.func, scope) in _MAKERS:
        return True
    called = project.names.evaluate(call.func, scope)
    if called is not None and isinstance(called.item, Function) and not called.instance:
        made = called.item
        return any(r.value is not None and is_query(r.value, made, project, depth + 1) for r in made.returns)
    function = call.func
    if not isinstance(function, ast.Attribute) or function.attr in _RUNS:
        return False
    if function.attr == "all" and project.names.type_name(function.value, scope).startswith("sqlalchemy."):
        return False  # Rows; Django's `all()` is a query still.
    return is_query(function.value, scope, project, depth + 1)


def _is_query_class(value: Value, project: Project) -> bool:
    if not value.instance or value.name.startswith("builtins."):
        return False
    if isinstance(value.item, Class):
        return any(name.rpartition(".")[2] in _QUERIES for name in project.names.lineage(value.item)[1])
    top, _, _ = value.name.partition(".")
    last = value.name.rpartition(".")[2]
    return last in _QUERIES or (last in {"Search", "AsyncSearch"} and top in _SEARCHES)


def _names_class(value: ast.expr, scope: Scope, project: Project) -> bool:
    found = project.names.evaluate(value, scope)
    if found is not None and found.item is not None:
        return isinstance(found.item, Class) and not found.instance
    last = value.attr if isinstance(value, ast.Attribute) else value.id if isinstance(value, ast.Name) else ""
    return last[:1].isupper() or last in {"cls", "model"}


def _reads_itself(value: ast.expr, name: str) -> bool:
    """`rows = rows.filter(...)` says nothing about what `rows` is."""
    return any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(value))


def is_database(value: ast.expr | None, call: Call, project: Project) -> bool:
    """Whether an expression is what queries are run on, by its type or, where that is unknown, by its name."""
    if value is None:
        return False
    kind = project.names.type_name(value, call.scope)
    if kind:
        return kind.partition(".")[0] not in _NO_DATABASES and kind.rpartition(".")[2] in _DATABASE_CLASSES
    name = value.attr if isinstance(value, ast.Attribute) else value.id if isinstance(value, ast.Name) else ""
    return name.replace("_", "").lower() in _DATABASE_NAMES
