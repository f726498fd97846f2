"""Where an offset reaches a database: the calls that make it read rows only to pass over them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from checker.constraints.flow import last_name, own_expressions, statements
from checker.constraints.loaded_lists import is_loaded_whole
from checker.constraints.page_calls import HANDS_ON
from checker.constraints.page_values import (
    Given,
    arguments,
    comes_from_holder,
    is_number,
    is_start_name,
    name_of,
)
from checker.constraints.querysets import is_database, is_query
from checker.constraints.sql_offsets import SqlOffsets, has_place_held, line_of
from checker.source import Call, Function, Module, Project

_FINDS = frozenset(
    {"find", "find_all", "find_many", "find_many_and_count", "query", "get_all", "aggregate", "query_points"}
)
_PAGERS = frozenset(
    {"get_multi", "get_multi_joined", "apply_pagination", "paginate", "apaginate", "paginate_query"}
)
_REQUESTS = frozenset({"get", "post", "request", "stream"})
_REPOSITORIES = ("repository", "repo", "crud", "dao")


@dataclass(frozen=True, slots=True)
class OffsetQuery:
    """One place where the client's offset goes into a query."""

    node: ast.expr
    what: str
    """How a reader knows it: `.offset(skip)`."""
    function: Function
    line: int
    first_line: int
    is_seen: bool = True
    """False for a request to another service and for a repository that cannot be looked into: no query stands here."""

    @property
    def module(self) -> Module:
        """The file that holds it."""
        return self.function.module


class OffsetQueries:
    """Finds them, function by function; what does not depend on the number is remembered."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._sql = SqlOffsets(project)
        self._starts: dict[Function, list[_Start]] = {}

    def of(self, function: Function, given: Given) -> Iterator[OffsetQuery]:
        """The queries of one function that the client's offset goes into."""
        if not given:
            return
        for call in function.calls:
            what = _offset_call(call, given, self._project)
            if what:
                yield OffsetQuery(call.node, what, function, _line_of(call, given), call.statement.lineno)
                continue
            what = _out_of_sight(call, given, self._project)
            if what:
                yield OffsetQuery(call.node, what, function, call.line, call.statement.lineno, is_seen=False)
        for text in self._sql.of(function, given):
            yield OffsetQuery(text.node, "OFFSET", text.function, text.line, text.first_line)
        if function not in self._starts:
            self._starts[function] = list(_starts(function))
        for node, start, statement in self._starts[function]:
            if not is_number(start, given):
                continue
            if isinstance(node, ast.Dict) and not _is_query_document(node) and not _is_spread(node, function):
                continue
            if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice):
                if _is_searched(node.value, function):
                    yield OffsetQuery(
                        node, f'["from"] = {_shown(start)}', function, node.lineno, statement.lineno
                    )
            elif not isinstance(node, ast.Subscript):
                yield OffsetQuery(node, f"skip={_shown(start)}", function, start.lineno, statement.lineno)
            elif is_query(node.value, function, self._project) or is_loaded_whole(
                node.value, function, self._project
            ):
                what = f"[{_shown(start)}:...]"
                yield OffsetQuery(node, what, function, node.slice.lineno, statement.lineno)

    def clauses_of(self, function: Function) -> Iterator[OffsetQuery]:
        """The OFFSET with a placeholder in the text that a function gives back, whoever runs it."""
        for text, statement in self._sql.built_by(function):
            yield OffsetQuery(text, "OFFSET", function, line_of(text, function), statement.lineno)


def _line_of(call: Call, given: Given) -> int:
    """The line of the argument that is the offset, in a call of many lines."""
    named = [k for k in call.node.keywords if k.arg and is_start_name(k.arg) and is_number(k.value, given)]
    return named[0].lineno if named else call.line


_Start = tuple[ast.expr, ast.expr, ast.stmt]


def _starts(function: Function) -> Iterator[_Start]:
    """Slices with a beginning, and documents of a query with one; the beginning; the statement."""
    for statement in statements(function):
        for node in (n for part in own_expressions(statement) for n in ast.walk(part)):
            start: ast.expr | None = None
            if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
                start = node.slice.lower
            elif isinstance(node, ast.Subscript) and _is_set(node, statement):
                start = getattr(statement, "value", None)
            elif isinstance(node, ast.Dict):
                start = _start_of_document(node)
            if start is not None and isinstance(node, ast.expr):
                yield node, start, statement


def _is_set(node: ast.Subscript, statement: ast.stmt) -> bool:
    """`body["from"] = start`, for a search engine."""
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return (
        any(t is node for t in targets)
        and isinstance(node.slice, ast.Constant)
        and node.slice.value == "from"
    )


def _is_searched(body: ast.expr, function: Function) -> bool:
    """Whether a document that is filled bit by bit goes to a search."""
    return isinstance(body, ast.Name) and any(
        last_name(call.node) == "search"
        and any(isinstance(a, ast.Name) and a.id == body.id for a in arguments(call.node))
        for call in function.calls
    )


def _start_of_document(written: ast.Dict) -> ast.expr | None:
    """The offset in a document: `{"$skip": skip}`, `{"from": start, "size": 20}`, `{"skip": skip, "limit": 20}`."""
    values = _values_of(written)
    for start, size in (
        ("from", "size"),
        ("start", "rows"),
        ("page", "per_page"),
        ("page", "hitsPerPage"),
        ("page", "page_size"),
        ("page", "size"),
        ("page", "limit"),
        ("skip", "limit"),
        ("offset", "limit"),
    ):
        if start in values and size in values:
            return values[start]
    return values.get("$skip")


def _is_query_document(written: ast.Dict) -> bool:
    """A document that is a query by its own words."""
    words = _values_of(written).keys()
    return bool({"$skip", "from"} & words) or {"start", "rows"} <= words


def _values_of(written: ast.Dict) -> dict[object, ast.expr]:
    return {
        key.value: value
        for key, value in zip(written.keys, written.values, strict=True)
        if isinstance(key, ast.Constant)
    }


def _is_spread(written: ast.Dict, function: Function) -> bool:
    """`window = {"skip": skip, "limit": 20}` and then `collection.find({}, **window)`: options, and no answer.

    A search engine takes them as an argument: `index.search(words, {"offset": skip, "limit": 20})`.
    """
    names = {
        name
        for name, bindings in function.bindings.items()
        for binding in bindings
        if binding.value is not None and any(node is written for node in ast.walk(binding.value))
    }
    for call in function.calls:
        if call.callee is not None or last_name(call.node) not in {*_FINDS, *_PAGERS, "search"}:
            continue
        spread = [k.value for k in call.node.keywords if k.arg is None]
        given = list(arguments(call.node)) if last_name(call.node) == "search" else spread
        if any(v is written or (isinstance(v, ast.Name) and v.id in names) for v in given):
            return True
    return False


def _shown(value: ast.expr | None) -> str:
    text = ast.unparse(value) if value is not None else ""
    return text if len(text) <= 50 else "..."


def _offset_call(call: Call, given: Given, project: Project) -> str:
    """The words for a call that pages by offset, empty for any other."""
    last = last_name(call.node)
    if call.callee is not None or call.target in HANDS_ON or last in {"", "run_in_executor"}:
        return ""  # The project's own function is looked into.
    if last == "LimitOffset" and call.target.startswith("advanced_alchemy."):
        return "LimitOffset(...)" if any(is_number(a, given) for a in arguments(call.node)) else ""
    words = {k.arg: k.value for k in call.node.keywords}
    if {"start", "rows"} <= words.keys() and is_number(words["start"], given):
        return f"{last}(start=..., rows=...)"  # Solr's words
    if {"from_", "size"} <= words.keys() and is_number(words["from_"], given):
        return f"{last}(from_=..., size=...)"  # Elasticsearch's
    if last[:1].isupper() or _speaks_of_cursor(call.node):
        return ""
    function = call.node.func
    if isinstance(function, ast.Attribute):
        owner = project.names.evaluate(function.value, call.scope)
        if owner is not None and isinstance(owner.item, Module):
            return ""
        first = call.node.args[0] if call.node.args else call.keyword(last)
        alone = len(call.node.args) + len(call.node.keywords) == 1
        if last in {"offset", "skip"} and alone:
            if is_number(first, given) or comes_from_holder(first, given):
                return f".{last}({_shown(first)})"
            if has_place_held(call, given):
                return f".{last}(...)"
        is_rows = owner is None or owner.name.startswith(("supabase.", "postgrest."))
        if last == "range" and len(call.node.args) == 2 and is_number(first, given) and is_rows:
            return f".range({_shown(first)}, ...)"
        if (
            last in {"page", "get_page"}
            and is_number(first, given)
            and project.names.type_name(function.value, call.scope) == "django.core.paginator.Paginator"
        ):
            return f".{last}({_shown(first)})"
        if last == "slice" and is_number(first, given) and is_query(function.value, call.scope, project):
            return f".slice({_shown(first)}, ...)"
    return _by_keyword(call, last, given, project)


def _speaks_of_cursor(call: ast.Call) -> bool:
    """`paginate(rows, page=Page(limit=limit, cursor=cursor))`."""
    names = [k.arg or "" for n in ast.walk(call) if isinstance(n, ast.Call) for k in n.keywords]
    return any("cursor" in name.lower() for name in names)


def _by_keyword(call: Call, last: str, given: Given, project: Project) -> str:
    """`collection.find(skip=skip)`, `crud.get_multi(db, offset=...)`, `apply_pagination(query, page_number=page)`."""
    named = [
        k.arg
        for k in call.node.keywords
        if k.arg is not None and is_start_name(k.arg) and is_number(k.value, given)
    ]
    if last in _PAGERS and (named or any(_is_start(a, given) for a in call.node.args)):
        return f"{last}({named[0]}=...)" if named else f"{last}(...)"
    if not named:
        return ""
    if last in _FINDS and named[0] in {"skip", "offset"}:
        return f"{last}({named[0]}=...)"
    if last == "search" and named[0] == "from_":
        return "search(from_=...)"
    receiver = call.node.func.value if isinstance(call.node.func, ast.Attribute) else None
    if any(is_database(value, call, project) for value in [receiver, *arguments(call.node)]):
        return f"{last}({named[0]}=...)"
    return ""


def _out_of_sight(call: Call, given: Given, project: Project) -> str:
    """A window that leaves the code: `httpx.get(url, params={"offset": offset, "limit": 20})`, `tool_repository.list(offset=offset)`."""
    if call.callee is not None or call.target in HANDS_ON:
        return ""
    last = last_name(call.node)
    if last in _REQUESTS and (asked := call.keyword("params")) is not None:
        written = _written(asked, call)
        start = _start_of_document(written) if written is not None else None
        return f"{last}(params=...)" if is_number(start, given) else ""
    receiver = call.node.func.value if isinstance(call.node.func, ast.Attribute) else None
    name = name_of(receiver).rpartition(".")[2].lower()
    named = [
        k.arg for k in call.node.keywords if k.arg and is_start_name(k.arg) and is_number(k.value, given)
    ]
    if not named:
        return ""
    of_repository = (
        receiver is not None
        and name.endswith(_REPOSITORIES)
        and not project.names.type_name(receiver, call.scope)
    )
    return f"{last}({named[0]}=...)" if of_repository or _asks_for_window(call.node, last) else ""


def _asks_for_window(call: ast.Call, last: str) -> bool:
    """`await channel.get_messages(limit=size, offset=start)`: some other service's list, asked for by row number."""
    words = {k.arg for k in call.keywords}
    asks = last.startswith((*_ASKS, "QueryBuilder")) and not _MAKES_LINK.search(last.lower())
    return asks and bool(words & _SIZE_WORDS) and not words & _OF_ANSWER


_ASKS = ("get", "list", "find", "search", "fetch", "query", "read", "select", "retrieve", "browse", "load")
_MAKES_LINK = re.compile(r"url|link|query_?param|page_?info|pagination|paginator|response|meta")
_SIZE_WORDS = frozenset(
    {"limit", "size", "page_size", "per_page", "rows", "count", "top", "take", "max_results"}
)
_OF_ANSWER = frozenset(
    {"total", "items", "total_count", "results", "has_next", "has_more", "data", "base_url", "url"}
)


def _written(value: ast.expr, call: Call) -> ast.Dict | None:
    if isinstance(value, ast.Name):
        bindings = call.scope.bindings.get(value.id, [])
        written = bindings[0].value if len(bindings) == 1 else None
        value = written if written is not None else value
    return value if isinstance(value, ast.Dict) else None


def _is_start(value: ast.expr, given: Given) -> bool:
    """An argument without a name: what it is called, or that it is computed, has to speak for it."""
    return is_number(value, given) and (not isinstance(value, ast.Name) or is_start_name(value.id))
