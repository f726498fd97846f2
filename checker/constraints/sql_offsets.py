"""Where an offset goes into SQL that is written as text: in one string, in pieces, or in a constant of the module."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from checker.constraints.flow import last_name, own_expressions, statements
from checker.constraints.page_values import (
    Given,
    arguments,
    comes_from_holder,
    is_holder,
    is_number,
    is_start_name,
    name_of,
)
from checker.source import Call, Function, Project

_VALUE = r"(?:\$\w+|[:@]\w+|\?|%s|%\(\w+\)s|\{[^{}]*\})"
_OFFSET = (
    r"(?<!\+ )\boffset\b(?!\s*(?:=|:\s)|\s+(?:must|should|cannot|can|may|is|was|has|of|and|or|from|to)\b)"
)
"""`limit={limit}, offset={offset}` is a line for the log or a link, and "limit + offset must be" one for a reader."""
_SKIP = rf"\bSKIP\s+{_VALUE}"
"""As Cypher writes it."""
_PAIR = rf"\blimit\s+{_VALUE}\s*,\s*{_VALUE}"
"""As MySQL and SQLite have it: `LIMIT 40, 20`."""
_WORD = re.compile(rf"{_OFFSET}|{_PAIR}|(?-i:{_SKIP})", re.IGNORECASE)
_SQL = re.compile(
    rf"\b(?:select|limit|fetch|order\s+by)\b.*{_OFFSET}|{_OFFSET}.*\b(?:rows?|limit)\b"
    rf"|(?-i:\b(?:RETURN|WITH|MATCH|LIMIT)\b.*{_SKIP}|{_SKIP}\s+LIMIT\b)|\bselect\b.*{_PAIR}",
    re.IGNORECASE | re.DOTALL,
)
_CLAUSE = re.compile(
    r"\s*(?:OFFSET\s*(?:\$\d*(?:\{.*)?|[:@]\w+|\?|%\w?(?:\(\w+\)s)?|\{.*)?\s*(?:ROWS?\s*)?|"
    rf"LIMIT\s+{_VALUE}\s*,\s*{_VALUE}\s*|SKIP\s+{_VALUE}\s*);?\s*",
    re.DOTALL,
)
"""A piece that is added to a query: ` OFFSET $2`, `OFFSET :skip ROWS`."""
_SMALL_CLAUSE = re.compile(rf"\s*(?:offset\s+{_VALUE}|limit\s+{_VALUE}\s*,\s*{_VALUE})(?:\s+rows?)?\s*;?\s*")
"""The same in small letters, where other pieces show that it is SQL."""
_BEFORE_VALUE = re.compile(r"\b(?:offset|skip)\s*['(]?\s*$", re.IGNORECASE)
_BEFORE_PAIR = re.compile(r"\blimit\s*$", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\$\d+|[:@]\w+|\?|%s|%\(\w+\)s")
_PLACEHOLDERS = frozenset({"Parameter", "bindparam"})
_WRITES_ONLY = frozenset({
    "debug", "info", "warning", "warn", "error", "exception", "critical", "log", "print", "bind", "msg", "set_attribute",
    "append", "extend", "update", "insert", "add", "join", "setdefault", "format", "len", "str", "int", "max", "min", "isinstance",
})  # fmt: skip
"""Calls that run no query, whatever they are given."""


@dataclass(frozen=True, slots=True)
class SqlOffset:
    """One OFFSET in a text, or the call that runs such a text of another place."""

    node: ast.expr
    line: int
    first_line: int
    function: Function


_Piece = tuple[ast.expr, ast.stmt]


class SqlOffsets:
    """Finds them, function by function; what does not depend on the number is remembered."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._texts: dict[Function, list[_Piece]] = {}
        self._joined: dict[Function, dict[int, list[ast.expr]]] = {}

    def of(self, function: Function, given: Given) -> Iterator[SqlOffset]:
        """The texts of a function whose OFFSET is the client's number."""
        runs = [call for call in function.calls if runs_query(call, given)]
        texts = self._texts_in(function)
        filled = {
            id(text) for text, _ in texts if _fills(text, given) or self._is_joined(text, function, given)
        }
        if texts and (filled or _is_run(runs, texts, function)):
            for text, statement in texts:
                if id(text) in filled or not _has_own_value(text):
                    yield SqlOffset(text, line_of(text, function), statement.lineno, function)
        for call in runs:
            if any(_is_constant_text(a, function, self._project) for a in _given_to(call.node)):
                yield SqlOffset(call.node, call.line, call.statement.lineno, function)
        for call in function.calls if runs else ():
            built = self.built_by(call.callee) if call.callee is not None else []
            if built and call.callee is not None and _is_run(runs, [(call.node, call.statement)], function):
                for text, statement in built:
                    yield SqlOffset(text, line_of(text, call.callee), statement.lineno, call.callee)

    def built_by(self, builder: Function) -> list[_Piece]:
        """The OFFSET in the text that a function gives back, `"LIMIT :limit OFFSET :offset"`, for its caller to run with the number."""
        texts = [] if builder.is_lambda else self._texts_in(builder)
        open_ones = [(text, statement) for text, statement in texts if not _has_own_value(text)]
        wanted = {id(text) for text, _ in open_ones}
        carrying = _carrying(wanted, builder) if wanted else set()
        given_back = any(
            r.value is not None and _mentions(r.value, wanted, carrying) for r in builder.returns
        )
        return open_ones if given_back else []

    def _is_joined(self, text: ast.expr, function: Function, given: Given) -> bool:
        """Whether the number is joined to a text: `"... OFFSET " + str(skip)`, `"... OFFSET {}".format(skip)`."""
        if function not in self._joined:
            self._joined[function] = _joined_to(function)
        return any(is_number(value, given) for value in self._joined[function].get(id(text), ()))

    def _texts_in(self, function: Function) -> list[_Piece]:
        if function not in self._texts:
            lines = function.module.lines[function.first_line - 1 : function.last_line]
            # Most functions do not say the word at all.
            spoken = any(_WORD.search(line) for line in lines)
            self._texts[function] = _texts_of(list(_pieces(function))) if spoken else []
        return self._texts[function]


def _pieces(function: Function) -> Iterator[_Piece]:
    """The texts that a function writes, without documentation, what it says to people, and inner functions."""
    for statement in statements(function):
        if isinstance(
            statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Raise, ast.Assert)
        ):
            continue
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue
        waiting: list[ast.AST] = list(own_expressions(statement))
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.Call) and _speaks(node):
                continue
            if isinstance(node, ast.JoinedStr) or (
                isinstance(node, ast.Constant) and isinstance(node.value, str)
            ):
                yield node, statement
                continue
            waiting.extend(ast.iter_child_nodes(node))


def _speaks(call: ast.Call) -> bool:
    name = last_name(call)
    return name in _WRITES_ONLY - {"append", "extend", "insert", "add", "join", "format", "update"} or (
        name[:1].isupper() and name.endswith(("Error", "Exception"))
    )


def _written(text: ast.expr) -> str:
    """The text with a brace for each value that is put in."""
    if isinstance(text, ast.Constant):
        return str(text.value)
    parts = text.values if isinstance(text, ast.JoinedStr) else []
    return "".join(str(p.value) if isinstance(p, ast.Constant) else "{}" for p in parts)


def _texts_of(pieces: list[_Piece]) -> list[_Piece]:
    """The pieces that hold the OFFSET of a query."""
    found = [(node, statement) for node, statement in pieces if _WORD.search(_written(node))]
    if not found:
        return []
    together = "\n".join(_written(node) for node, _ in pieces)
    is_sql = _SQL.search(together) is not None
    return [
        (node, statement)
        for node, statement in found
        if (is_sql and _is_sql_piece(_written(node))) or _CLAUSE.fullmatch(_written(node))
    ]


def _is_sql_piece(text: str) -> bool:
    """Not a bare key, `"offset"`, and not a sentence."""
    return any(
        found is not None
        for found in (_SQL.search(text), _CLAUSE.fullmatch(text), _SMALL_CLAUSE.fullmatch(text))
    )


def _has_own_value(text: ast.expr) -> bool:
    """Whether the number is written into the text, `OFFSET {skip}`, rather than given beside it."""
    return (
        any(True for _ in _values_after(text)) or re.search(r"(?i)\boffset\s+\d", _written(text)) is not None
    )


def _values_after(text: ast.expr) -> Iterator[ast.expr]:
    """Values that directly follow the word in an f-string."""
    parts = text.values if isinstance(text, ast.JoinedStr) else []
    for number, part in enumerate(parts):
        if not number or not isinstance(part, ast.FormattedValue):
            continue
        before, after = _plain(parts[number - 1]), _plain(parts[number + 1 : number + 2])
        if _BEFORE_VALUE.search(before) or (_BEFORE_PAIR.search(before) and after.lstrip().startswith(",")):
            yield part.value


def _plain(part: ast.expr | list[ast.expr]) -> str:
    part = part[0] if isinstance(part, list) and part else part
    return str(part.value) if isinstance(part, ast.Constant) else ""


def _joined_to(function: Function) -> dict[int, list[ast.expr]]:
    """Which values are put behind the word in each plain text."""
    found: dict[int, list[ast.expr]] = {}
    for statement in statements(function):
        for node in (n for part in own_expressions(statement) for n in ast.walk(part)):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
                before = node.left.right if isinstance(node.left, ast.BinOp) else node.left
                if isinstance(before, (ast.Constant, ast.JoinedStr)) and _BEFORE_VALUE.search(
                    _written(before)
                ):
                    found.setdefault(id(before), []).append(_inside(node.right))
            elif (
                isinstance(node, ast.Call)
                and last_name(node) == "format"
                and isinstance(node.func, ast.Attribute)
            ):
                found.setdefault(id(node.func.value), []).extend(map(_inside, arguments(node)))
    return found


def _inside(value: ast.expr) -> ast.expr:
    return (
        value.args[0] if isinstance(value, ast.Call) and last_name(value) == "str" and value.args else value
    )


def _fills(text: ast.expr, given: Given) -> bool:
    return any(is_number(value, given) for value in _values_after(text))


def runs_query(call: Call, given: Given) -> bool:
    """Whether a call that may run a query is given the number, also among other values: `[tool_id, skip]`, `**paging`."""
    if last_name(call.node) in _WRITES_ONLY:
        return False
    return any(is_number(a, given) or _is_spread(a, given) for a in arguments(call.node))


def has_place_held(call: Call, given: Given) -> bool:
    """Whether a call is given a placeholder, `.offset(bindparam("skip"))`, `.offset("$2")`, and the number goes to another one."""
    first = call.node.args[0] if len(call.node.args) == 1 else None
    if isinstance(first, ast.Constant):
        held = isinstance(first.value, str) and _PLACEHOLDER.fullmatch(first.value) is not None
    else:
        held = isinstance(first, ast.Call) and last_name(first) in _PLACEHOLDERS
    return held and any(other is not call and runs_query(other, given) for other in call.scope.calls)


def _is_spread(value: ast.expr, given: Given) -> bool:
    """A mapping with the number in it: `params`, `params.model_dump()`, `query.params()` of an object that knows how."""
    if isinstance(value, ast.Call) and last_name(value) in _MAPS_ITSELF and comes_from_holder(value, given):
        return True
    return is_holder(value, given) and not is_start_name(name_of(value))


_MAPS_ITSELF = frozenset({
    "params", "parameters", "values", "to_params", "as_params", "get_params", "query_params", "sql_params", "to_dict", "as_dict",
    "bind_params", "binds", "get_parameters", "to_sql_params",
})  # fmt: skip


def _given_to(call: ast.Call) -> Iterator[ast.expr]:
    """What a call works with: its arguments, and the object whose method it is."""
    yield from arguments(call)
    if isinstance(call.func, ast.Attribute):
        yield call.func.value


def _is_run(runs: list[Call], texts: list[_Piece], function: Function) -> bool:
    """Whether a call is given the text and the number together."""
    wanted = {id(node) for node, _ in texts}
    carrying = _carrying(wanted, function)
    return any(_mentions(a, wanted, carrying) for call in runs for a in _given_to(call.node))


def _carrying(wanted: set[int], function: Function) -> set[str]:
    """The names that hold such a text, or something made of it."""
    carrying: set[str] = set()
    for _ in range(2):  # a second time for what a loop carries round
        for statement in statements(function):
            value = getattr(statement, "value", None)
            if not isinstance(value, ast.expr):
                continue
            if isinstance(statement, ast.Expr):
                filled = value.func if isinstance(value, ast.Call) else None
                if isinstance(filled, ast.Attribute) and _mentions(value, wanted, carrying):
                    carrying |= {name_of(filled.value)} - {""}
            elif isinstance(statement, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
                targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
                if _mentions(value, wanted, carrying):
                    carrying |= {name_of(target) for target in targets} - {""}
    return carrying


def _mentions(value: ast.expr, wanted: set[int], carrying: set[str]) -> bool:
    return any(
        id(node) in wanted or (isinstance(node, (ast.Name, ast.Attribute)) and name_of(node) in carrying)
        for node in ast.walk(value)
    )


def _is_constant_text(value: ast.expr, function: Function, project: Project) -> bool:
    """Whether SQL with OFFSET stands in a variable of a module that an argument names."""
    for node in ast.walk(value):
        if isinstance(node, (ast.Name, ast.Attribute)):
            variable = project.names.variable(node, function)
            for binding in variable.bindings if variable is not None else ():
                texts = [
                    _written(n)
                    for n in ast.walk(binding.value or ast.Tuple(elts=[]))
                    if isinstance(n, (ast.Constant, ast.JoinedStr))
                ]
                if _SQL.search("\n".join(texts)):
                    return True
    return False


def line_of(text: ast.expr, function: Function) -> int:
    """The line on which the word stands; a text of many lines begins before it."""
    lines = function.module.lines
    for number in range(text.lineno, (text.end_lineno or text.lineno) + 1):
        if number <= len(lines) and _WORD.search(lines[number - 1]):
            return number
    return text.lineno
