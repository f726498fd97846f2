"""What functions hand back as a reply: followed through helpers and services, with status and keys where they are written."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from http import HTTPStatus

from checker.constraints.handmade import bound_argument, status_number
from checker.constraints.shapes import is_json_response
from checker.source import Class, Function, Project, Scope, Value

HTTP_EXCEPTION = "fastapi.HTTPException"
_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class Reply:
    """One expression that becomes a reply, in the function where it is written."""

    value: ast.expr
    function: Function
    statement: ast.Return
    way: tuple[Reply, ...] = ()
    """The `return`s that hand it on, from the outside."""


def replies(function: Function, project: Project, depth: int = 0) -> Iterator[Reply]:
    """What a function hands back; `return service.read()` is followed into the service."""
    handed_back = function.returns
    if isinstance(function.node, ast.Lambda):
        handed_back = [ast.copy_location(ast.Return(function.node.body), function.node.body)]
    for statement in handed_back:
        for value in _leaves(statement.value):
            yield from _replies_of(value, function, statement, project, depth)


def _replies_of(
    value: ast.expr, function: Function, statement: ast.Return, project: Project, depth: int
) -> Iterator[Reply]:
    made = _made(value, function)
    inner = None
    if depth < _DEEPEST and not _is_looked_at(value, function):
        inner = followed(made, function, project)
    here = Reply(written(value, function), function, statement)
    if inner is None or not isinstance(made, ast.Call):
        yield here
        return
    for reply in replies(inner, project, depth + 1):
        handed = _handed_back(reply, made, inner)
        if handed is None:
            yield replace(reply, way=(here, *reply.way))
        else:
            yield from _replies_of(handed, function, statement, project, depth + 1)


def _handed_back(reply: Reply, call: ast.Call, inner: Function) -> ast.expr | None:
    """What a helper was given and gives back, `return with_headers(JSONResponse(...))`; None where it answers by itself."""
    name = reply.value.id if reply.function is inner and isinstance(reply.value, ast.Name) else ""
    if not name or inner.parameter(name) is None or inner.bindings.get(name):
        return None
    given = bound_argument(reply.value, call, inner)
    return given if given is not reply.value else None


def _is_looked_at(value: ast.expr, function: Function) -> bool:
    """`if "error" in result: raise ...` before `return result`: the errors among what a helper gives do not get so far."""
    if not isinstance(value, ast.Name):
        return False
    return any(
        isinstance(node, ast.If) and _asks_inside(node.test, value.id) and not _gives(node.body[-1], value.id)
        for node in ast.walk(function.node)
    )


def _asks_inside(test: ast.expr, name: str) -> bool:
    """Whether a condition reads what is in a value: `"error" in result`, `result.get("error")`, not `not result` alone."""

    def is_it(node: ast.AST) -> bool:
        return isinstance(node, ast.Name) and node.id == name

    for node in ast.walk(test):
        match node:
            case ast.Subscript(value=inner) | ast.Attribute(value=inner) if is_it(inner):
                return True
            case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[inner]) if is_it(inner):
                return True
            case ast.Call(func=ast.Name(id="isinstance"), args=[inner, *_]) if is_it(inner):
                return True
    return False


def _gives(statement: ast.stmt, name: str) -> bool:
    """Whether a branch ends without leaving, or hands back the name itself."""
    if isinstance(statement, ast.Return):
        return isinstance(statement.value, ast.Name) and statement.value.id == name
    return not isinstance(statement, ast.Raise)


def _made(value: ast.expr, function: Function) -> ast.expr:
    """What a local name was last given, also where keys are put into it or taken out later."""
    if not isinstance(value, ast.Name):
        return value
    bindings = [b for b in function.bindings.get(value.id, []) if b.line < value.lineno]
    answers = any(
        s.attribute and isinstance(s.target, ast.Name) and s.target.id == value.id for s in function.stores
    )
    last = max(bindings, key=lambda binding: binding.line, default=None)
    if last is None or last.value is None or last.kind.value != "assign" or answers:
        return value
    return last.value.value if isinstance(last.value, ast.Await) else last.value


def _leaves(value: ast.expr | None) -> Iterator[ast.expr]:
    if isinstance(value, ast.IfExp):
        yield from _leaves(value.body)
        yield from _leaves(value.orelse)
    elif isinstance(value, ast.BoolOp) and isinstance(value.op, ast.Or):
        for one in value.values:
            yield from _leaves(one)
    elif isinstance(value, ast.Await):
        yield from _leaves(value.value)
    elif value is not None:
        yield value


def written(value: ast.expr, scope: Scope) -> ast.expr:
    """The expression behind a local name that is given a value once and not changed after."""
    if not isinstance(value, ast.Name):
        return value
    bindings = scope.bindings.get(value.id, [])
    changed = any(isinstance(s.target, ast.Name) and s.target.id == value.id for s in scope.stores) or any(
        was_changed(call.node, value.id) for call in scope.calls
    )
    if len(bindings) != 1 or changed or bindings[0].value is None or bindings[0].kind.value != "assign":
        return value
    inner = bindings[0].value
    return inner.value if isinstance(inner, ast.Await) else inner


def was_changed(call: ast.Call, name: str) -> bool:
    """`content.update(...)`"""
    function = call.func
    return (
        isinstance(function, ast.Attribute)
        and function.attr in {"update", "pop", "setdefault", "clear", "popitem"}
        and isinstance(function.value, ast.Name)
        and function.value.id == name
    )


def followed(value: ast.expr, function: Function, project: Project) -> Function | None:
    """The function of the project whose answer a call hands on; None where that is not plain."""
    if not isinstance(value, ast.Call):
        return None
    found = project.names.evaluate(value.func, function)
    if found is None or found.instance or not isinstance(found.item, Function):
        return None
    inner = found.item
    return None if inner.is_generator or not inner.returns or _is_overridable(inner) else inner


def _is_overridable(function: Function) -> bool:
    """An abstract method: what runs is written elsewhere."""
    return any(ast.unparse(d).endswith("abstractmethod") for d in function.decorators)


def status_of(value: ast.expr | None, scope: Scope, project: Project) -> int | None:
    """A status code that is written as a number or by one of its names."""
    found = status_number(value, scope, project)
    if found is None and isinstance(value, ast.Attribute):
        if value.attr == "value":
            return status_of(value.value, scope, project)
        if project.names.qualify(value.value, scope) == "http.HTTPStatus":
            member = HTTPStatus.__members__.get(value.attr)
            return int(member) if member is not None else None
        return _status_of_member(value, scope, project)
    return found


def _status_of_member(value: ast.Attribute, scope: Scope, project: Project) -> int | None:
    """`Status.NOT_FOUND`, of an enumeration or a class of constants of the project."""
    owner = project.names.evaluate(value.value, scope)
    if owner is None or owner.instance or not isinstance(owner.item, Class):
        return None
    bindings = owner.item.bindings.get(value.attr, [])
    if len(bindings) != 1 or bindings[0].value is None or isinstance(bindings[0].value, ast.Name):
        return None
    return status_of(bindings[0].value, owner.item, project)


def json_reply(value: ast.expr, scope: Scope, project: Project) -> ast.Call | None:
    """The call, where an expression makes a JSON response."""
    if not isinstance(value, ast.Call):
        return None
    made = project.names.evaluate(value.func, scope)
    if made is None or made.instance:
        return None
    return value if is_json_response(made, project) else None


def argument(call: ast.Call, position: int, name: str) -> ast.expr | None:
    """An argument given by position or by name."""
    if position < len(call.args):
        return call.args[position]
    return next((k.value for k in call.keywords if k.arg == name), None)


def is_exception(value: Value | None, project: Project) -> bool:
    """Whether a value is an exception object."""
    if value is None or not value.instance:
        return False
    names = [value.name]
    if isinstance(value.item, Class):
        names = list(project.names.lineage(value.item)[1])
    return any(name == HTTP_EXCEPTION or _is_builtin_exception(name) for name in names)


def _is_builtin_exception(name: str) -> bool:
    owner, _, last = name.rpartition(".")
    kind = getattr(builtins, last, None) if owner == "builtins" else None
    return isinstance(kind, type) and issubclass(kind, BaseException)


def caught_in(function: Function) -> dict[int, set[str]]:
    """For each `return` in an `except`, by identity: the names of what was caught there."""
    found: dict[int, set[str]] = {}

    def walk(statements: Iterable[ast.stmt], names: set[str], *, inside: bool) -> None:
        for statement in statements:
            if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                continue
            if isinstance(statement, ast.Return) and inside:
                found[id(statement)] = names
            for part in ("body", "orelse", "finalbody"):
                walk(getattr(statement, part, []), names, inside=inside)
            for case in getattr(statement, "cases", []):
                walk(case.body, names, inside=inside)
            for handler in getattr(statement, "handlers", []):
                walk(handler.body, names | {handler.name} if handler.name else names, inside=True)

    walk(function.body, set(), inside=False)
    return found


def asked_before(reply: Reply) -> list[ast.expr]:
    """The conditions of the branches in which a reply stands, innermost last; what `else` is for is not among them."""
    found: list[ast.expr] = []
    for node in ast.walk(reply.function.node):
        if isinstance(node, ast.If) and any(
            inner is reply.statement for one in node.body for inner in ast.walk(one)
        ):
            found.append(node.test)
    return found
