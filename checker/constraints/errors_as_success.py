"""Errors that are answered as if all had gone well: `return {"error": "..."}` with status 200."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from checker.constraints.answers import answers_without_body
from checker.constraints.error_words import pairs_of, speaks_of_error
from checker.constraints.replies import (
    Reply,
    argument,
    caught_in,
    is_exception,
    json_reply,
    replies,
    status_of,
)
from checker.source import Class, Function, Operation, Project


def errors_as_success(operation: Operation, project: Project) -> Iterator[Reply]:
    """The replies of a path operation that report a failure and have status 200."""
    if answers_without_body(operation, project) or _sets_error_status(operation, project):
        return
    for reply in replies(operation.function, project):
        if _is_error(reply, operation, project):
            yield reply


def _about(operation: Operation) -> str:
    return f"{operation.path or ''} {operation.function.name.rpartition('.')[2]}"


def _sets_error_status(operation: Operation, project: Project) -> bool:
    status = status_of(operation.keyword("status_code"), operation.scope, project)
    return status is not None and status >= 400


def _is_error(reply: Reply, operation: Operation, project: Project) -> bool:
    if any(store.attribute == "status_code" for store in reply.function.stores):
        return False
    value = reply.value
    call = json_reply(value, reply.function, project)
    if call is not None:
        given = argument(call, 1, "status_code")
        if given is not None and status_of(given, reply.function, project) != 200:
            return False
        if any(k.arg is None for k in call.keywords):
            return False
        content = argument(call, 0, "content")
        if content is None:
            return False
        value = content
    elif isinstance(value, ast.Call) and not _is_model(value, reply, project):
        return False
    pairs = pairs_of(value)
    if pairs is None:
        return False
    caught = caught_in(reply.function).get(id(reply.statement), set())
    return speaks_of_error(pairs, caught, _about(operation))


def _is_model(value: ast.Call, reply: Reply, project: Project) -> bool:
    made = project.names.evaluate(value.func, reply.function)
    if made is None or made.instance:
        return False
    if made.name == "builtins.dict":
        return True
    return isinstance(made.item, Class) and "pydantic.BaseModel" in project.names.lineage(made.item)[1]


def tuples_with_status(operation: Operation, project: Project) -> Iterator[tuple[Reply, int]]:
    """`return {...}, 404`: the replies that are tuples with an error status in them."""
    for reply in replies(operation.function, project):
        value = reply.value
        if isinstance(value, ast.Tuple) and 2 <= len(value.elts) <= 3:
            status = status_of(value.elts[1], reply.function, project)
            if status is not None and 400 <= status <= 599:
                yield reply, status


def returned_exceptions(project: Project) -> Iterator[tuple[Reply, str]]:
    """`return HTTPException(...)`, with what the function is to FastAPI."""
    for function, what in _called_by_fastapi(project):
        for reply in replies(function, project):
            if is_exception(project.names.evaluate(reply.value, reply.function), project):
                yield reply, what


def _called_by_fastapi(project: Project) -> Iterator[tuple[Function, str]]:
    framework = project.framework
    for operation in framework.operations:
        if not operation.websocket:
            yield operation.function, "path operation"
    for function in framework.dependencies:
        yield function, "dependency"
    for function in framework.exception_handlers:
        yield function, "handler"
    for function in framework.middleware:
        yield function, "middleware"
