"""Database sessions that a middleware makes and leaves where path operations find them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from checker.constraints.flow import last_name, own_expressions, statements
from checker.constraints.resources import SESSIONS, is_resource, kind_of
from checker.source import Call, Function, Project, Value

_CONNECTIONS = (
    "asyncpg.Connection", "psycopg.Connection", "psycopg.AsyncConnection", "psycopg2.connection", "sqlite3.Connection",
    "aiosqlite.Connection", "pymysql.Connection", "aiomysql.Connection",
)  # fmt: skip
_LIBRARIES = {
    "fastapi_sqlalchemy.DBSessionMiddleware": "fastapi_sqlalchemy.db",
    "fastapi_sqlalchemy.middleware.DBSessionMiddleware": "fastapi_sqlalchemy.db",
    "fastapi_async_sqlalchemy.SQLAlchemyMiddleware": "fastapi_async_sqlalchemy.db",
    "fastapi_async_sqlalchemy.middleware.SQLAlchemyMiddleware": "fastapi_async_sqlalchemy.db",
}
"""Middlewares that make a session for every request, with the global that hands it out."""
_HOLDERS = frozenset(_LIBRARIES.values())


@dataclass(frozen=True, slots=True)
class Handed:
    """A session that a middleware hands on."""

    node: ast.expr
    """Where it is opened; where it is put down, when that cannot be told."""
    kind: str
    through: str
    """What carries it, as it is written: `request.state`."""


def sessions_handed_on(function: Function, project: Project) -> Iterator[Handed]:
    """The sessions that a middleware puts on the request, into the scope or into a context variable."""
    for value, place in _put_down(function, project):
        kept = project.names.evaluate(value, function)
        if _is_session(kept, project) and kept is not None and not isinstance(value, ast.Attribute):
            yield Handed(_opening(value, function), kind_of(kept), ast.unparse(place))


def _is_session(value: Value | None, project: Project) -> bool:
    if value is None or not value.instance:
        return False
    return project.names.is_a(value, *SESSIONS, *_CONNECTIONS) or (
        is_resource(value, project) and "Session" in value.name
    )


def _put_down(function: Function, project: Project) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Each value that is left for others, with what it is left on."""
    for store in function.stores:
        if store.value is None or store.attribute == "=":
            continue
        if _is_state(store.target) if store.attribute else _is_scope(store.target):
            yield store.value, store.target
    for call in function.calls:
        yield from _given(call, project)


def _given(call: Call, project: Project) -> Iterator[tuple[ast.expr, ast.expr]]:
    """`setattr(request.state, "db", session)`, `scope["state"].update(db=session)`, `current_session.set(session)`."""
    arguments, on = call.node.args, call.node.func
    if call.target == "builtins.setattr" and len(arguments) == 3 and _is_state(arguments[0]):
        yield arguments[2], arguments[0]
    if not isinstance(on, ast.Attribute):
        return
    if on.attr == "update" and (_is_state(on.value) or _is_scope(on.value)):
        yield from ((keyword.value, on.value) for keyword in call.node.keywords)
        for given in arguments:
            if isinstance(given, ast.Dict):
                yield from ((value, on.value) for value in given.values)
    if on.attr == "set" and len(arguments) == 1 and _is_context_variable(on.value, call, project):
        yield arguments[0], on.value


def _is_state(expression: ast.expr) -> bool:
    return isinstance(expression, ast.Attribute) and expression.attr == "state"


def _is_scope(expression: ast.expr) -> bool:
    """`scope`, `request.scope`, `scope["state"]`, `scope.setdefault("state", {})`, `request.state` with a key."""
    match expression:
        case ast.Name(id="scope") | ast.Attribute(attr="scope" | "state" | "_state"):
            return True
        case ast.Subscript(value=holder):
            return _is_scope(holder)
        case ast.Call(func=ast.Attribute(value=holder, attr="setdefault")):
            return _is_scope(holder)
    return False


def _is_context_variable(expression: ast.expr, call: Call, project: Project) -> bool:
    variable = project.names.variable(expression, call.scope)
    made = [b.value for b in variable.bindings] if variable is not None else []
    return bool(made) and all(
        isinstance(value, ast.Call)
        and variable is not None
        and project.names.qualify(value.func, variable.module.scope) == "contextvars.ContextVar"
        for value in made
    )


def _opening(value: ast.expr, function: Function) -> ast.expr:
    """The call that makes the session, also where a name stands between: `with maker() as session:`."""
    if isinstance(value, ast.Name):
        for bound in reversed(function.bindings.get(value.id, [])):
            made = bound.value.value if isinstance(bound.value, ast.Await) else bound.value
            if isinstance(made, ast.Call) and bound.line <= value.lineno:
                return made
    return value


def library_sessions(project: Project) -> Iterator[tuple[Call, str]]:
    """`app.add_middleware(DBSessionMiddleware, ...)` of a library, with the middleware's name."""
    for module in project.modules:
        if module.is_test:
            continue
        for call in module.calls:
            given = call.argument(0, "middleware_class")
            if given is None or last_name(call.node) not in {"add_middleware", "Middleware"}:
                continue
            name = project.names.qualify(given, call.scope)
            if name in _LIBRARIES:
                yield call, name.rpartition(".")[2]


def library_session_used(function: Function, project: Project) -> ast.Attribute | None:
    """Where a function first takes the session from a library's global: `db.session`."""
    for statement in statements(function):
        for expression in own_expressions(statement):
            for node in ast.walk(expression):
                if not isinstance(node, ast.Attribute) or node.attr != "session":
                    continue
                if project.names.qualify(node.value, function) in _HOLDERS:
                    return node
    return None
