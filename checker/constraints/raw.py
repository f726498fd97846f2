"""Reading what the client sent past FastAPI: raw bodies, query strings, WebSocket messages."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from checker.source import Call, Function, Project

_REQUESTS = {
    "fastapi.Request.json": "json",
    "fastapi.Request.form": "form",
    "fastapi.Request.body": "body",
    "fastapi.WebSocket.receive_json": "json",
    "fastapi.WebSocket.iter_json": "json",
}
_PARSERS = frozenset({"json.loads", "orjson.loads", "ujson.loads", "msgspec.json.decode"})
_VALIDATORS = frozenset({
    "model_validate", "model_validate_json", "validate_python", "validate_json", "parse_obj", "parse_raw", "model_construct",
    "validate", "parse_obj_as", "compare_digest", "construct_event", "verify_signature", "convert", "decode",
})  # fmt: skip


def validates_itself(function: Function, project: Project) -> bool:
    """Whether a function hands raw data to a model, a schema or a signature check."""
    for call in function.calls:
        last = _last_name(call)
        lowered = last.lower()
        if last in _VALIDATORS and call.target not in _PARSERS and not _is_text_decode(call, project):
            return True
        if (
            lowered.startswith(("verify", "validate", "check_signature", "model_validate"))
            or "signature" in lowered
        ):
            return True
        if any(keyword.arg is None for keyword in call.node.keywords) and last[:1].isupper():
            return True  # `Tool(**data)` validates as well.
    return False


def _is_text_decode(call: Call, project: Project) -> bool:
    """`raw.decode()` on bytes is no validation; `decoder.decode(raw)` of a schema is."""
    return _last_name(call) == "decode" and not call.node.args


def _last_name(call: Call) -> str:
    function = call.node.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def raw_reads(function: Function, project: Project) -> Iterator[tuple[Call, str]]:
    """Raw reads of the body in a function that does not validate it; with what is read: json, form, text."""
    reads = [(call, _REQUESTS[call.target]) for call in function.calls if call.target in _REQUESTS]
    if not reads or validates_itself(function, project):
        return
    parses = any(call.target in _PARSERS for call in function.calls)
    for call, what in reads:
        if what != "body":
            yield call, what
        elif parses:
            yield call, "text"
