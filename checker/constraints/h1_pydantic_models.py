"""Requests and responses are Pydantic models.

## What it asks

Every JSON body that comes in is a Pydantic model (or another typed structure), and every JSON answer that goes out has a type:
a return annotation, or `response_model`. `dict`, `Any`, a bare `list` and a raw `Request` are no types.

## Why it matters

The model is the contract. It refuses what does not fit, it keeps private fields inside, and it is what the OpenAPI document and
every generated client are made from.

## Example

```python
@app.post("/tools")
async def create_tool(tool: dict) -> dict:
    return await store.add(tool)
```

## Use instead

```python
@app.post("/tools", status_code=201)
async def create_tool(tool: ToolIn, store: Store) -> Tool:
    return await store.add(tool)
```

Files, redirects, HTML, streams and replies without a body (204) need no model.

## Known limits

An answer that another library's decorator or a custom route class builds is not followed. A raw body that is checked against a
signature, or handed to a model's `model_validate`, is accepted.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from checker.constraints.answers import (
    answers_of,
    answers_with_data,
    answers_without_body,
    declared_shape,
    fitting_model,
    response_model,
    returned,
)
from checker.constraints.flow import carriers
from checker.constraints.handmade import Answer, hand_made, is_none, is_schema
from checker.constraints.inputs import Place, operation_inputs
from checker.constraints.raw import raw_dependencies, raw_helpers, raw_reads
from checker.constraints.rule import Cleared, Constraint, Context, Hit, hit_at, hit_at_call, hit_at_function
from checker.constraints.shapes import Shape, shape_of
from checker.constraints.validation import validates
from checker.models.facts import AppFacts, RouteFact
from checker.source import Function, Operation, Project

CONSTRAINT = Constraint(
    id="H1",
    title="Requests and responses are Pydantic models",
    hard=True,
    docs="https://fastapi.tiangolo.com/tutorial/response-model/",
    page=__doc__ or "",
)
_BODY_DOCS = "https://fastapi.tiangolo.com/tutorial/body/"
_WEBSOCKET = (
    "Validate each message first: `Message.model_validate(await websocket.receive_json())`, and close with 1008 or answer "
    "an error where it does not fit."
)
_CHECKS = (".model_validate", ".parse_obj", ".validate_python", ".validate")
_MAY_BE_JSON = frozenset(
    {"", "JSONResponse", "ORJSONResponse", "UJSONResponse", "Response", "PlainTextResponse"}
)
"""A plain response holds what the code writes into it, which only the source shows."""
_ANSWER_RULES = ("answer-without-model", "free-mapping-answer", "response-model-switched-off")


@CONSTRAINT.applies_when
def _there_are_operations(context: Context) -> bool:
    return bool(context.project.operations) or bool(context.facts and context.facts.routes)


@CONSTRAINT.rule(
    "free-mapping-body",
    help="Declare a Pydantic model with the fields that you accept and use it as the parameter's type.",
    docs=_BODY_DOCS,
)
def free_mapping_body(context: Context) -> Iterable[Hit]:
    """A body parameter of type `dict`, `Any` or `list` without a type."""
    for operation in context.project.operations:
        if operation.websocket:
            continue
        for given in operation_inputs(operation, context.project):
            if given.place is not Place.BODY or validates(
                operation.function, carriers(operation.function, given.name), context.project
            ):
                continue
            if given.name.startswith("_"):
                continue  # `_=Body(None)`: says itself that nothing is taken from it.
            untyped = given.type is None or shape_of(given.type, given.scope, context.project) is Shape.FREE
            if untyped:
                kind = f"`{ast.unparse(given.type)}`" if given.type is not None else "no type"
                yield hit_at(
                    given.parameter.node,
                    operation.function.module,
                    f"The body of `{operation.label}` has {kind} as its type, so anything is accepted and nothing is documented.",
                    help=f"Declare a Pydantic model with the fields that you accept: `{given.name}: "
                    f"{_model_name(given.name)}`. FastAPI then answers 422 to everything else.",
                )


@CONSTRAINT.rule(
    "raw-request-body",
    help="Declare the body as a parameter with a Pydantic model; FastAPI reads, checks and documents it.",
    docs=_BODY_DOCS,
)
def raw_request_body(context: Context) -> Iterable[Hit]:
    """`await request.json()` in a path operation or its helper, instead of a model."""
    project = context.project
    for operation in project.operations:
        for call, _what in raw_reads(operation.function, project):
            source = "WebSocket" if operation.websocket else "body"
            yield hit_at_call(
                call,
                f"`{operation.label}` reads the raw {source} itself, so no model stands between it and the client.",
                help=_WEBSOCKET if operation.websocket else "",
            )
    for function, call, _what in raw_helpers(project):
        websocket = call.target.startswith("fastapi.WebSocket.")
        yield hit_at_call(
            call,
            f"`{function.short}` reads what the client sent itself, so no model stands between it and the service.",
            help=_WEBSOCKET if websocket else "",
        )
    for function, call in raw_dependencies(project):
        yield hit_at_call(
            call,
            f"`{function.short}` gives path operations what the client sent as it is, so no model stands between.",
            help="Declare the body with a Pydantic model in the dependency's parameters; FastAPI reads, checks and documents it.",
        )


def _model_name(parameter: str) -> str:
    """`tool_data` becomes `ToolDataIn`."""
    words = [word for word in parameter.split("_") if word]
    return "".join(word[:1].upper() + word[1:] for word in words) + "In"


@CONSTRAINT.rule(
    "answer-without-model",
    help="Write the type behind the arrow, `-> Tool`, or give `response_model=Tool` where the function returns "
    "something else.",
)
def answer_without_model(context: Context) -> Iterable[Hit]:
    """Neither a return annotation nor `response_model`, and the function answers with data."""
    for operation in context.project.operations:
        project = context.project
        if answers_without_body(operation, project) or declared_shape(operation, project) is not None:
            continue
        if response_model(operation) is not None:
            continue
        if answers_with_data(operation, project):
            yield hit_at_function(
                operation.function,
                f"`{operation.label}` has no return type and no `response_model`, so its answer is neither filtered nor documented.",
                help=_declare(operation, project),
                key=operation.label,
            )


def _declare(operation: Operation, project: Project) -> str:
    """What to write behind the arrow, as far as the returned values tell."""
    model = fitting_model(operation, project)
    if not model:
        return ""
    if model.startswith("`"):
        return f"Write the type behind the arrow: `-> {model.strip('`')}`."
    return f"Declare {model}, and write its name behind the arrow (or `response_model=`, where an object of another type is returned)."


@CONSTRAINT.rule(
    "free-mapping-answer",
    help="Declare a Pydantic model for the answer and write it behind the arrow.",
)
def free_mapping_answer(context: Context) -> Iterable[Hit]:
    """A declared answer of type `dict`, `Any`, a bare `list`, or JSON made by hand."""
    for operation in context.project.operations:
        project = context.project
        if answers_without_body(operation, project):
            continue
        shape = declared_shape(operation, project)
        values = returned(operation)
        if values and all(is_schema(value, operation.function) for value in values):
            continue  # What is in an OpenAPI document is not the service's to model.
        if shape is Shape.FREE and set(answers_of(operation, project)) == {Answer.RESPONSE}:
            continue  # `-> dict` over a template: the promise is wrong, but no data leaves by it.
        if shape is Shape.FREE:
            model = response_model(operation)
            written = (
                model if model is not None and not is_none(model) else operation.function.returns_annotation
            )
            kind = f"`{ast.unparse(written)}`" if written is not None else "`dict`"
            yield hit_at_function(
                operation.function,
                f"`{operation.label}` promises {kind}: anything may be in it, private fields too, and the document says nothing.",
                help=_declare(operation, project),
                key=operation.label,
            )
        elif response_model(operation) is None and _hides_json(operation, shape, project):
            yield hit_at_function(
                operation.function,
                f"`{operation.label}` promises a response object of its own making, so its answer has no model.",
                help=_declare(operation, project),
                key=operation.label,
            )


def _hides_json(operation: Operation, shape: Shape | None, project: Project) -> bool:
    """`-> JSONResponse`, or `-> Response` with JSON made by hand in it; answers that are errors do not count."""
    if shape not in {Shape.JSON_RESPONSE, Shape.RESPONSE}:
        return False
    kinds = {hand_made(value, operation.function, project) for value in returned(operation)}
    if Answer.JSON in kinds:
        return True
    return shape is Shape.JSON_RESPONSE and not kinds & {Answer.ERROR, Answer.RESPONSE}


@CONSTRAINT.rule(
    "response-model-switched-off",
    help="Remove `response_model=None` and declare the type of the answer.",
)
def response_model_switched_off(context: Context) -> Iterable[Hit]:
    """`response_model=None` on an operation that answers with data."""
    for operation in context.project.operations:
        project = context.project
        model = response_model(operation)
        if model is None or not is_none(model) or answers_without_body(operation, project):
            continue
        if declared_shape(operation, project) in {None, Shape.FREE} and answers_with_data(operation, project):
            yield hit_at_function(
                operation.function,
                f"`{operation.label}` switches its response model off and answers with data.",
                key=operation.label,
            )


# The running app


@CONSTRAINT.running_rule(
    "route-without-model",
    help="Declare the answer's type behind the arrow, or with `response_model`.",
    confirms=_ANSWER_RULES,
)
def route_without_model(context: Context, facts: AppFacts) -> Iterable[Hit | Cleared]:
    """What the route table of the running app says about answers."""
    project = context.project
    judged = {o.function for o in project.operations if not o.has_open_keywords}
    checks = (answer_without_model, free_mapping_answer, response_model_switched_off)
    reported = {project.function_at(h.path or "", h.line or 0) for check in checks for h in check(context)}
    for route in facts.routes:
        site = route.site
        function = project.function_at(site.path, site.line) if site is not None else None
        if site is None or function is None or route.websocket:
            continue
        if _is_typed(route) or not _is_json(route):
            yield Cleared(path=site.path, line=site.line, rules=_ANSWER_RULES)
        elif function in reported:
            yield Hit(path=site.path, line=site.line, message=_unfiltered(route), note=_confirmation(route))
        # The route table alone cannot tell a file from JSON: the code of the function has to.
        elif route.response_model is None and function not in judged and _gives_data(function, route):
            yield Hit(path=site.path, line=site.line, message=_unfiltered(route))


def _unfiltered(route: RouteFact) -> str:
    return f"`{_label(route)}` answers without a response model."


def _confirmation(route: RouteFact) -> str:
    if route.response_model is None:
        return "The running app's route has no model either."
    return f"The running app's route lets everything through as `{route.response_model}`."


def _gives_data(function: Function, route: RouteFact) -> bool:
    """Whether an operation that the source does not declare plainly hands back data that nothing describes."""
    if not route.include_in_schema or function.returns_annotation is not None:
        return False
    values = [statement.value for statement in function.returns]
    return any(isinstance(value, (ast.Dict, ast.DictComp, ast.List, ast.ListComp)) for value in values)


@CONSTRAINT.running_rule(
    "route-with-untyped-body",
    help="Declare a Pydantic model with the fields that you accept and use it as the parameter's type.",
    docs=_BODY_DOCS,
    confirms=("free-mapping-body",),
)
def route_with_untyped_body(context: Context, facts: AppFacts) -> Iterable[Hit | Cleared]:
    """Bodies of the running app that accept anything."""
    project = context.project
    judged = {operation.function for operation in project.operations}
    reported = {project.function_at(hit.path or "", hit.line or 0) for hit in free_mapping_body(context)}
    for route in facts.routes:
        site = route.site
        function = project.function_at(site.path, site.line) if site is not None else None
        if site is None or function is None or not route.body:
            continue
        if route.body_is_typed and not any("dict" in name.lower() for name in route.body):
            yield Cleared(path=site.path, line=site.line, rules=("free-mapping-body",))
            continue
        # Where the static rules saw it, they saw as well whether it is checked afterwards.
        unseen = function not in judged and not any(c.target.endswith(_CHECKS) for c in function.calls)
        if not route.body_is_typed and route.include_in_schema and (function in reported or unseen):
            yield Hit(
                path=site.path,
                line=site.line,
                message=f"The body of `{_label(route)}` has no type, so anything is accepted.",
                note="The running app's route takes an untyped body too.",
            )


def _label(route: RouteFact) -> str:
    return f"{'/'.join(route.methods)} {route.path}"


def _is_typed(route: RouteFact) -> bool:
    """A mapping of plain values is typed for Python and still no model."""
    model = route.response_model
    return model is not None and route.response_model_is_typed and "dict" not in model.lower()


def _is_json(route: RouteFact) -> bool:
    """Whether the route may answer with one JSON document: not with a page, a file, a stream, a redirect or nothing."""
    if route.stream_item is not None:
        return False
    if route.status_code is not None and (
        route.status_code in {204, 205, 304} or 300 <= route.status_code < 400
    ):
        return False
    return route.response_class.rpartition(".")[2] in _MAY_BE_JSON
