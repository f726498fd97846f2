"""Errors whose status is lost in an `except`: a 404 that becomes a 500, a client's mistake that is called the server's."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from checker.constraints.flow import carriers, last_name, mentions
from checker.constraints.replies import HTTP_EXCEPTION, argument, json_reply, status_of
from checker.source import Call, Function, Project
from checker.source.places import is_aside_module

_BROAD = frozenset({"builtins.Exception", "builtins.BaseException", ""})
INPUT_ERRORS = frozenset({"builtins.ValueError"})


@dataclass(frozen=True, slots=True)
class Lost:
    """An `HTTPException` that is raised inside the `try`."""

    status: int
    line: int
    helper: str = ""
    """The function of the project that raises it, if it is called there."""

    @property
    def said(self) -> str:
        """How it comes, for after its status."""
        return f"that `{self.helper}` raises" if self.helper else "raised"


def replaced_http_errors(function: Function, project: Project) -> Iterator[tuple[ast.stmt, int, Lost]]:
    """Where broad handlers answer 5xx to a 4xx which was raised on purpose in their own `try`."""
    for attempt in _attempts(function):
        lost = next(_raised_on_purpose(attempt.body, function, project), None)
        if lost is None:
            continue
        for handler in attempt.handlers:
            caught = _caught(handler, function, project)
            if caught & _BROAD:
                status = _answered(handler, function, project)
                if status is not None and status >= 500 and not _looks_at_it(handler):
                    yield handler.body[-1], status, lost
                break
            if any(name.rpartition(".")[2].endswith("HTTPException") for name in caught) or not all(caught):
                break


def raised_in_middleware(project: Project) -> Iterator[tuple[Function, Lost]]:
    """`HTTPException`s that a middleware raises: it stands outside of what turns them into answers."""
    for function in project.framework.middleware:
        if not is_aside_module(function.module):
            for lost in _raised_on_purpose(function.body, function, project):
                yield function, lost


def answers_client_with_500(function: Function, project: Project) -> Iterator[tuple[ast.expr, int, str]]:
    """`raise HTTPException(500)` in an `except ValueError` around a check of the client's input."""
    for attempt in _attempts(function):
        for handler in attempt.handlers:
            caught = _caught(handler, function, project)
            if not caught & (INPUT_ERRORS | _BROAD):
                continue
            raised = _raise_in(handler)
            status = _answered(handler, function, project)
            if raised is None or status is None or status < 500:
                break
            if caught <= INPUT_ERRORS and (check := _check_of_input(attempt.body, function, project)):
                yield raised, status, f"`{check}` refuses what the client sent"
            elif not _looks_at_it(handler) and (line := _refused_here(attempt.body, function, project)):
                yield raised, status, f"line {line} refuses what the client sent"
            break


def _refused_here(statements: list[ast.stmt], function: Function, project: Project) -> int | None:
    """The line of `if not body.text: raise ValueError(...)` right inside a `try`; it asks for nothing but what was sent."""
    sent = sent_in_request(function, project)
    for statement in statements:
        if not isinstance(statement, ast.If) or not _asks_only(statement.test, sent):
            continue
        for inner in statement.body:
            made = inner.exc if isinstance(inner, ast.Raise) else None
            if isinstance(made, ast.Call) and project.names.qualify(made.func, function) in INPUT_ERRORS:
                return inner.lineno
    return None


def sent_in_request(function: Function, project: Project) -> set[str]:
    """The parameters of a path operation that come from the client: no dependency, and not the request itself."""
    return {name for name, kind in sent_with_types(function, project).items() if kind not in _CONNECTIONS}


def sent_with_types(function: Function, project: Project) -> dict[str, str]:
    """The parameters that no dependency fills, each with the name of its type; empty where that is not known."""
    return {
        parameter.name: getattr(project.names.parameter_type(parameter, function), "name", "")
        for parameter in function.parameters
        if not parameter.variadic
        and not is_dependency(parameter.default)
        and not is_annotated_dependency(parameter.annotation, function, project)
    }


def _asks_only(test: ast.expr, sent: set[str]) -> bool:
    """Whether a condition reads nothing but what the client sent: `not body.text`, `len(name) > 50`, `x not in {"a", "b"}`."""
    names = {node.id for node in ast.walk(test) if isinstance(node, ast.Name)}
    asked = {
        node.func.id
        for node in ast.walk(test)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    return bool(names & sent) and asked <= _MEASURES and names <= sent | asked and not _waits(test)


def _waits(test: ast.expr) -> bool:
    return any(isinstance(node, ast.Await) for node in ast.walk(test))


_MEASURES = frozenset({"len", "isinstance", "any", "all", "min", "max", "abs", "str", "int"})
_CONNECTIONS = frozenset(
    {"fastapi.Request", "fastapi.WebSocket", "fastapi.BackgroundTasks", "fastapi.responses.Response"}
)


def _attempts(function: Function) -> Iterator[ast.Try]:
    for node in _own(function.body):
        if isinstance(node, ast.Try):
            yield node


def _own(statements: list[ast.stmt]) -> Iterator[ast.AST]:
    """Every node below these statements that belongs to the same function."""
    waiting: list[ast.AST] = list(statements)
    while waiting:
        node = waiting.pop(0)
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            waiting.extend(ast.iter_child_nodes(node))


def _raised_on_purpose(statements: list[ast.stmt], function: Function, project: Project) -> Iterator[Lost]:
    """4xx raised in these statements, or by a helper that they call; those inside another `try` left out."""
    for statement in _unguarded(statements):
        lost = _raised_by(statement, function, project)
        if lost is not None:
            yield lost
    nodes = {id(n) for statement in _unguarded(statements) for n in _of_statement(statement)}
    for call in function.calls:
        helper = call.callee
        if id(call.node) not in nodes or helper is None or helper.is_generator or helper is function:
            continue
        if helper.is_async and not call.awaited:
            continue
        for statement in _unguarded(helper.body):
            lost = _raised_by(statement, helper, project)
            if lost is not None and not (lost.status == 404 and _was_saved_before(call, function)):
                yield Lost(lost.status, call.line, helper.short)


def _was_saved_before(call: Call, function: Function) -> bool:
    """`await session.commit()` above `return await self.find_one(order.id)`: what was just saved is found."""
    return any(
        last_name(earlier.node) in {"commit", "flush", "refresh"} and earlier.line < call.line
        for earlier in function.calls
    )


def _unguarded(statements: list[ast.stmt]) -> Iterator[ast.stmt]:
    waiting: list[ast.stmt] = list(statements)
    while waiting:
        statement = waiting.pop(0)
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Try)):
            continue
        yield statement
        for part in ("body", "orelse"):
            waiting += getattr(statement, part, [])
        for case in getattr(statement, "cases", []):
            waiting += case.body


def _of_statement(statement: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of a statement without those of the statements in it."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += [
            child
            for child in ast.iter_child_nodes(node)
            if not isinstance(child, (ast.stmt, ast.Lambda, ast.match_case))
        ]


def _raised_by(statement: ast.stmt, function: Function, project: Project) -> Lost | None:
    if not (isinstance(statement, ast.Raise) and isinstance(statement.exc, ast.Call)):
        return None
    status = _status_raised(statement.exc, function, project)
    return Lost(status, statement.lineno) if status is not None and 400 <= status < 500 else None


def _status_raised(call: ast.Call, function: Function, project: Project) -> int | None:
    if project.names.qualify(call.func, function) != HTTP_EXCEPTION:
        return None
    return status_of(argument(call, 0, "status_code"), function, project)


def _caught(handler: ast.ExceptHandler, function: Function, project: Project) -> set[str]:
    """Canonical names of what is caught; an empty name for a bare `except`."""
    if handler.type is None:
        return {""}
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return {project.names.qualify(kind, function) or "?" for kind in types}


def _raise_in(handler: ast.ExceptHandler) -> ast.expr | None:
    """What the handler raises as its last act."""
    last = handler.body[-1]
    return last.exc if isinstance(last, ast.Raise) else None


def _answered(handler: ast.ExceptHandler, function: Function, project: Project) -> int | None:
    raised = _raise_in(handler)
    if isinstance(raised, ast.Call):
        return _status_raised(raised, function, project)
    last = handler.body[-1]
    if isinstance(last, ast.Return) and last.value is not None:
        made = json_reply(last.value, function, project)
        return status_of(argument(made, 1, "status_code"), function, project) if made is not None else None
    return None


def _looks_at_it(handler: ast.ExceptHandler) -> bool:
    """Whether the handler tells an `HTTPException` from the rest itself."""
    return any(
        isinstance(node, (ast.If, ast.Match, ast.IfExp)) or (isinstance(node, ast.Raise) and node.exc is None)
        for statement in handler.body
        for node in ast.walk(statement)
    )


def _check_of_input(statements: list[ast.stmt], function: Function, project: Project) -> str:
    """The helper that refuses what the client sent by raising `ValueError`, by name."""
    sent: set[str] = set()
    for parameter in function.parameters:
        if not is_dependency(parameter.default) and parameter.name not in {"self", "cls"}:
            sent |= carriers(function, parameter.name)
    inside = {id(node) for node in _own(statements) if isinstance(node, ast.Call)}
    for call in function.calls:
        if id(call.node) not in inside or call.callee is None:
            continue
        arguments = [*call.node.args, *(k.value for k in call.node.keywords)]
        if any(mentions(a, sent) for a in arguments) and _refuses(call.callee, project):
            return call.callee.short
    return ""


def is_dependency(default: ast.expr | None) -> bool:
    """`= Depends(...)`"""
    return isinstance(default, ast.Call) and ast.unparse(default.func).endswith(("Depends", "Security"))


def is_annotated_dependency(annotation: ast.expr | None, function: Function, project: Project) -> bool:
    """`Annotated[Session, Depends(...)]`, also behind an alias."""
    if annotation is None:
        return False
    plain, _ = project.names.unaliased(annotation, function)
    return isinstance(plain, ast.Subscript) and any(is_dependency(node) for node in _parts(plain.slice))


def _parts(inside: ast.expr) -> list[ast.expr]:
    return inside.elts if isinstance(inside, ast.Tuple) else [inside]


def _refuses(function: Function, project: Project) -> bool:
    """Whether a function raises `ValueError` about one of its own arguments, and does no I/O itself."""
    own = {parameter.name for parameter in function.parameters}
    for parameter in function.parameters:
        own |= carriers(function, parameter.name)
    if any(call.awaited for call in function.calls):
        return False
    for node in _own(function.body):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            named = project.names.qualify(node.exc.func, function) == "builtins.ValueError"
            if named and any(mentions(argument, own) for argument in node.exc.args):
                return True
    return False
