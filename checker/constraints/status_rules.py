"""The rules on errors whose status says something else than what went wrong; the constraint on errors registers them."""

from __future__ import annotations

from collections.abc import Iterable

from checker.constraints.rule import Context, Hit, hit_at, hit_at_call
from checker.constraints.server_blamed import refusals_with_500, unanswered_input_errors
from checker.constraints.status_lost import (
    answers_client_with_500,
    raised_in_middleware,
    replaced_http_errors,
    sent_in_request,
)
from checker.constraints.stray_errors import impossible_http_exceptions
from checker.source import Operation
from checker.source.places import is_aside_module


def http_operations(context: Context) -> list[Operation]:
    """The path operations of what is served, WebSockets left out."""
    return [
        operation
        for operation in context.project.operations
        if not operation.websocket and not is_aside_module(operation.function.module)
    ]


def http_error_replaced_by_500(context: Context) -> Iterable[Hit]:
    """`except Exception: raise HTTPException(500)` around a `raise HTTPException(404)`."""
    project = context.project
    for function in project.in_requests:
        for answer, status, lost in replaced_http_errors(function, project):
            yield Hit(
                path=function.module.path,
                line=answer.lineno,
                column=answer.col_offset,
                message=f"The {lost.status} {lost.said} on line {lost.line} is an exception as well: this `except` catches it, and "
                f"the client gets {status}.",
            )


def http_exception_in_middleware(context: Context) -> Iterable[Hit]:
    """`raise HTTPException(401)` in a middleware, which is answered with 500."""
    for function, lost in raised_in_middleware(context.project):
        yield Hit(
            path=function.module.path,
            line=lost.line,
            message=f"The {lost.status} {lost.said} here leaves the middleware `{function.short}`: handlers for `HTTPException` stand "
            "inside of it, so the client gets 500.",
        )


def client_error_answered_with_500(context: Context) -> Iterable[Hit]:
    """`except ValueError: raise HTTPException(500)` where the error is what a check of the client's input raises."""
    project = context.project
    for operation in http_operations(context):
        for raised, status, check in answers_client_with_500(operation.function, project):
            yield hit_at(
                raised,
                operation.function.module,
                f"`{operation.label}` answers {status}, the server's fault, when {check}.",
            )
        for made, words in refusals_with_500(
            operation, sent_in_request(operation.function, project), project
        ):
            yield hit_at(
                made,
                operation.function.module,
                f'`{operation.label}` answers 500, the server\'s fault, about what the client sent: "{words}".',
            )


def http_exception_with_wrong_arguments(context: Context) -> Iterable[Hit]:
    """`raise HTTPException(status=404, ...)`, which raises `TypeError` instead, and `HTTPException("No such tool.")`."""
    for call, reason in impossible_http_exceptions(context.project):
        yield hit_at_call(
            call,
            f"`HTTPException` {reason}: that fails, so the client gets a 500 instead of this error.",
        )


def input_error_raised_as_500(context: Context) -> Iterable[Hit]:
    """`raise ValueError("unknown kind")` in a path operation about what the client sent, which nobody turns into a 4xx."""
    for operation, raised, name in unanswered_input_errors(context.project):
        yield hit_at(
            raised,
            operation.function.module,
            f"`{operation.label}` raises `{name}` when it refuses what the client sent: no handler of the app knows that "
            "exception, so the client gets a 500, the server's fault.",
        )
