"""Functions that give a session to a `with` statement, where they are no generators that the call graph follows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

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
