"""Texts from the client that become code of a query: the name of a column or attribute, a piece of SQL."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from checker.constraints.boundary import boundary_inputs
from checker.constraints.client_paths import free_texts
from checker.constraints.client_text import TEXT_CALLS, reached
from checker.constraints.flow import is_caught, last_name, own_expressions, reads, statements
from checker.constraints.inputs import Place
from checker.source import Function, Project

_THROUGH = TEXT_CALLS | {
    "sub",
    "join",
    "format",
    "title",
    "capitalize",
    "removeprefix",
    "removesuffix",
    "lstrip",
    "rstrip",
}
_SQL = re.compile(
    r"\s*(SELECT\b.*\bFROM\b|WITH\s+\w+\s+AS\s*\(|INSERT\s+INTO\b|UPDATE\s+\S+\s+SET\b|DELETE\s+FROM\b|MERGE\s+INTO\b"
    r"|COPY\s+\S+\s+(FROM|TO)\b|DROP\s+(TABLE|VIEW|SCHEMA|INDEX)\b|MATCH\s*\(.*\bRETURN\b)",
    re.DOTALL,
)
"""How a query begins; in capitals, as no sentence of a prompt or a message does."""
_PIECE = re.compile(
    r"(?s:.*)\b(WHERE|AND|OR|HAVING|ON|SET)\s+\(*[\w.\"]+\s*(=|<>|!=|<=?|>=?|\s(NOT\s+)?(I?LIKE|IN))\s*\(?\s*'?%?\0"
    r"|(?s:.*)\bORDER\s+BY\s+\0"
)
"""A piece that is put to a query, up to the place of what is filled in: `f" WHERE name ILIKE '%{q}%'"`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryUse:
    """Where a text from the client becomes part of a query's code."""

    node: ast.expr
    function: Function


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientUse:
    """The same with the path operation or dependency that takes the text, and where to show it."""

    label: str
    source: str
    node: ast.expr
    place: str
    """Where it is used: a line, of another file with its path."""
    shown: ast.expr | ast.arg
    home: Function


def client_uses(project: Project, wanted: Callable[[Function, str], QueryUse | None]) -> Iterator[ClientUse]:
    """What `wanted` finds of the texts that clients send and nothing constrains, fields of a body among them.

    It is shown at the parameter; a field of a body is declared for several uses, and is shown where it is used.
    """
    for function, label, given in boundary_inputs(project):
        if given.place not in {Place.PATH, Place.QUERY, Place.FORM, Place.BODY}:
            continue
        for source in free_texts(given, function, project):
            use = wanted(function, source)
            if use is None:
                continue
            in_body = given.place is Place.BODY
            yield ClientUse(
                label=label,
                source=source,
                node=use.node,
                place=f"{'line ' if use.function is function else f'{use.function.module.path}:'}{use.node.lineno}",
                shown=use.node if in_body else given.parameter.node,
                home=use.function if in_body else function,
            )


def attribute_use(function: Function, source: str) -> QueryUse | None:
    """`getattr(Tool, sort_by)` with a name that nothing has looked at: any attribute goes, and one that is not there is a 500."""

    def uses(within: Function, names: set[str]) -> QueryUse | None:
        for call in within.calls:
            node = call.node
            if call.target != "builtins.getattr" or len(node.args) != 2 or is_caught(within, node):
                continue
            if reads(node.args[1], names, TEXT_CALLS) and not isinstance(node.args[1], ast.JoinedStr):
                return QueryUse(node=node, function=within)
        return None

    return reached(function, source, uses)


def sql_use(function: Function, source: str) -> QueryUse | None:
    """`f"SELECT ... WHERE name = '{name}'"`: the client writes part of the query."""

    def uses(within: Function, names: set[str]) -> QueryUse | None:
        for statement in statements(within):
            for node in (n for part in own_expressions(statement) for n in ast.walk(part)):
                if isinstance(node, ast.expr) and any(reads(p, names, _THROUGH) for p in _filled_in(node)):
                    return QueryUse(node=node, function=within)
        return None

    return reached(function, source, uses, through=_THROUGH)


def _filled_in(node: ast.expr) -> list[ast.expr]:
    """What is written into the text of a query: an f-string, `"...".format(...)`, `"..." % ...`, `"..." + ...`."""
    if isinstance(node, ast.JoinedStr):
        text = "".join(str(p.value) if isinstance(p, ast.Constant) else "\0" for p in node.values)
        filled = [p.value for p in node.values if isinstance(p, ast.FormattedValue)]
        if _SQL.match(text):
            return filled
        before = text.split("\0")
        return [f for n, f in enumerate(filled, 1) if _PIECE.match("?".join(before[:n]) + "\0")]
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mod, ast.Add)):
        first = node.left
        while isinstance(first, ast.BinOp):
            first = first.left
        return [node.right] if _is_query(first) else []
    if isinstance(node, ast.Call) and last_name(node) == "format" and isinstance(node.func, ast.Attribute):
        return [*node.args, *(k.value for k in node.keywords)] if _is_query(node.func.value) else []
    return []


def _is_query(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(_SQL.match(node.value))
