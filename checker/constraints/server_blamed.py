"""What the client sent is wrong, and the answer says that the server is: `HTTPException(500, "Invalid tool.")`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from checker.constraints.error_handlers import Handler, Handlers, Kind, handlers_of_apps
from checker.constraints.flow import carriers, mentions, statements_in
from checker.constraints.replies import HTTP_EXCEPTION, argument, json_reply, replies, status_of
from checker.constraints.status_lost import INPUT_ERRORS, sent_with_types
from checker.source import Function, Operation, Project
from checker.source.declaring import VERBS

_OF_CLIENT = re.compile(
    r"\binvalid\b(?! (response|reply|answer|result|state|config))|\bnot found\b|\b(does not|doesn't) exist\b|\balready exists\b|"
    r"\bno such\b|\b(must|should) (be|have|not|contain)\b|\b(is|are) required\b|\bunsupported\b|\bnot (supported|allowed|permitted)\b|"
    r"\bmissing (required )?(parameter|field|argument)",
    re.IGNORECASE,
)


def refusals_with_500(
    operation: Operation, sent: set[str], project: Project
) -> Iterator[tuple[ast.expr, str]]:
    """The errors with status 500 under a question about what the client sent, with the words that tell whose fault it is."""
    function = operation.function
    asked = set().union(*(carriers(function, name) for name in sent)) if sent else set()
    refused: set[str] = set()
    for statement in statements_in(function.body):
        if not isinstance(statement, ast.If) or not mentions(statement.test, asked):
            continue
        question = ast.unparse(statement.test)
        if question in refused:
            continue  # Asked again after what the app did in between, which is the server's.
        refused.add(question)
        for inner in statement.body:
            made = (
                inner.exc
                if isinstance(inner, ast.Raise)
                else inner.value
                if isinstance(inner, ast.Return)
                else None
            )
            if not isinstance(made, ast.Call):
                continue
            is_raised = project.names.qualify(made.func, function) == HTTP_EXCEPTION
            if not is_raised and json_reply(made, function, project) is None:
                continue
            status = argument(made, 0 if is_raised else 1, "status_code")
            words = _words(argument(made, 1, "detail") if is_raised else argument(made, 0, "content"))
            if status_of(status, function, project) == 500 and words:
                yield made, words


def _words(said: ast.expr | None) -> str:
    for node in ast.walk(said) if said is not None else ():
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found = _OF_CLIENT.search(node.value)
            if found is not None:
                return found[0]
    return ""


def unanswered_input_errors(project: Project) -> Iterator[tuple[Operation, ast.stmt, str]]:
    """`raise ValueError` about what the client sent, in path operations of apps that have no answer to it."""
    if any(_may_answer(handlers, project) for handlers in handlers_of_apps(project)):
        return
    for operation in project.operations:
        if not operation.websocket and not _has_wrapper(operation, project):
            for raised, name in _refusals(operation.function, project):
                yield operation, raised, name


def _may_answer(handlers: Handlers, project: Project) -> bool:
    if not handlers.complete:
        return True
    return any(
        handler.kind is Kind.UNHANDLED or handler.shown.rpartition(".")[2] in _ANSWERED
        for handler in handlers.found
        if not _is_for_500(handler, project)
    )


def _is_for_500(handler: Handler, project: Project) -> bool:
    """Whether all that a handler answers is the server's fault."""
    if handler.function is None:
        return False
    made = [
        (json_reply(r.value, r.function, project), r.function) for r in replies(handler.function, project)
    ]
    statuses = [
        status_of(argument(call, 1, "status_code"), scope, project) if call is not None else None
        for call, scope in made
    ]
    return bool(statuses) and all(status is not None and status >= 500 for status in statuses)


_ANSWERED = frozenset({"ValueError", "AssertionError", "Exception", "BaseException"})


def _has_wrapper(operation: Operation, project: Project) -> bool:
    """Whether a decorator of the project or of an unknown library may catch what the path operation raises."""
    scope = operation.function.parent or operation.function.module.scope
    for decorator in operation.function.decorators:
        plain = decorator.func if isinstance(decorator, ast.Call) else decorator
        if decorator is operation.declaration or getattr(plain, "attr", "") in VERBS:
            continue
        value = project.names.evaluate(plain, scope)
        if value is not None and isinstance(value.item, Function) and not _may_catch(value.item):
            continue
        if not project.names.qualify(plain, scope).startswith(("fastapi.", "starlette.", "slowapi.")):
            return True
    return False


def _may_catch(decorator: Function) -> bool:
    """Whether a decorator of the project, or what it hands the function to, may answer what it raises."""
    if any(isinstance(node, (ast.Try, ast.With, ast.AsyncWith)) for node in ast.walk(decorator.node)):
        return True
    # `return router.get("/list", ...)` declares the path operation and wraps nothing.
    return bool(decorator.functions) or not all(
        isinstance(r.value, ast.Call) and getattr(r.value.func, "attr", "") in VERBS
        for r in decorator.returns
    )


def _refusals(function: Function, project: Project) -> Iterator[tuple[ast.stmt, str]]:
    """`raise ValueError` under a test of what the client sent, with no `try` of the function around it."""
    sent = _sent_by_client(function, project)
    waiting: list[tuple[ast.stmt, bool]] = [(statement, False) for statement in function.body]
    while waiting:
        statement, about_input = waiting.pop(0)
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        if (
            isinstance(statement, ast.Assert)
            and not _is_for_types(statement)
            and _tests(statement.test, sent, function, project)
        ):
            yield statement, "AssertionError"
        if isinstance(statement, ast.Raise) and isinstance(statement.exc, ast.Call) and about_input:
            name = project.names.qualify(statement.exc.func, function)
            if name in INPUT_ERRORS:
                yield statement, name.rpartition(".")[2]
        if isinstance(statement, ast.Try):
            # Its handlers may answer; what they raise themselves is about what they caught.
            continue
        inner = about_input or (
            isinstance(statement, ast.If) and _tests(statement.test, sent, function, project)
        )
        waiting += [(s, inner) for s in getattr(statement, "body", [])]
        waiting += [(s, inner) for s in getattr(statement, "orelse", [])]


def _is_for_types(statement: ast.Assert) -> bool:
    """`assert row is not None`, `assert isinstance(row, Tool)`, `assert row`: tells the type checker what is known anyway."""
    match statement.test:
        case (
            ast.Compare(ops=[ast.Is() | ast.IsNot()]) | ast.Call(func=ast.Name(id="isinstance" | "callable"))
        ):
            return True
        case ast.Compare():
            return False
    return statement.msg is None


def _sent_by_client(function: Function, project: Project) -> set[str]:
    """Parameters with plain values of the client's: `str`, `int`, `float`."""
    return {name for name, kind in sent_with_types(function, project).items() if kind in _PLAIN_VALUES}


def _tests(test: ast.expr, sent: set[str], function: Function, project: Project) -> bool:
    """Whether a condition compares something of the client's with what is known beforehand, and asks nobody else."""
    read = {node.id for node in ast.walk(test) if isinstance(node, ast.Name)}
    if not read & sent or any(isinstance(node, ast.Await) for node in ast.walk(test)):
        return False
    walked = {
        node.id
        for loop in ast.walk(test)
        if isinstance(loop, ast.comprehension)
        for node in ast.walk(loop.target)
        if isinstance(node, ast.Name)
    }
    return not any(name in function.bindings for name in read - sent - walked)


_PLAIN_VALUES = frozenset({
    "builtins.str", "builtins.int", "builtins.float", "builtins.bool", "datetime.datetime", "datetime.date",
})  # fmt: skip
