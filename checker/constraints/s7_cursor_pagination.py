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

The number is followed from the path operation or dependency through calls into the query. A slice of a list in memory is left
alone, so is a number that is handed to another service, and a query with an offset that no request reaches. An offset that
`le=` keeps at a thousand rows or below, or at ten pages, counts as a short list.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from checker.constraints.offset_queries import OffsetQuery, offset_queries
from checker.constraints.page_values import (
    HANDS_ON,
    Given,
    given_to,
    handed_on,
    is_start_name,
    spread,
    without_parameters,
)
from checker.constraints.rule import Constraint, Context, Hit, hit_at_call
from checker.source import Call, Function, Operation, Project
from checker.source.framework import function_of

CONSTRAINT = Constraint(
    id="S7",
    title="Cursor over offset pagination",
    hard=False,
    docs="https://fastapi.tiangolo.com/tutorial/query-param-models/",
    page=__doc__ or "",
)
_DEEPEST = 20
_HELP = "Page by key: take `after`, ask for `where(key > after).order_by(key).limit(limit)`, and answer with the last key."


@CONSTRAINT.applies_when
def _there_are_operations(context: Context) -> bool:
    return any(not operation.websocket for operation in context.project.operations)


@dataclass(frozen=True, slots=True)
class _Handed:
    """A call in a path operation or dependency that carries the client's offset to a query elsewhere."""

    call: Call
    query: OffsetQuery


class _Paging:
    """The client's offsets of one project, followed to the queries."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._methods = _methods(project)
        self._known: dict[tuple[Function, Given], OffsetQuery | None] = {}
        self.queries: dict[tuple[str, int, int], OffsetQuery] = {}
        self.handed: list[_Handed] = []
        takes_number = False
        roots = {o.function: o.path for o in project.operations if not o.websocket}
        for function in [*roots, *project.framework.dependencies]:
            if not function.module.is_test:
                given = given_to(function, project, roots.get(function))
                takes_number |= bool(given.numbers)
                self._query_below(function, given, 0)
                self.handed += self._calls_on(function, given)
        if takes_number:
            for function, given in _uncalled(project, set(roots)):
                self._query_below(function, given, 0)

    def _calls_on(self, function: Function, given: Given) -> Iterator[_Handed]:
        known = spread(function, given)
        for call in function.calls:
            for callee, theirs in self._next(call, known):
                query = self._query_below(callee, theirs, 1)
                # What stands inside the function itself is reported there.
                if query is not None and callee.parent is not function:
                    yield _Handed(call, query)
                    break
        for inner in _inner(function):
            yield from self._calls_on(inner, without_parameters(known, inner))

    def _query_below(self, function: Function, given: Given, depth: int) -> OffsetQuery | None:
        """The first query that the offset reaches in a function or below; all of them are noted."""
        key = (function, given)
        if not given or depth > _DEEPEST:
            return None
        if key in self._known:
            return self._known[key]
        self._known[key] = None  # Recursion ends here.
        known = spread(function, given)
        found: OffsetQuery | None = None
        for query in offset_queries(function, known, self._project):
            place = (query.module.path, query.line, query.node.col_offset)
            self.queries.setdefault(place, query)
            found = found or query
        for call in function.calls:
            for callee, theirs in self._next(call, known):
                found = self._query_below(callee, theirs, depth + 1) or found
        for inner in _inner(function):
            found = self._query_below(inner, without_parameters(known, inner), depth + 1) or found
        self._known[key] = found
        return found

    def _next(self, call: Call, given: Given) -> Iterator[tuple[Function, Given]]:
        """The functions that a call may run, with what it hands them."""
        shift = HANDS_ON.get(call.target, 0)
        if shift and call.node.args:
            callee = function_of(call.node.args[0], call.scope, self._project.names)
            if callee is not None:
                yield callee, handed_on(call, callee, given, shift=shift)
            return
        if call.callee is not None:
            yield call.callee, handed_on(call, call.callee, given)
            if not _is_abstract(call.callee):
                return
        elif call.target or not isinstance(call.node.func, ast.Attribute):
            return
        name = call.node.func.attr if isinstance(call.node.func, ast.Attribute) else ""
        for candidate in self._methods.get(name, []):
            theirs = handed_on(call, candidate, given)
            # An object of unknown type: only a parameter that is called so takes the number.
            numbers = frozenset(n for n in theirs.numbers if is_start_name(n))
            if candidate is not call.callee:
                yield candidate, Given(numbers, theirs.holders)


def _uncalled(project: Project, roots: set[Function]) -> Iterator[tuple[Function, Given]]:
    """Functions of the service that take an offset, where what calls them could not be told: containers, callables handed out."""
    called = {call.callee for module in project.modules if not module.is_test for call in module.calls}
    called |= roots | set(project.framework.dependencies)
    for module in project.service_modules:
        for function in module.functions:
            if function in called or function.is_lambda or _is_abstract(function):
                continue
            names = [p.name for p in function.parameters if not _is_text(p.annotation)]
            numbers = frozenset(name for name in names if is_start_name(name))
            holders = frozenset(name for name in names if "pagina" in name or "paging" in name)
            if numbers or holders:
                yield function, Given(numbers, holders)


def _is_text(annotation: ast.expr | None) -> bool:
    return annotation is not None and "str" in {n.id for n in ast.walk(annotation) if isinstance(n, ast.Name)}


def _methods(project: Project) -> dict[str, list[Function]]:
    """Methods by name, for calls on objects whose class could not be told."""
    found: dict[str, list[Function]] = {}
    for module in project.modules:
        for made in module.classes if not module.is_test else ():
            for name, method in made.functions.items():
                if not _is_abstract(method):
                    found.setdefault(name, []).append(method)
    return found


def _is_abstract(function: Function) -> bool:
    """A body that only says that there is one elsewhere: `...`, `pass`, `raise NotImplementedError`."""
    return not function.is_lambda and all(
        isinstance(statement, (ast.Pass, ast.Raise))
        or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
        for statement in function.body
    )


def _inner(function: Function) -> Iterator[Function]:
    yield from function.functions.values()
    for inner in function.module.lambdas.values():
        if inner.parent is function:
            yield inner


_Found = tuple[tuple[OffsetQuery, ...], tuple[_Handed, ...]]
_FOUND: WeakKeyDictionary[Project, _Found] = WeakKeyDictionary()


def _found(project: Project) -> _Found:
    """What both rules ask for, computed once for a project."""
    if project not in _FOUND:
        paging = _Paging(project)
        _FOUND[project] = tuple(paging.queries.values()), tuple(paging.handed)
    return _FOUND[project]


@CONSTRAINT.rule("offset-in-query", help=_HELP)
def offset_in_query(context: Context) -> Iterable[Hit]:
    """The query that takes the client's offset or page number."""
    for query in _found(context.project)[0]:
        message = (
            f"`{query.what}` in `{query.function.short}` pages by a number from the client: the database reads every row before the "
            "page, and rows move between pages."
        )
        if query.call is not None:
            yield hit_at_call(query.call, message)
        else:
            yield Hit(path=query.module.path, line=query.line, column=query.node.col_offset, message=message)


@CONSTRAINT.rule("offset-handed-to-query", help=_HELP)
def offset_handed_to_query(context: Context) -> Iterable[Hit]:
    """The path operation that takes an offset and hands it to such a query."""
    labels = {operation.function: operation.label for operation in context.project.operations}
    for handed in _found(context.project)[1]:
        function = handed.call.function
        if function is None:
            continue
        query = handed.query
        taker = labels.get(function, function.short)
        yield hit_at_call(
            handed.call,
            f"`{taker}` hands the client's offset or page number to a query (`{query.what}`, {query.module.path}:{query.line}).",
            trace=(
                f"{function.module.path}:{handed.call.line} `{function.short}` hands it on",
                f"{query.module.path}:{query.line} `{query.what}` takes it",
            ),
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
            if _pages_by_library(call) and not _speaks_of_cursor(function, call, project):
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


def _pages_by_library(call: Call) -> bool:
    owner, _, last = call.target.rpartition(".")
    return owner.startswith("fastapi_pagination.ext.") and last in {
        "paginate",
        "apaginate",
        "paginate_aggregate",
        "paginate_query",
    }


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
