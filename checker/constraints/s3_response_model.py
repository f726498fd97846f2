"""A response model is preferred over serialising by hand.

## What it asks

A path operation returns objects and lets FastAPI serialise them through the declared type. It builds no `JSONResponse`, no
`json.dumps` text and no dictionary of its own.

## Why it matters

A response made by hand goes round the model: nothing is filtered, so private fields leak, and nothing is checked or documented. It
is slower too: with a declared type Pydantic writes the JSON directly.

## Example

```python
@app.get("/tools/{tool_id}")
async def read_tool(tool_id: int, store: Store) -> Tool:
    tool = await store.get(tool_id)
    return JSONResponse(tool.model_dump(mode="json"))
```

## Use instead

```python
@app.get("/tools/{tool_id}")
async def read_tool(tool_id: int, store: Store) -> Tool:
    return await store.get(tool_id)
```

Set a status with `status_code=` or `response.status_code`, headers through a `response: Response` parameter.

## When it may be flexed

The answer needs a transformation that no model can express, for example a document whose keys are data.

## Known limits

Exception handlers, middleware, streams and files are left alone, and so is an error answer with its own status. A dictionary that
a declared response model checks is accepted.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator

from checker.constraints.answers import (
    answers_without_body,
    declared_shape,
    fitting_model,
    response_name,
    returned,
)
from checker.constraints.dictionaries import LOADS, is_made_by_hand
from checker.constraints.handmade import DUMPS, Answer, hand_made, is_dumped, is_schema, leaves, takes_status
from checker.constraints.rule import Cleared, Constraint, Context, Hit, hit_at
from checker.constraints.shapes import JSON_CLASSES, Shape
from checker.models.facts import AppFacts
from checker.source import Class, Function, Operation, Project

CONSTRAINT = Constraint(
    id="S3",
    title="Response models instead of serialising by hand",
    hard=False,
    docs="https://fastapi.tiangolo.com/tutorial/response-model/",
    page=__doc__ or "",
)
_UNCHECKED = frozenset({None, Shape.FREE, Shape.RESPONSE, Shape.JSON_RESPONSE})
"""FastAPI makes no response model of a response class: what comes back under such a promise is checked by nothing."""


@CONSTRAINT.applies_when
def _there_are_operations(context: Context) -> bool:
    return any(not operation.websocket for operation in context.project.operations)


def _http(context: Context) -> list[Operation]:
    return [operation for operation in context.project.operations if not operation.websocket]


@CONSTRAINT.rule(
    "json-response-by-hand",
    help="Return the object itself and declare its type behind the arrow; set status and headers through "
    "`status_code=` and a `response: Response` parameter.",
)
def json_response_by_hand(context: Context) -> Iterable[Hit]:
    """`return JSONResponse(...)` from a path operation."""
    helpers = Counter(
        _helper(value, operation.function) for operation in _http(context) for value in returned(operation)
    )
    told: set[int] = set()
    for operation in _http(context):
        for made, wrapper in _makings_around(operation, context.project):
            if id(made) not in told:
                told.add(id(made))
                yield hit_at(
                    made,
                    wrapper.module,
                    f"`{wrapper.short}` puts a JSON response around what `{operation.label}` returns, past its response model.",
                )
        for value in returned(operation):
            name = response_name(value, operation, context.project)
            if (
                name not in JSON_CLASSES
                or hand_made(value, operation.function, context.project) is not Answer.JSON
            ):
                continue
            own = _own_class(value, operation, context.project)
            if (
                _has_own_serialiser(own, context.project)
                and declared_shape(operation, context.project) is Shape.TYPED
            ):
                continue  # Faster on purpose, under a model that documents it.
            shown = own.node.name if own is not None else name.rpartition(".")[2]
            for made, maker in _makings(value, operation.function, helpers, context.project):
                yield hit_at(
                    made,
                    maker.module,
                    f"`{operation.label}` builds a `{shown}` itself, past the response model.",
                )
            for made, maker in _makings_in_helpers(value, operation.function, helpers, context.project):
                if id(made) not in told:
                    told.add(id(made))
                    yield hit_at(
                        made,
                        maker.module,
                        f"`{maker.short}` builds a `{shown}` for several path operations, past their response models.",
                    )


_DEEPEST = 3


def _helper(value: ast.expr, function: Function) -> Function | None:
    """The function whose result a path operation hands back as it is, also under a name that it gets on the way."""
    bindings = function.bindings.get(value.id, []) if isinstance(value, ast.Name) else []
    if len(bindings) == 1 and bindings[0].value is not None:
        value = bindings[0].value
    call = value.value if isinstance(value, ast.Await) else value
    found = next((c.callee for c in function.calls if c.node is call), None)
    return found if found is not None and not found.name.endswith("__init__") else None


def _makings(
    value: ast.expr, function: Function, helpers: Counter[Function | None], project: Project, depth: int = 0
) -> list[tuple[ast.expr, Function]]:
    """Where a response is made: in the helper that does the work of one path operation, or in the operation itself.

    A helper that serves several, or that does nothing but wrap, makes what each of them asks for, so each is told.
    """
    helper = _helper(value, function)
    if helper is None or helpers[helper] > 1 or _only_wraps(helper) or depth > _DEEPEST:
        return [(value, function)]
    inside = [
        making
        for statement in helper.returns
        for leaf in leaves(statement.value)
        if hand_made(leaf, helper, project) is Answer.JSON
        for making in _makings(leaf, helper, helpers, project, depth + 1)
    ]
    return inside or [(value, function)]


def _only_wraps(helper: Function) -> bool:
    """`return JSONResponse({"data": data})`; one that says more than it is given makes an answer."""
    if len(helper.body) > 1:
        return False
    said = [node for node in ast.walk(helper.body[0]) if isinstance(node, ast.Dict)]
    return not any(isinstance(value, (ast.Constant, ast.Dict)) for one in said for value in one.values)


def _makings_in_helpers(
    value: ast.expr, function: Function, helpers: Counter[Function | None], project: Project
) -> list[tuple[ast.expr, Function]]:
    """Where a helper makes the responses of several path operations: one place, and all of them go past their models."""
    helper = _helper(value, function)
    if helper is None or helpers[helper] < _SEVERAL:
        return []
    return [
        (leaf, helper)
        for statement in helper.returns
        for leaf in leaves(statement.value)
        if hand_made(leaf, helper, project) is Answer.JSON or takes_status(leaf, helper)
    ]


_SEVERAL = 2


def _makings_around(operation: Operation, project: Project) -> Iterator[tuple[ast.expr, Function]]:
    """Where a decorator of the project makes a JSON response of what the path operation returns."""
    for decorator in project.edges.own_decorators(operation.function):
        for wrapper in decorator.functions.values():
            for statement in wrapper.returns:
                for leaf in leaves(statement.value):
                    if isinstance(leaf, ast.Call) and hand_made(leaf, wrapper, project) is Answer.JSON:
                        yield leaf, wrapper


def _own_class(value: ast.expr, operation: Operation, project: Project) -> Class | None:
    """The project's own response class that an expression makes an instance of."""
    made = project.names.evaluate(value, operation.function)
    return made.item if made is not None and isinstance(made.item, Class) else None


def _has_own_serialiser(made: Class | None, project: Project) -> bool:
    """A plain `Response` that writes the JSON itself, and not a `JSONResponse` by another name."""
    return made is not None and not set(project.names.lineage(made)[1]) & JSON_CLASSES


@CONSTRAINT.rule(
    "json-text-by-hand",
    help="Return the object and declare its type; FastAPI writes the JSON.",
)
def json_text_by_hand(context: Context) -> Iterable[Hit]:
    """`json.dumps(...)` in what a path operation returns, or dumping and parsing again."""
    for operation in _http(context):
        if answers_without_body(operation, context.project):
            continue
        for value in returned(operation):
            name = response_name(value, operation, context.project)
            if name in JSON_CLASSES:
                continue
            made = hand_made(value, operation.function, context.project)
            if made is Answer.JSON or (made is None and _is_json_text(value, operation, context.project)):
                yield hit_at(
                    value,
                    operation.function.module,
                    f"`{operation.label}` makes its JSON by hand, so nothing is filtered, checked or documented.",
                )


def _is_json_text(value: ast.expr, operation: Operation, project: Project) -> bool:
    if is_dumped(value, operation.function, project):
        return True
    if not isinstance(value, ast.Call) or not value.args or not isinstance(value.args[0], ast.Call):
        return False
    if project.names.qualify(value.func, operation.function) not in LOADS:
        return False
    # Text that was just dumped, parsed again; text that came from elsewhere is another matter.
    first = value.args[0]
    last = first.func.attr if isinstance(first.func, ast.Attribute) else ""
    return (
        last in {"json", "model_dump_json", "to_json"}
        or project.names.qualify(first.func, operation.function) in DUMPS
    )


@CONSTRAINT.rule(
    "dictionary-by-hand",
    help="Declare a small Pydantic model for this answer and return an instance of it.",
)
def dictionary_by_hand(context: Context) -> Iterable[Hit]:
    """A dictionary put together in the `return`, with no model that checks it."""
    for operation in _http(context):
        project = context.project
        shape = declared_shape(operation, project)
        if answers_without_body(operation, project) or shape not in _UNCHECKED:
            continue
        for value in returned(operation):
            plain = value.value if isinstance(value, ast.Await) else value
            if shape is Shape.FREE and isinstance(plain, ast.DictComp):
                continue  # Its keys are data, and its type is written down.
            made = is_made_by_hand(plain, operation.function, project)
            if (
                made
                and not is_schema(value, operation.function)
                and not _is_json_text(value, operation, project)
            ):
                yield hit_at(
                    value,
                    operation.function.module,
                    f"`{operation.label}` answers with a dictionary made by hand, which no model checks or documents.",
                    help=_model_for(operation, project),
                )


def _model_for(operation: Operation, project: Project) -> str:
    """Which model to declare, as far as the answer shows it."""
    model = fitting_model(operation, project)
    if model.startswith("`"):
        return f"Return the object itself and write its type behind the arrow: `-> {model.strip('`')}`."
    return f"Declare {model} and return an instance of it." if model else ""


# The running app


@CONSTRAINT.running_rule(
    "dictionary-past-the-model",
    help="Declare a small Pydantic model for this answer and return an instance of it.",
)
def answer_checked_by_model(context: Context, facts: AppFacts) -> Iterable[Cleared]:
    """A route whose model checks the dictionary after all, or that answers with something else than JSON."""
    for route in facts.routes:
        if route.site is None or route.websocket:
            continue
        model = route.response_model
        is_checked = model is not None and route.response_model_is_typed and "dict" not in model.lower()
        if is_checked or route.stream_item is not None:
            yield Cleared(path=route.site.path, line=route.site.line, rules=("dictionary-by-hand",))
