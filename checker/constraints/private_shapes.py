"""Errors that are answered with keys of their own, beside what every other error of the app looks like."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from checker.constraints.error_handlers import Kind, handlers_of_apps
from checker.constraints.replies import argument, json_reply, keys_of, status_of
from checker.constraints.rule import Hit, hit_at
from checker.source import Function, Operation, Project

PROTOCOL_KEYS = frozenset({"error_description", "error_uri", "jsonrpc"})
"""Keys of errors whose form a protocol lays down."""


def common_shapes(project: Project) -> frozenset[frozenset[str]] | None:
    """The shapes that errors have by themselves in the apps of the project; None where one is not known."""
    shapes: set[frozenset[str]] = set()
    for handlers in handlers_of_apps(project):
        keys = handlers.keys(Kind.HTTP)
        if keys is None or not handlers.complete:
            return None
        shapes.add(keys)
        shapes |= {handler.keys for handler in handlers.found if handler.keys is not None}
    return frozenset(shapes)


def private_answer(
    value: ast.expr, function: Function, who: str, common: frozenset[frozenset[str]], project: Project
) -> Iterator[Hit]:
    """A hit where an expression is a JSON response with an error status and other keys than the common ones."""
    call = json_reply(value, function, project)
    if call is None:
        return
    status = status_of(argument(call, 1, "status_code"), function, project)
    content = argument(call, 0, "content")
    if status is None or status < 400 or content is None:
        return
    keys = keys_of(content, function, project)
    if keys is not None and _is_other(keys, content, common):
        yield hit_at(value, function.module, _told(who, status, keys, common))


def _is_other(keys: frozenset[str], content: ast.expr, common: frozenset[frozenset[str]]) -> bool:
    if not keys or keys & PROTOCOL_KEYS or not common or any(shape <= keys for shape in common):
        return False
    # `{"error": {"message": ..., "type": ...}}` is what clients of a well-known protocol expect.
    return not (isinstance(content, ast.Dict) and any(isinstance(v, ast.Dict) for v in content.values))


def _told(who: str, status: int, keys: frozenset[str], common: frozenset[frozenset[str]]) -> str:
    others = " or ".join(sorted(shown_keys(shape) for shape in common))
    return f"`{who}` answers {status} with {shown_keys(keys)}, where the app's other errors are {others}."


def shown_keys(keys: Iterable[str]) -> str:
    """The keys as a reader sees them: `{code, message}`."""
    return "`{" + ", ".join(sorted(keys)) + "}`"


def answer_after_status(
    operation: Operation, common: frozenset[frozenset[str]], project: Project
) -> Iterator[Hit]:
    """`response.status_code = 404`, and right after it `return {"msg": ...}`."""
    function = operation.function
    for block in _blocks(function):
        status: int | None = None
        for statement in block:
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Attribute):
                if statement.targets[0].attr == "status_code":
                    status = status_of(statement.value, function, project)
            elif isinstance(statement, ast.Return) and statement.value is not None:
                if status is None or status < 400 or not isinstance(statement.value, ast.Dict):
                    continue
                keys = keys_of(statement.value, function, project)
                if keys is not None and _is_other(keys, statement.value, common):
                    yield hit_at(
                        statement.value, function.module, _told(operation.label, status, keys, common)
                    )


def _blocks(function: Function) -> Iterator[list[ast.stmt]]:
    waiting: list[list[ast.stmt]] = [function.body]
    while waiting:
        block = waiting.pop()
        yield block
        for statement in block:
            if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                continue
            for part in ("body", "orelse", "finalbody"):
                inner = getattr(statement, part, [])
                if inner:
                    waiting.append(inner)
            waiting += [handler.body for handler in getattr(statement, "handlers", [])]
