"""Every error has one shape, and the status of an error.

## What it asks

Whatever goes wrong, an unknown path, invalid input, a conflict, the client gets a 4xx or 5xx with the same JSON object. Either
everything is left to FastAPI (`raise HTTPException(404, "No such tool.")`, nothing reshaped), or handlers for `HTTPException`,
`RequestValidationError` and `Exception` write one shape of your own.

## Why it matters

A client has one place that handles errors. An error with status 200 passes through it as a success; a tuple or an exception that is
returned is not even an object that it knows; a second shape is read wrongly, and the user sees an empty message.

## Example

```python
@app.get("/tools/{tool_id}")
async def read_tool(tool_id: int, store: StoreDep) -> Tool:
    tool = await store.get(tool_id)
    if tool is None:
        return {"error": "No such tool."}, 404
    return tool
```

## Use instead

```python
@app.get("/tools/{tool_id}")
async def read_tool(tool_id: int, store: StoreDep) -> Tool:
    tool = await store.get(tool_id)
    if tool is None:
        raise HTTPException(404, "No such tool.")
    return tool
```

For a shape of your own register all three handlers, the one for HTTP errors on `starlette.exceptions.HTTPException`, which an
unknown path raises, and say so in the document: `FastAPI(responses={422: {"model": Problem}})`.

## Known limits

Two replies go past handlers: an error that nobody caught, unless `Exception` has a handler, and the 413 of `max_body_size`, which is
plain text when the length is announced. Errors in the form of a protocol (OAuth, JSON-RPC), the answers of health checks, and what
browsers are shown (pages, files) are left alone. Where handlers reshape `HTTPException`, what stands under `detail` is not compared,
and where a middleware writes every answer anew, no shapes are.
"""

from __future__ import annotations

from collections.abc import Iterable

from checker.constraints.app_shapes import common_shown, ways_of_services
from checker.constraints.detail_shapes import odd_details
from checker.constraints.error_answers import seen_in_answers, undocumented_answer
from checker.constraints.error_bodies import shown_keys
from checker.constraints.error_handlers import (
    different_shapes,
    handlers_of_apps,
    handlers_of_fastapi_alone,
)
from checker.constraints.errors_as_success import (
    each_error_as_success,
    exceptions_with_success,
    returned_exceptions,
    tuples_with_status,
)
from checker.constraints.handler_answers import (
    answers_beside_common,
    answers_in_two_shapes,
    answers_with_success,
    apps_with_success,
)
from checker.constraints.private_shapes import (
    private_answers,
)
from checker.constraints.rewritten import unless_rewritten
from checker.constraints.rule import Cleared, Constraint, Context, Hit, hit_at, hit_at_call
from checker.constraints.served import hit_at_app, running_app
from checker.constraints.services import services
from checker.constraints.status_rules import (
    client_error_answered_with_500,
    http_error_replaced_by_500,
    http_exception_in_middleware,
    http_exception_with_wrong_arguments,
    http_operations,
    input_error_raised_as_500,
)
from checker.constraints.stray_errors import stray_http_exceptions
from checker.models.facts import AppFacts

CONSTRAINT = Constraint(
    id="H9",
    title="One standard error schema on every endpoint",
    hard=True,
    docs="https://fastapi.tiangolo.com/tutorial/handling-errors/",
    page=__doc__ or "",
)
_RAISE = 'Raise it: `raise HTTPException(404, "...")`; FastAPI sets the status and writes the shape that every other error has.'
_HANDLERS = "https://fastapi.tiangolo.com/tutorial/handling-errors/#override-the-default-exception-handlers"


@CONSTRAINT.applies_when
def _there_are_operations(context: Context) -> bool:
    return any(not operation.websocket for operation in context.project.operations)


# An error that is not one


@CONSTRAINT.rule("error-answered-with-200", help=_RAISE)
def error_answered_with_200(context: Context) -> Iterable[Hit]:
    """`return {"error": "..."}` and its like, or an `HTTPException` with a 2xx status."""
    for reply, operation in each_error_as_success(http_operations(context), context.project):
        where = "" if reply.function is operation.function else f", through `{reply.function.short}`,"
        yield hit_at(
            reply.value,
            reply.function.module,
            f"`{operation.label}` answers an error{where} as a normal reply, with status 200: a client that looks at the status "
            "takes it for a success.",
        )
    for call, status in exceptions_with_success(context.project):
        yield hit_at_call(
            call, f"This `HTTPException` is answered with status {status}, which says that all went well."
        )


@CONSTRAINT.rule(
    "handler-answers-with-200",
    help="Give the answer the error's status: `JSONResponse({...}, status_code=404)`.",
    docs=_HANDLERS,
)
def handler_answers_with_200(context: Context) -> Iterable[Hit]:
    """`return JSONResponse({"code": 500, "msg": ...})` in an exception handler, which is answered with 200."""
    for reply, handler in answers_with_success(context.project):
        yield hit_at(
            reply.value,
            reply.function.module,
            f"The handler for `{handler.shown}` answers with status 200: a client that looks at the status takes the error for a "
            "success.",
        )
    for app in apps_with_success(context.project):
        yield hit_at_call(
            app.call, "The errors of this app, that of an unknown path too, are answered with status 200."
        )


@CONSTRAINT.rule("tuple-as-status", help=_RAISE)
def tuple_as_status(context: Context) -> Iterable[Hit]:
    """`return {"error": "..."}, 404`, which sets the status in Flask and not here."""
    for operation in http_operations(context):
        for reply, status in tuples_with_status(operation, context.project):
            yield hit_at(
                reply.value,
                reply.function.module,
                f"`{operation.label}` returns a tuple as in Flask: FastAPI answers 200 with an array whose second element is "
                f"{status}.",
            )


@CONSTRAINT.rule(
    "exception-returned",
    help="Write `raise` for `return`.",
)
def exception_returned(context: Context) -> Iterable[Hit]:
    """`return HTTPException(...)` in a path operation, a dependency, a handler or a middleware."""
    for reply, what in returned_exceptions(context.project):
        effect = (
            "so nothing stops the request, and the path operation is given the exception as a value"
            if what == "dependency"
            else "so the client gets the exception's fields or a 500, not its status"
        )
        yield hit_at(
            reply.value,
            reply.function.module,
            f"`{reply.function.short}` returns an exception instead of raising it, {effect}.",
        )


# A shape of its own


@CONSTRAINT.rule(
    "error-shape-differs",
    help="Raise `HTTPException`, or an exception of your own that the app's handler turns into the common shape.",
)
@unless_rewritten
def error_shape_differs(context: Context) -> Iterable[Hit]:
    """`JSONResponse({"msg": ...}, status_code=400)` where every other error has another shape."""
    others = common_shown(context.project)
    for found in private_answers(context.project):
        yield hit_at(
            found.value,
            found.function.module,
            f"`{found.who}` answers {found.status or 'an error'} with {found.body.shown}, where the app's other errors are {others}.",
        )


@CONSTRAINT.rule(
    "detail-in-another-form",
    help="Write under `detail` what the other errors of the app have there; best make it in one place, an exception of your own.",
)
@unless_rewritten
def detail_in_another_form(context: Context) -> Iterable[Hit]:
    """`HTTPException(409, {"code": ...})` where every other `detail` is a text, or a text where they are objects."""
    for detail, body, census in odd_details(context.project):
        yield hit_at_call(
            detail.call,
            f"`detail` is {body.described} here and {census.usual.described} at {census.places} other places of the app, so "
            "clients have to read both.",
        )


@CONSTRAINT.rule(
    "errors-in-several-shapes",
    help="Choose one shape; raise `HTTPException` everywhere, and if you want another body than `{detail}`, write it in the "
    "three handlers.",
    docs=_HANDLERS,
)
@unless_rewritten
def errors_in_several_shapes(context: Context) -> Iterable[Hit]:
    """An app whose code writes its errors in several ways: by hand in many places, with `detail` in two forms, with status 200."""
    for service, ways in ways_of_services(context.project, http_operations(context)):
        yield hit_at_call(
            service.handlers.app.call, f"The code of this app writes errors in several ways, {ways}."
        )


# Handlers


@CONSTRAINT.rule(
    "handlers-cover-only-part",
    help="Write one function that makes the error body, and register handlers for Starlette's `HTTPException`, "
    "`RequestValidationError` and `Exception` that all use it; or leave all of them to FastAPI.",
    docs=_HANDLERS,
)
@unless_rewritten
def handlers_cover_only_part(context: Context) -> Iterable[Hit]:
    """An app that reshapes some errors and leaves the others as they are, or reshapes them in two ways."""
    for handlers in handlers_of_apps(context.project):
        different = different_shapes(handlers)
        if different:
            told = "; ".join(f"{what}: {shown_keys(keys)}" for what, keys in different)
            yield hit_at_call(
                handlers.app.call, f"The errors of this app have {len(different)} shapes: {told}."
            )


@CONSTRAINT.rule(
    "own-exception-in-another-shape",
    help="Let the handler write the shape that `HTTPException` has, or give `HTTPException` a handler with this one.",
    docs=_HANDLERS,
)
@unless_rewritten
def own_exception_in_another_shape(context: Context) -> Iterable[Hit]:
    """A handler for another exception answers otherwise than `HTTPException`, which an unknown path raises too."""
    for beside in answers_beside_common(context.project):
        if beside.place is not None:
            yield hit_at(
                beside.place,
                beside.module,
                f"`{beside.shown}` is answered with {beside.answer} here, and `HTTPException`, which FastAPI raises for an "
                f"unknown path too, with {beside.common}.",
            )
        else:
            yield hit_at_call(
                beside.app.call,
                f"The errors of this app have 2 shapes: `{beside.shown}` is answered with {beside.answer}, "
                f"`HTTPException` with {beside.common}.",
            )


@CONSTRAINT.rule(
    "handler-answers-in-two-shapes",
    help="Write one body, and put what differs into a field that all of them have.",
    docs=_HANDLERS,
)
@unless_rewritten
def handler_answers_in_two_shapes(context: Context) -> Iterable[Hit]:
    """A handler that answers one kind of error with `{detail}`, and the next with `{error, id}`."""
    for odd in answers_in_two_shapes(context.project):
        yield hit_at(
            odd.reply.value,
            odd.reply.function.module,
            f"The handler for `{odd.handler.shown}` answers with {shown_keys(odd.keys)} here, and otherwise with "
            f"{shown_keys(odd.usual)}.",
        )


@CONSTRAINT.rule(
    "http-exception-beside-own-errors",
    help="Raise the project's own exception here as well, or give `HTTPException` a handler that writes its shape.",
    docs=_HANDLERS,
)
@unless_rewritten
def http_exception_beside_own_errors(context: Context) -> Iterable[Hit]:
    """`HTTPException` where the app has an exception of its own for nearly all errors, answered in another shape."""
    project = context.project
    seen: set[int] = set()
    for service in services(project):
        for stray in stray_http_exceptions(service, project):
            if id(stray.call) not in seen:
                seen.add(id(stray.call))
                yield hit_at_call(
                    stray.call,
                    f"This `HTTPException` is answered with {shown_keys(stray.keys)}, and `{stray.usual}`, made at {stray.count} "
                    f"places of the app, with {shown_keys(stray.own_keys)}.",
                )


@CONSTRAINT.rule(
    "handler-misses-unknown-paths",
    help="Import it from Starlette: `from starlette.exceptions import HTTPException as StarletteHTTPException`, and register the "
    "handler for that; it covers FastAPI's too.",
    docs=_HANDLERS,
)
@unless_rewritten
def handler_misses_unknown_paths(context: Context) -> Iterable[Hit]:
    """A handler for `fastapi.HTTPException` alone: an unknown path and a wrong method raise Starlette's."""
    for handler, keys in handlers_of_fastapi_alone(context.project):
        yield hit_at(
            handler.place,
            handler.scope.module,
            "This handler is for FastAPI's own `HTTPException`; the 404 of an unknown path and the 405 of a wrong method are "
            f"Starlette's, so they keep `{{detail}}` where the others have {shown_keys(keys)}.",
        )


# A status that says something else

CONSTRAINT.rule(
    "http-error-replaced-by-500",
    help="Write `except HTTPException: raise` before it, or catch only what the calls inside can raise.",
)(http_error_replaced_by_500)
CONSTRAINT.rule(
    "http-exception-in-middleware",
    help='Return the answer: `return JSONResponse({"detail": "..."}, status_code=401)`; or check it in a dependency of the app.',
    docs="https://fastapi.tiangolo.com/tutorial/dependencies/global-dependencies/",
)(http_exception_in_middleware)
CONSTRAINT.rule(
    "client-error-answered-with-500",
    help="Answer 422 or 400: what the client sent is wrong, and it can mend that.",
)(client_error_answered_with_500)
CONSTRAINT.rule(
    "http-exception-with-wrong-arguments",
    help='It takes `status_code`, `detail` and `headers`: `HTTPException(404, "No such tool.")`.',
)(http_exception_with_wrong_arguments)
CONSTRAINT.rule(
    "input-error-raised-as-500",
    help="Let FastAPI check it, with an `Enum`, a `Literal` or a bound in the parameter's type; or raise "
    '`HTTPException(422, "...")`.',
)(input_error_raised_as_500)


# The running app


@CONSTRAINT.running_rule(
    "error-answers-differ",
    help="Register handlers for Starlette's `HTTPException`, `RequestValidationError` and `Exception` that write one shape.",
    docs=_HANDLERS,
    confirms=("handlers-cover-only-part",),
)
def error_answers_differ(context: Context, facts: AppFacts) -> Iterable[Hit | Cleared]:
    """What the app really answered to an unknown path, a wrong method, invalid input and an error that nobody caught."""
    yield from seen_in_answers(context.project, facts)


@CONSTRAINT.running_rule(
    "replaced-422-undocumented",
    help='Declare it once, for the app: `FastAPI(responses={422: {"model": Problem}})`.',
    docs="https://fastapi.tiangolo.com/advanced/additional-responses/",
)
def replaced_422_undocumented(context: Context, facts: AppFacts) -> Iterable[Hit]:
    """The document promises `HTTPValidationError`, and a handler answers something else."""
    told = undocumented_answer(facts)
    if told:
        yield hit_at_app(running_app(context.project, facts), told)
