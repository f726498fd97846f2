"""Cursor pagination is preferred over offset pagination.

## What it asks

A list that can grow is read page by page from a key: "the next twenty after this one". It is not read from a row number or a page
number that the client sends.

## Why it matters

For `OFFSET 100000` the database reads a hundred thousand rows and throws them away, so each page is slower than the one before. And
while other people add and delete, the numbers shift: the client sees a row twice, or never.

## Example

```python
@app.get("/tools")
async def list_tools(session: Session, skip: int = 0, limit: Limit = 20) -> list[Tool]:
    rows = select(ToolRow).order_by(ToolRow.id).offset(skip).limit(limit)
    return list(await session.scalars(rows))
```

## Use instead

```python
@app.get("/tools")
async def list_tools(session: Session, after: int = 0, limit: Limit = 20) -> list[Tool]:
    rows = select(ToolRow).where(ToolRow.id > after).order_by(ToolRow.id).limit(limit)
    return list(await session.scalars(rows))
```

The last row's key is the next page's `after`. Where the order is not by the key alone, compare both columns:
`tuple_(ToolRow.name, ToolRow.id) > tuple_(name, id)`.

## When it may be flexed

A list that stays short, or a table in an office screen where people jump to page seven.

## Known limits

The number is followed from the path operation or dependency through calls, attributes and objects into the query; where the query
stands elsewhere, the parameter that takes the number is reported as well, and so is the call that hands it on; a field of a model is
reported once, whatever uses the model. A parameter that goes with a page size into the query string of another service is reported
where it comes in, and so is a call that asks some other service for a window, `get_messages(limit=size, offset=start)`. A slice
of a list is reported where the list is all rows of a query; any other list in memory is left alone, so is a number
that is handed to another service in other ways, and a query with an offset that no request reaches; one that requests reach and whose offset they
leave at its default is reported, for the next request may set it. Of a function of the service that nothing is seen to call, a
parameter that is called `offset`, `skip` or `page` is taken for the client's. An offset that `le=` keeps at a thousand rows or
below, or at ten pages, counts as a short list.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from checker.constraints.client_offsets import Taken, paging_of
from checker.constraints.loaded_lists import loads_rows
from checker.constraints.offset_queries import OffsetQuery
from checker.constraints.rule import Constraint, Context, Hit, hit_at_call
from checker.source import Call, Function, Operation, Project

CONSTRAINT = Constraint(
    id="S7",
    title="Cursor over offset pagination",
    hard=False,
    docs="https://fastapi.tiangolo.com/tutorial/query-param-models/",
    page=__doc__ or "",
)
_HELP = "Page by key: take `after`, ask for `where(key > after).order_by(key).limit(limit)`, and answer with the last key."


@CONSTRAINT.applies_when
def _there_are_operations(context: Context) -> bool:
    return any(not operation.websocket for operation in context.project.operations)


@CONSTRAINT.rule("offset-in-query", help=_HELP)
def offset_in_query(context: Context) -> Iterable[Hit]:
    """The query that takes the client's offset or page number."""
    paging = paging_of(context.project)
    for query in paging.queries:
        yield _hit(
            query,
            "by a number from the client: the database reads every row before the page, and rows move between pages.",
        )
    for query in paging.at_zero:
        yield _hit(
            query,
            "by a row number. No request sets it yet; the first that does reads every row before its page.",
        )


def _hit(query: OffsetQuery, sentence: str) -> Hit:
    return Hit(
        path=query.module.path,
        line=query.line,
        column=query.node.col_offset,
        first_line=query.first_line,
        message=f"`{query.what}` in `{query.function.short}` pages {sentence}",
    )


@CONSTRAINT.rule("offset-from-client", help=_HELP)
def offset_from_client(context: Context) -> Iterable[Hit]:
    """The parameter of a path operation whose offset or page number ends in such a query elsewhere."""
    labels = {operation.function: operation.label for operation in context.project.operations}
    for taken in paging_of(context.project).taken:
        function, query = taken.function, taken.query
        yield Hit(
            path=function.module.path,
            line=taken.parameter.node.lineno,
            column=taken.parameter.node.col_offset,
            first_line=function.first_line,
            message=f"`{labels.get(function, function.short)}` takes an offset or page number (`{taken.parameter.name}`), which ends in "
            f"a {_goal(query)} (`{query.what}`, {query.module.path}:{query.line}).",
            trace=_trace(taken),
        )


@CONSTRAINT.rule("offset-in-model", help=_HELP)
def offset_in_model(context: Context) -> Iterable[Hit]:
    """The field of a model that carries the client's offset or page number into such a query."""
    for field in paging_of(context.project).fields:
        query = field.query
        yield Hit(
            path=field.model.module.path,
            line=field.binding.line,
            message=f"`{field.name}` of `{field.model.name}` is an offset or page number from the client, which ends in a query "
            f"(`{query.what}`, {query.module.path}:{query.line}).",
            trace=(f"{query.module.path}:{query.line} `{query.what}` pages by it",),
        )


@CONSTRAINT.rule("offset-handed-on", help=_HELP)
def offset_handed_on(context: Context) -> Iterable[Hit]:
    """The call through which a path operation or dependency hands the client's offset to such a query elsewhere."""
    told: set[int] = set()
    for taken in paging_of(context.project).taken:
        for call in taken.calls:
            if id(call.node) in told:
                continue
            told.add(id(call.node))
            yield hit_at_call(
                call,
                f"`{ast.unparse(call.node.func)}` is handed the client's offset or page number (`{taken.parameter.name}`), which ends "
                f"in a {_goal(taken.query)} (`{taken.query.what}`, {taken.query.module.path}:{taken.query.line}).",
                trace=_trace(taken),
            )


def _goal(query: OffsetQuery) -> str:
    return "query" if query.is_seen else "query out of sight"


def _trace(taken: Taken) -> tuple[str, ...]:
    function, query = taken.function, taken.query
    return (
        f"{function.module.path}:{taken.parameter.node.lineno} `{function.short}` takes it",
        f"{query.module.path}:{query.line} `{query.what}` pages by it",
    )


@CONSTRAINT.rule(
    "page-number-from-library",
    help="Answer with the library's `CursorPage` instead of a page with a number or an offset.",
)
def page_number_from_library(context: Context) -> Iterable[Hit]:
    """`paginate(session, query)` of fastapi-pagination, which takes page and size from the request by itself."""
    project = context.project
    pagers: dict[Function, Call] = {}
    for function in project.in_requests:
        for call in function.calls:
            if not project.in_requests.happens(call.node, function):
                continue
            by_library = _pages_by_library(call) or (_pages_list(call) and loads_rows(call, project))
            if by_library and not _speaks_of_cursor(function, call, project):
                pagers.setdefault(function, call)
                yield hit_at_call(
                    call,
                    f"`{call.target.rpartition('.')[2]}` in `{function.short}` reads page and size from the request and pages by offset.",
                )
    leading = _leading_to(set(pagers), project)
    for operation in project.operations:
        function = operation.function
        if function in pagers or _declares_cursor(operation, project):
            continue
        for call in function.calls:
            if call.callee in leading and call.callee.parent is not function:
                yield hit_at_call(
                    call,
                    f"`{operation.label}` is paged by page number or offset, through `{call.callee.short}`.",
                )
                break


@CONSTRAINT.rule(
    "page-parameters-from-library",
    help="Derive from `fastapi_pagination.cursor.CursorParams`, and answer with a `CursorPage`.",
)
def page_parameters_from_library(context: Context) -> Iterable[Hit]:
    """A class of one's own after the page number or offset parameters of fastapi-pagination."""
    project = context.project
    for module in project.service_modules:
        for made in module.classes:
            bases = [project.names.qualify(base, module.scope) for base in made.node.bases]
            if any(base in _NUMBERED for base in bases):
                yield Hit(
                    path=module.path,
                    line=made.node.lineno,
                    message=f"`{made.name}` takes a page number or offset from every request that is paged with it.",
                )


_NUMBERED = frozenset({
    "fastapi_pagination.Params", "fastapi_pagination.default.Params", "fastapi_pagination.LimitOffsetParams",
    "fastapi_pagination.limit_offset.LimitOffsetParams", "fastapi_pagination.default.OptionalParams",
    "fastapi_pagination.limit_offset.OptionalLimitOffsetParams",
})  # fmt: skip


def _pages_by_library(call: Call) -> bool:
    owner, _, last = call.target.rpartition(".")
    return owner.startswith("fastapi_pagination.ext.") and last in {
        "paginate",
        "apaginate",
        "paginate_aggregate",
        "paginate_query",
    }


def _pages_list(call: Call) -> bool:
    """`paginate(await service.all_loans())`: every row is loaded, and a page of them is answered."""
    return call.target in {"fastapi_pagination.paginate", "fastapi_pagination.paginator.paginate"}


def _speaks_of_cursor(function: Function, call: Call, project: Project) -> bool:
    """Whether the page is one with a cursor, by name or type: `CursorPage`, `CursorParams`."""
    mentioned = [function.returns_annotation, *call.node.args, *(k.value for k in call.node.keywords)]
    mentioned += [p.annotation for p in function.parameters]
    mentioned += [b.annotation for bindings in function.bindings.values() for b in bindings]
    if "cursor" in function.name.lower() or any(_names_cursor(m, function, project) for m in mentioned):
        return True
    return any(_declares_cursor(o, project) for o in project.operations if o.function is function)


def _declares_cursor(operation: Operation, project: Project) -> bool:
    model = operation.keyword("response_model")
    return _names_cursor(model, operation.function, project) or _names_cursor(
        operation.function.returns_annotation, operation.function, project
    )


def _names_cursor(expression: ast.expr | None, function: Function, project: Project) -> bool:
    if expression is None:
        return False
    plain, scope = project.names.unaliased(expression, function)
    return "cursor" in f"{ast.unparse(expression)} {ast.unparse(plain)}".lower() or any(
        "cursor" in project.names.qualify(node, scope).lower()
        for node in ast.walk(plain)
        if isinstance(node, (ast.Name, ast.Attribute))
    )


def _leading_to(functions: set[Function], project: Project) -> set[Function]:
    """These functions and all that call them."""
    callers: dict[Function, set[Function]] = {}
    for module in project.modules:
        for call in module.calls if not module.is_test else ():
            if call.callee is not None and call.function is not None:
                callers.setdefault(call.callee, set()).add(call.function)
    found: set[Function] = set()
    waiting = list(functions)
    while waiting:
        function = waiting.pop()
        if function not in found:
            found.add(function)
            waiting += callers.get(function, ())
    return found
