"""Addresses that a client sends and the service fetches: whatever this machine reaches, the client then reaches too."""

from __future__ import annotations

import ast

from checker.constraints.client_queries import QueryUse
from checker.constraints.flow import carriers, is_checked, last_name, parameter_for, statements
from checker.source import Call, Function

_METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
_CLIENTS = (
    "requests",
    "requests.Session",
    "httpx",
    "httpx.Client",
    "httpx.AsyncClient",
    "aiohttp.ClientSession",
)
_FETCHES = frozenset(f"{client}.{method}" for client in _CLIENTS for method in _METHODS) | {
    "urllib.request.urlopen", "urllib.request.urlretrieve", "urllib.request.Request", "wget.download", "feedparser.parse",
}  # fmt: skip
_FETCHES_SECOND = frozenset(
    {f"{client}.{method}" for client in _CLIENTS for method in ("request", "stream")}
    | {"aiohttp.request", "urllib3.PoolManager.request"}
)
"""Those that take the method before the address."""
_SAME_TEXT = frozenset({"str", "strip", "rstrip", "lstrip", "lower", "unquote"})
_FURTHEST = 3


def url_use(function: Function, source: str, depth: int = 0) -> QueryUse | None:
    """Where an address that begins with a text of the client's is fetched, here or in a helper, and nothing looks at it before."""
    if is_checked(function, carriers(function, source)):
        return None
    names = _led_by(function, source)
    for call in function.calls:
        if any(_begins_with(address, names) for address in _addresses(call)):
            return QueryUse(node=call.node, function=function)
    holder, _, field = source.rpartition(".")
    for call in function.calls if depth < _FURTHEST else ():
        callee = call.callee
        if callee is None or callee.is_abstract or callee.name.endswith("__init__"):
            continue
        for argument in [*call.node.args, *(k.value for k in call.node.keywords)]:
            parameter = parameter_for(argument, call, callee)
            if holder and isinstance(argument, ast.Name) and argument.id == holder:
                parameter = f"{parameter}.{field}" if parameter else ""
            elif not _begins_with(argument, names):
                continue
            below = url_use(callee, parameter, depth + 1) if parameter else None
            if below is not None:
                return below
    return None


def _addresses(call: Call) -> list[ast.expr]:
    """What a call fetches."""
    position = 0 if call.target in _FETCHES else 1 if call.target in _FETCHES_SECOND else None
    if position is None:
        return []
    return [
        *call.node.args[position : position + 1],
        *(k.value for k in call.node.keywords if k.arg == "url"),
    ]


def _led_by(function: Function, source: str) -> set[str]:
    """The names of texts that begin with one: `address = f"{url}/status"`."""
    found = {source}
    for statement in statements(function):
        if isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is not None:
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            if _begins_with(statement.value, found):
                found |= {t.id for t in targets if isinstance(t, ast.Name)}
    return found


def _begins_with(expression: ast.expr, names: set[str]) -> bool:
    match expression:
        case ast.Name() | ast.Attribute():
            return ast.unparse(expression) in names
        case ast.JoinedStr(values=[ast.FormattedValue(value=first), *_]):
            return _begins_with(first, names)
        case ast.BinOp(left=first, op=ast.Add()):
            return _begins_with(first, names)
        case ast.Call(func=ast.Attribute(value=first)) if last_name(expression) in _SAME_TEXT:
            return _begins_with(first, names)
        case ast.Call(args=[first, *_]):
            return last_name(expression) in _SAME_TEXT and _begins_with(first, names)
    return False
