"""All input is validated at the API boundary.

## What it asks

What a client sends is declared, typed and bounded before the function runs: page sizes have limits, bodies have models, query
parameters are parameters, and no file path is made from a text that the client chose.

## Why it matters

`limit=-1` reads a whole table on SQLite, `limit=10000000` fills the memory, `../../etc/passwd` is a file name too. Declared bounds
refuse these with 422 before any of your code runs, and they stand in the document.

## Example

```python
@app.get("/tools")
async def list_tools(store: Store, limit: int = 100, offset: int = 0) -> list[Tool]:
    return await store.page(limit=limit, offset=offset)
```

## Use instead

```python
Limit = Annotated[int, Query(ge=1, le=100)]
Offset = Annotated[int, Query(ge=0)]


@app.get("/tools")
async def list_tools(store: Store, limit: Limit = 20, offset: Offset = 0) -> list[Tool]:
    return await store.page(limit=limit, offset=offset)
```

## Known limits

A value is followed inside the path operation or dependency that takes it, and into the project's own functions that it is handed to.
Where one of them compares it, matches it, cuts it with `min()` or hands it to something that checks it, nothing is reported. A raw
body that is checked against a signature is accepted, and so is one of which code written for it looks at most fields. An id is
reported where it becomes a `UUID`, an `ObjectId` or a number, goes to a parameter that promises a `UUID`, or looks up a column of
them; with a handler for `ValueError` in the app it is not.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import replace

from checker.constraints.boundary import (
    boundary_inputs,
    entrances,
    models_body_in_dependency,
    taker_validates,
)
from checker.constraints.client_paths import PATH_CALLS
from checker.constraints.client_queries import attribute_use, client_uses, sql_use
from checker.constraints.client_text import TEXT_CALLS
from checker.constraints.client_urls import url_use
from checker.constraints.divisors import divisions
from checker.constraints.document import documented_bounds
from checker.constraints.flow import carriers, is_checked, is_used
from checker.constraints.free_fields import attributes_set
from checker.constraints.inputs import (
    Place,
    bounds_of,
    is_whole_number,
    operation_inputs,
)
from checker.constraints.looks import is_looked_at
from checker.constraints.page_objects import is_bounded_in_object, is_bounded_where_read, pages_by
from checker.constraints.paging import is_clamped, library_sizes, paging_model, unbounded_fields
from checker.constraints.paging_names import (
    example_of,
    is_paging,
    is_sampling,
    missing_bounds,
    remedy_for,
)
from checker.constraints.raw import (
    helpers_with_request,
    keys_written,
    raw_helpers,
    raw_in_middleware,
    raw_lookups,
    raw_reads,
    spread_elsewhere,
)
from checker.constraints.rule import Cleared, Constraint, Context, Hit, hit_at, hit_at_call
from checker.constraints.told_ids import told_ids
from checker.constraints.told_mappings import told_mappings
from checker.constraints.told_paths import told_paths
from checker.constraints.told_texts import told_texts
from checker.constraints.unsigned import unsigned_parses
from checker.constraints.validation import (
    is_checked_by_hand,
    is_validated,
    verifies_token,
)
from checker.models.facts import AppFacts

CONSTRAINT = Constraint(
    id="H5",
    title="All input is validated at the API boundary",
    hard=True,
    docs="https://fastapi.tiangolo.com/tutorial/query-params-str-validations/",
    page=__doc__ or "",
)
_NUMBERS = "https://fastapi.tiangolo.com/tutorial/path-params-numeric-validations/"
_BODY = "https://fastapi.tiangolo.com/tutorial/body/"


@CONSTRAINT.applies_when
def _there_are_operations(context: Context) -> bool:
    return bool(context.project.operations) or bool(context.facts and context.facts.routes)


@CONSTRAINT.rule(
    "unbounded-page-size",
    help="Bound it where it is declared: `Annotated[int, Query(ge=1, le=100)]` for a size, `Query(ge=0)` for an offset.",
    docs=_NUMBERS,
)
def unbounded_page_size(context: Context) -> Iterable[Hit]:
    """A whole number such as `limit` or `skip` without bounds that reaches a query or a slice."""
    project = context.project
    for function, label, given in boundary_inputs(project):
        if given.place is not Place.QUERY or not is_paging(given.name):
            continue
        if not is_whole_number(given.type, given.scope, project):
            continue
        if is_sampling(given.name, {p.name for p in function.parameters}):
            continue
        bounds = bounds_of(given.metadata, given.type, given.scope, project)
        missing = missing_bounds(given.name, bounds.lower, bounds.upper)
        if bounds.unsure or not missing:
            continue
        if not pages_by(function, given.name, project):
            continue
        if is_bounded_in_object(function, given.name, project) or is_bounded_where_read(
            function, given.name, project
        ):
            continue
        if is_checked(function, {given.name}, counts=False) or is_clamped(function, given.name, missing):
            continue
        yield hit_at(
            given.parameter.node,
            function.module,
            f"{label} takes `{given.name}` with no {missing}, and it reaches a query or a slice: {example_of(given.name, missing)}.",
            help=remedy_for(given.name),
        )


@CONSTRAINT.rule(
    "unbounded-page-size-in-model",
    help="Bound the field: `Annotated[int, Field(ge=1, le=100)]` for a size, `Field(ge=0)` for an offset.",
    docs="https://fastapi.tiangolo.com/tutorial/query-param-models/",
)
def unbounded_page_size_in_model(context: Context) -> Iterable[Hit]:
    """The same in a model of query parameters, or in a body whose size reaches a query."""
    project = context.project
    for function, label, given in boundary_inputs(project):
        model = paging_model(given, project)
        if model is None:
            continue
        for name, field, home, missing in unbounded_fields(model, given, function, project):
            yield Hit(
                path=home.module.path,
                line=field.line,
                column=home.node.body[0].col_offset,
                message=f"{label} takes `{name}` through `{model.name}` with no {missing}: {example_of(name, missing)}.",
            )
    for name, field, home, missing in library_sizes(project):
        yield Hit(
            path=home.module.path,
            line=field.line,
            column=home.node.body[0].col_offset,
            message=f"`{home.node.name}` takes `{name}` from the query with no {missing}: {example_of(name, missing)}.",
        )


@CONSTRAINT.rule(
    "divisor-without-bound",
    help="Give it a lower bound where it is declared: `Annotated[int, Query(ge=1)]`, or `Field(ge=1)` in a model.",
    docs=_NUMBERS,
)
def divisor_without_bound(context: Context) -> Iterable[Hit]:
    """A whole number of the client's that something is divided by, where 0 is let in."""
    for found in divisions(context.project):
        yield Hit(
            path=found.path,
            line=found.line,
            column=found.column,
            message=f"{found.label} divides by `{found.name}` ({found.place}), which may be 0: the answer is a 500.",
            key=found.name,
        )


@CONSTRAINT.rule(
    "free-mapping-input",
    help="Declare a Pydantic model with the fields that you accept, each with its type and limits.",
    docs=_BODY,
)
def free_mapping_input(context: Context) -> Iterable[Hit]:
    """A body of type `dict` or `Any` that nothing checks afterwards, or such a field of a body whose keys the service relies on."""
    return told_mappings(context.project)


@CONSTRAINT.rule(
    "raw-body-unchecked",
    help="Declare a Pydantic model as a parameter, or hand the data to `Model.model_validate(...)` first.",
    docs=_BODY,
)
def raw_body_unchecked(context: Context) -> Iterable[Hit]:
    """`await request.json()`, `.form()` or a WebSocket message that goes on unchecked."""
    project = context.project
    for entrance in entrances(project):
        function, label = entrance.function, entrance.label
        reads_raw = list(raw_reads(function, project))
        if reads_raw and function in project.framework.dependencies and taker_validates(function, project):
            continue
        if reads_raw and models_body_in_dependency(function, project):
            continue
        for call, _what in reads_raw:
            if is_checked_by_hand(function, call.node):
                continue
            yield hit_at_call(call, f"{label} takes what the client sent as it is; no model has checked it.")
        for call in unsigned_parses(function, project):
            yield hit_at_call(
                call,
                f"{label} goes on with what was sent here as it is: its signature is checked in the other branch alone.",
            )
    for function, call in raw_in_middleware(project):
        yield hit_at_call(
            call,
            f"The middleware `{function.short}` relies on what the client sent; no model has checked it.",
        )
    for function, call, _what in raw_helpers(project, by_hand=True):
        yield hit_at_call(
            call, f"`{function.short}` takes what the client sent as it is; no model has checked it."
        )


@CONSTRAINT.rule(
    "raw-query-parameter",
    help="Declare it as a parameter: `name: Annotated[str, Query(max_length=50)]`. It is then checked and documented.",
)
def raw_query_parameter(context: Context) -> Iterable[Hit]:
    """`request.query_params["x"]` or `request.path_params["x"]` instead of a declared parameter."""
    project = context.project
    places = [(entrance.function, entrance.label) for entrance in entrances(project)]
    places += [(function, f"`{function.short}`") for function in helpers_with_request(project)]
    for function, label in places:
        lines: set[int] = set()
        lookups = (n for n in raw_lookups(function, project) if not is_looked_at(function, n))
        whole = list(spread_elsewhere(function, project))
        for node in (*lookups, *keys_written(function, project), *whole):
            if node.lineno in lines or (
                node not in whole
                and (is_validated(function, node, project) or verifies_token(function, node))
            ):
                continue
            lines.add(node.lineno)
            yield hit_at(
                node,
                function.module,
                f"{label} reads a parameter from the raw request, so it is neither checked nor documented.",
            )


@CONSTRAINT.rule(
    "json-text-unchecked",
    help="Declare the parameter with the type that the JSON has: `filters: Annotated[Json[Filters], Query()]`, or a model as the "
    "body. FastAPI then parses it, checks it and answers 422.",
    docs="https://fastapi.tiangolo.com/tutorial/query-param-models/",
)
def json_text_unchecked(context: Context) -> Iterable[Hit]:
    """A text or file that goes to `json.loads` with nothing that catches what is no JSON, and no model that checks it."""
    return told_texts(context.project)


@CONSTRAINT.rule(
    "file-path-from-client",
    help="Accept an id or an enum instead of a path, give it a `pattern`, or resolve the path and check "
    "`is_relative_to(base)` before it is used.",
    docs="https://fastapi.tiangolo.com/tutorial/path-params/#predefined-values",
)
def file_path_from_client(context: Context) -> Iterable[Hit]:
    """A text from the client that becomes part of a file path without a check, where it is taken and where the path is made."""
    return told_paths(context.project)


@CONSTRAINT.rule(
    "unparsed-object-id",
    help="Give the parameter the type itself: `tool_id: UUID`, or `PydanticObjectId` for MongoDB. FastAPI answers 422 to what is "
    "no id.",
    docs="https://fastapi.tiangolo.com/tutorial/path-params/#path-parameters-with-types",
)
def unparsed_object_id(context: Context) -> Iterable[Hit]:
    """A text from the client that has to be an `ObjectId`, a `UUID` or a number, with nothing that catches what is none."""
    return told_ids(context.project)


@CONSTRAINT.rule(
    "parameter-without-type",
    help="Give it its type, `task_id: UUID`, `name: Annotated[str, Path(max_length=50)]`: FastAPI then checks and documents it.",
    docs="https://fastapi.tiangolo.com/tutorial/path-params/#path-parameters-with-types",
)
def parameter_without_type(context: Context) -> Iterable[Hit]:
    """A part of the path without a type that nothing checks: whatever the client sends goes on as it is."""
    for operation in context.project.operations:
        function = operation.function
        for given in operation_inputs(operation, context.project):
            untyped = given.place is Place.PATH and given.parameter.annotation is None
            if not untyped or operation.websocket or not is_used(function, given.name):
                continue
            if is_checked(function, carriers(function, given.name, through=TEXT_CALLS | PATH_CALLS)):
                continue
            yield hit_at(
                given.parameter.node,
                function.module,
                f"`{operation.label}` takes `{given.name}` from the path with no type, and nothing checks it.",
                key=given.name,
            )


@CONSTRAINT.rule(
    "attribute-chosen-by-client",
    help='Declare the names that may be chosen: `sort: Annotated[Literal["name", "price"], Query()]`, or look the column up in a '
    "dictionary of your own. FastAPI then answers 422 to any other.",
    docs="https://fastapi.tiangolo.com/tutorial/path-params/#predefined-values",
)
def attribute_chosen_by_client(context: Context) -> Iterable[Hit]:
    """A text from the client that chooses a column or another attribute: `getattr(Tool, sort_by)`, `setattr(tool, key, value)`."""
    for operation in context.project.operations:
        function, label = operation.function, f"`{operation.label}`"
        for given in operation_inputs(operation, context.project):
            for call in attributes_set(given, function, context.project) if given.place is Place.BODY else ():
                yield hit_at(
                    call,
                    function.module,
                    f"{label} sets every attribute that the client names, the id or the owner too.",
                    help="Declare a model with the fields that may change, and go through `model_dump(exclude_unset=True)` of it.",
                )
    for use in client_uses(context.project, attribute_use):
        yield hit_at(
            use.shown,
            use.home.module,
            f"{use.label} lets the client choose any attribute through `{use.source}`, with `{ast.unparse(use.node)}` ({use.place}): one "
            "that is not there ends in a 500, and one that is not meant for clients is there too.",
            key=use.source,
        )


@CONSTRAINT.rule(
    "query-text-from-client",
    help='Hand the value over as a bound parameter: `text("... WHERE name = :name")` with `{"name": name}`; what cannot be bound, '
    "such as a column, is chosen from an enum.",
    docs="https://fastapi.tiangolo.com/tutorial/query-params-str-validations/",
)
def query_text_from_client(context: Context) -> Iterable[Hit]:
    """A text from the client that is written into the text of a query: `f"SELECT ... WHERE name = '{name}'"`."""
    for use in client_uses(context.project, sql_use):
        yield hit_at(
            use.shown,
            use.home.module,
            f"{use.label} writes `{use.source}`, any text of the client's, into the text of a query ({use.place}): with a quote in it, "
            "the rest is the client's own query.",
            key=use.source,
        )


@CONSTRAINT.rule(
    "address-chosen-by-client",
    help="Let the client choose one of the addresses that you know, or check the host against a list before it is fetched; `HttpUrl` "
    "as the type refuses what is no address.",
    docs="https://fastapi.tiangolo.com/tutorial/extra-data-types/",
)
def address_chosen_by_client(context: Context) -> Iterable[Hit]:
    """A text from the client that the service fetches as an address, without a look at the host."""
    for use in client_uses(context.project, url_use):
        yield hit_at(
            use.shown,
            use.home.module,
            f"{use.label} fetches whatever address stands in `{use.source}` ({use.place}): the client reaches what only this service "
            "may reach, the machines behind it among them.",
            key=use.source,
        )


# The running app


@CONSTRAINT.running_rule(
    "page-size-unbounded-in-document",
    help="Bound it where it is declared: `Annotated[int, Query(ge=1, le=100)]` for a size, `Query(ge=0)` for an offset.",
    docs=_NUMBERS,
    confirms=("unbounded-page-size",),
)
def page_size_unbounded_in_document(context: Context, facts: AppFacts) -> Iterable[Hit | Cleared]:
    """What the document of the running app says of the sizes and offsets that the source seems to leave open."""
    project = context.project
    for hit in unbounded_page_size(context):
        function = project.function_at(hit.path or "", hit.line or 0)
        if function is None or hit.path is None or hit.line is None:
            continue
        place = (hit.line, hit.column)
        given = next((p for p in function.parameters if (p.node.lineno, p.node.col_offset) == place), None)
        if given is None:
            continue
        bounds = documented_bounds(function, given.name, project, facts)
        if bounds is None:
            continue
        if all(bounds):
            yield Cleared(path=hit.path, line=hit.line, rules=("unbounded-page-size",), column=hit.column)
        elif not any(bounds):
            yield replace(hit, note="The document of the running app gives it no bounds either.")
