"""Lists that are loaded whole from a database, though a page of them is answered."""

from __future__ import annotations

import ast

from checker.constraints.flow import last_name
from checker.constraints.offset_queries import is_database
from checker.source import Call, Function, Project

_MAKERS = frozenset({"sqlalchemy.select", "sqlalchemy.future.select", "sqlmodel.select"})
_RUNS = frozenset({"query", "execute", "exec", "scalars", "find", "fetch", "fetch_all", "fetchall"})
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


def _behind(call: Call) -> tuple[Function, ...]:
    return call.callees or ((call.callee,) if call.callee is not None else ())


def _queries(function: Function, project: Project) -> bool:
    seen = {function}
    waiting = [(function, 0)]
    while waiting:
        current, depth = waiting.pop()
        for call in current.calls:
            on = call.node.func.value if isinstance(call.node.func, ast.Attribute) else None
            if call.target in _MAKERS or (last_name(call.node) in _RUNS and is_database(on, call, project)):
                return True
            for callee in _behind(call) if depth < _DEEPEST else ():
                if callee not in seen:
                    seen.add(callee)
                    waiting.append((callee, depth + 1))
    return False
