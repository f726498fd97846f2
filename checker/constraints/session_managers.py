"""Sessions that code opens by itself: through a session factory, a generator, or a function that a `with` statement enters."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from checker.constraints.flow import is_given_back, last_name
from checker.constraints.resources import SESSIONS
from checker.source import Call, Function, Project, Value

_MAKES_MANAGER = frozenset({"contextlib.contextmanager", "contextlib.asynccontextmanager"})
_GIVES_SESSION = re.compile(
    r"^(get|open|create|make|new)?_?((async|db|database|sql)_)*session(_(scope|context|manager))*$"
)
_SQL = frozenset({"execute", "query", "scalars", "scalar", "commit", "flush"})


def managed(function: Function, project: Project) -> Iterator[Value]:
    """What a `with` gets from a function that returns `asynccontextmanager(get_session)()`."""
    for given in function.returns:
        made = given.value
        if not (isinstance(made, ast.Call) and isinstance(made.func, ast.Call) and made.func.args):
            continue
        if project.names.qualify(made.func.func, function) not in _MAKES_MANAGER:
            continue
        opener = project.names.evaluate(made.func.args[0], function)
        if opener is not None and isinstance(opener.item, Function) and opener.item.is_generator:
            value = project.names.yielded(opener.item)
            if value is not None:
                yield value


def opens_session_elsewhere(call: Call, function: Function) -> bool:
    """`with get_session() as session:` of a package that is not there to read, where the code runs SQL on what it got."""
    *home, last = call.target.split(".")
    modules = bool(home) and all(part == part.lower() and "(" not in part for part in home)
    if not modules or not _GIVES_SESSION.match(last) or call.node.args or call.node.keywords:
        return False
    for node in ast.walk(function.node):
        if isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                if item.context_expr is call.node and isinstance(item.optional_vars, ast.Name):
                    return _runs_sql(node, item.optional_vars.id)
    return False


def _runs_sql(block: ast.With | ast.AsyncWith, name: str) -> bool:
    return any(
        isinstance(node, ast.Attribute)
        and node.attr in _SQL
        and isinstance(node.value, ast.Name)
        and node.value.id == name
        for statement in block.body
        for node in ast.walk(statement)
    )


_FACTORIES = frozenset({
    "sqlalchemy.orm.sessionmaker.__call__", "sqlalchemy.orm.sessionmaker.begin", "sqlalchemy.orm.scoped_session.__call__",
    "sqlalchemy.ext.asyncio.async_sessionmaker.__call__", "sqlalchemy.ext.asyncio.async_sessionmaker.begin",
    "sqlalchemy.orm.Session", "sqlalchemy.ext.asyncio.AsyncSession",
})  # fmt: skip


def opened_by_hand(call: Call, function: Function, project: Project, *, handler: bool) -> str:
    """How a call opens a session past dependency injection; empty where it does not."""
    first = call.node.args[0] if call.node.args else None
    if call.target == "builtins.next" and isinstance(first, ast.Call):
        made = project.names.evaluate(first, function)
        if (
            made is not None
            and isinstance(made.item, Function)
            and _is_session(project.names.yielded(made.item))
        ):
            return f"next({last_name(first)}())"
        return ""
    callee = call.callee
    if handler:
        # What `next(...)` is given is reported with it.
        if callee is None and opens_session_elsewhere(call, function):
            return f"{last_name(call.node)}()"
        if callee is None or callee.owner is not None or call.argument_of is not None:
            return ""
        given = project.names.yielded(callee) if callee.is_generator else project.names.returned(callee)
        opens = _is_session(given) or any(_is_session(one) for one in managed(callee, project))
        return f"{last_name(call.node)}()" if opens and not _is_handed(callee) else ""
    if call.target not in _FACTORIES or function.is_generator or is_given_back(call, function):
        return ""
    # A factory of its own, for another database or a job of its own, is no shared resource.
    if not any(project.names.variable(e, function) for e in [call.node.func, *call.node.args[:1]]):
        return ""
    return f"{last_name(call.node)}()"


def _is_session(value: Value | None) -> bool:
    return value is not None and value.instance and value.name in SESSIONS


def _is_handed(callee: Function) -> bool:
    """A helper that gets the session, or the request with it, and hands it on opens none."""
    return any(not p.variadic and p.default is None for p in callee.parameters)


def way_from_operation(function: Function, project: Project) -> tuple[str, ...]:
    """The calls from a path operation to its helper; empty where a task, a thread, a middleware or a dependency stands between."""
    if function.is_generator or function.is_lambda:
        return ()
    way: list[str] = []
    for _ in range(len(project.in_requests)):
        step = project.in_requests.get(function)
        if step is None or function in project.framework.dependencies:
            return ()
        if step.caller is None:
            return tuple(reversed(way)) if step.role.startswith("path operation") else ()
        if (
            not isinstance(step.call, Call)
            or step.call.callee is not function
            or step.call.argument_of is not None
        ):
            return ()
        way.append(
            f"{step.call.scope.module.path}:{step.call.line} `{step.caller.short}` calls `{function.short}`"
        )
        function = step.caller
    return ()
