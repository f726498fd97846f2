"""Queries that a function takes apart by itself: `parse_qs(request.url.query)`, also by way of `urlparse(str(request.url))`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from checker.constraints.replies import written
from checker.constraints.validation import fields_taken, names_given_to
from checker.source import Function, Project

FORM_PARSERS = frozenset({"urllib.parse.parse_qs", "urllib.parse.parse_qsl"})
_DECODERS = frozenset({"urllib.parse.unquote", "urllib.parse.unquote_plus"})
_SPLITS = frozenset({"urllib.parse.urlparse", "urllib.parse.urlsplit"})
_ADDRESSES = frozenset({"fastapi.Request.url", "fastapi.WebSocket.url"})


def parsed_queries(function: Function, project: Project) -> Iterator[ast.expr]:
    """The calls that take the query of the request apart, where single parameters are read from it, or decode it by hand."""
    for call in function.calls:
        if call.target in _DECODERS and call.node.args and _is_query(call.node.args[0], function, project):
            yield call.node
        if call.target not in FORM_PARSERS or not call.node.args:
            continue
        if _is_query(call.node.args[0], function, project) and fields_taken(
            function, names_given_to(function, call.node)
        ):
            yield call.node


def _is_query(given: ast.expr, function: Function, project: Project) -> bool:
    """`request.url.query`, `urlparse(str(request.url)).query`, `split.query` of what was split before."""
    if not isinstance(given, ast.Attribute) or given.attr != "query":
        return False
    address = given.value
    if isinstance(address, ast.Name):
        address = written(address, function)
        if address is given.value:
            return False
    if isinstance(address, ast.Call):
        splits = any(c.node is address and c.target in _SPLITS for c in function.calls)
        return splits and any(
            isinstance(node, ast.Attribute) and project.names.qualify(node, function) in _ADDRESSES
            for node in ast.walk(address)
        )
    return project.names.qualify(address, function) in _ADDRESSES
