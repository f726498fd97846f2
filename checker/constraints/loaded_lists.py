"""Lists that are loaded whole from a database, though a page of them is answered."""

from __future__ import annotations

import ast
import re

from checker.constraints.flow import last_name
from checker.constraints.querysets import is_database
from checker.source import Call, Function, Project

_MAKERS = frozenset({"sqlalchemy.select", "sqlalchemy.future.select", "sqlmodel.select"})
_RUNS = frozenset({"query", "execute", "exec", "scalars", "find", "fetch", "fetch_all", "fetchall"})
_GIVES_ROWS = frozenset({"all", "fetchall", "fetch_all", "fetch", "to_list", "list", "sorted"})
_SIZES = frozenset({"limit", "size", "page_size", "per_page", "top", "max_results", "first", "n", "count"})
_FEW = re.compile(r"(?i)\blimit\s+\d|\bfetch\s+first\b|\.limit\(|\.head\(")
_DEEPEST = 4


def loads_rows(call: Call, project: Project) -> bool:
    """Whether the list that a call is given is the result of a function of the project which runs a query."""
    value = call.argument(0, "sequence")
    if isinstance(value, ast.Name):
        bindings = call.scope.bindings.get(value.id, [])
        value = bindings[0].value if len(bindings) == 1 else None
    value = value.value if isinstance(value, ast.Await) else value
    made = next((c for c in call.scope.calls if c.node is value), None)
    return made is not None and any(_queries(callee, project) for callee in _behind(made))


def is_loaded_whole(value: ast.expr, function: Function, project: Project) -> bool:
    """Whether what is sliced are all rows of a query, run here or by a function of the project; one that few rows come of is short."""
    if not isinstance(value, ast.Name) or function.parameter(value.id) is not None:
        return False
    bound = [b.value for b in function.bindings.get(value.id, [])]
    bound = [b for b in bound if b is None or not _narrows(b, value.id)]
    made = bound[0] if len(bound) == 1 else None
    if isinstance(made, ast.BoolOp):
        made = made.values[0]  # `await all_tools(db) or []`
    made = made.value if isinstance(made, ast.Await) else made
    if made is None:
        return False
    call = next((c for c in function.calls if c.node is made), None)
    if call is None or any(k.arg in _SIZES for k in call.node.keywords):
        return False
    behind = _behind(call)
    if behind:
        return any(_queries(one, project) and not _is_short(one) for one in behind)
    gives_rows = last_name(call.node) in _GIVES_ROWS
    return gives_rows and _runs_here(made, function, project, 0) and not _is_short(function)


def _narrows(value: ast.expr, name: str) -> bool:
    """`tools = [tool for tool in tools if tool.lent]`: the same list, with fewer rows."""
    if isinstance(value, ast.Call) and last_name(value) in {"list", "sorted"} and value.args:
        value = value.args[0]
    source = value.generators[0].iter if isinstance(value, (ast.ListComp, ast.GeneratorExp)) else value
    return isinstance(source, ast.Name) and source.id == name


def _is_short(function: Function) -> bool:
    return any(
        _FEW.search(line) for line in function.module.lines[function.first_line - 1 : function.last_line]
    )


def _runs_here(value: ast.expr, function: Function, project: Project, depth: int) -> bool:
    """`(await session.scalars(select(Tool))).all()`, and `found.all()` of such a `found`."""
    inside = {id(node) for node in ast.walk(value)}
    if any(id(call.node) in inside and _runs_query(call, project) for call in function.calls):
        return True
    names = {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}
    return depth < _DEEPEST and any(
        b.value is not None and b.value is not value and _runs_here(b.value, function, project, depth + 1)
        for name in names
        for b in function.bindings.get(name, [])
    )


def _runs_query(call: Call, project: Project) -> bool:
    on = call.node.func.value if isinstance(call.node.func, ast.Attribute) else None
    return call.target in _MAKERS or (last_name(call.node) in _RUNS and is_database(on, call, project))


def _behind(call: Call) -> tuple[Function, ...]:
    return call.callees or ((call.callee,) if call.callee is not None else ())


def _queries(function: Function, project: Project) -> bool:
    seen = {function}
    waiting = [(function, 0)]
    while waiting:
        current, depth = waiting.pop()
        for call in current.calls:
            if _runs_query(call, project):
                return True
            for callee in _behind(call) if depth < _DEEPEST else ():
                if callee not in seen:
                    seen.add(callee)
                    waiting.append((callee, depth + 1))
    return False
