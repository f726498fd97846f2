"""Responses that code makes itself: which of them are JSON past the response model, and which are errors."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from enum import StrEnum

from checker.constraints.flow import last_name
from checker.constraints.shapes import JSON_CLASSES, is_json_response, is_response
from checker.source import Class, Function, Project, Scope, Value

PLAIN_CLASSES = frozenset({"fastapi.responses.Response", "fastapi.responses.PlainTextResponse"})
"""Classes that write what they are given: JSON as well as anything else."""
BODILESS = frozenset({204, 205, 304})
DUMPS = frozenset({
    "json.dumps", "orjson.dumps", "ujson.dumps", "simplejson.dumps", "rapidjson.dumps", "msgspec.json.encode",
    "bson.json_util.dumps",
})  # fmt: skip
_ERROR_WORDS = (
    "error",
    "fail",
    "problem",
    "denied",
    "not_found",
    "notfound",
    "forbidden",
    "unauthor",
    "bad_request",
)
_DOCUMENTS = frozenset(
    {"openapi", "get_openapi", "model_json_schema", "json_schema", "models_json_schema", "schema"}
)
_REWORKS = re.compile(r"openapi|schema|(^|_)spec(_|$)|^(copy|deepcopy|dict|jsonable_encoder)$")
_NO_JSON = re.compile(r"content-disposition|content-type\W+text/", re.IGNORECASE)
_DEEPEST = 4


def is_none(expression: ast.expr | None) -> bool:
    """Whether an expression is the literal `None`."""
    return isinstance(expression, ast.Constant) and expression.value is None


class Answer(StrEnum):
    """What an expression after `return` hands back."""

    DATA = "data"
    JSON = "json"  # a JSON response made by hand
    ERROR = "error"  # a JSON response with an error's status, or one without a body
    RESPONSE = "response"  # a page, file, redirect, stream
    NOTHING = "nothing"
    UNKNOWN = "unknown"


def leaves(value: ast.expr | None) -> Iterator[ast.expr]:
    """The expressions that a `return` may hand back."""
    if isinstance(value, ast.IfExp):
        yield from leaves(value.body)
        yield from leaves(value.orelse)
    elif value is not None and not is_none(value):
        yield value


def status_number(value: ast.expr | None, scope: Scope, project: Project) -> int | None:
    """A status code that is written as a number or as one of `status.HTTP_...`."""
    if isinstance(value, ast.Constant) and isinstance(value.value, int):
        return value.value
    if isinstance(value, ast.Attribute) and value.attr == "value":
        value = value.value  # `HTTPStatus.NO_CONTENT.value`
    name = value.attr if isinstance(value, ast.Attribute) else value.id if isinstance(value, ast.Name) else ""
    if name.startswith("HTTP_"):
        digits = name[5:8]
        return int(digits) if digits.isdigit() else None
    if isinstance(value, ast.Attribute):
        holder = project.names.evaluate(value.value, scope)
        if holder is not None and holder.name == "http.HTTPStatus":
            return _HTTP_STATUS.get(value.attr)
        if holder is not None and isinstance(holder.item, Class) and not holder.instance:
            kept = [b.value for b in holder.item.bindings.get(value.attr, [])]  # an enum of the project's own
            return status_number(kept[0], scope, project) if len(kept) == 1 and _is_number(kept[0]) else None
    if isinstance(value, ast.Name):
        variable = project.names.variable(value, scope)
        bound = variable.bindings if variable is not None else []
        if len(bound) == 1 and isinstance(bound[0].value, ast.Constant):
            return status_number(bound[0].value, scope, project)
    return None


def _is_number(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Constant) and isinstance(value.value, int)


_HTTP_STATUS = {
    "NO_CONTENT": 204, "RESET_CONTENT": 205, "NOT_MODIFIED": 304, "MOVED_PERMANENTLY": 301, "FOUND": 302,
    "SEE_OTHER": 303, "TEMPORARY_REDIRECT": 307, "PERMANENT_REDIRECT": 308, "CREATED": 201, "ACCEPTED": 202, "OK": 200,
}  # fmt: skip


def class_of_response(found: Value | None, project: Project) -> str:
    """The library's class that a response is an instance of; a class of the project's own that writes JSON is a `JSONResponse`."""
    if found is None or not found.instance:
        return ""
    if not isinstance(found.item, Class):
        name = found.name.removesuffix("()")
        return name if is_response(name) else ""
    behind = project.names.lineage(found.item)[1]
    json = next((name for name in behind if name in JSON_CLASSES), "")
    if not json and is_json_response(found, project):
        return "fastapi.responses.JSONResponse"
    return json or next((name for name in behind if is_response(name)), "")


def hand_made(value: ast.expr, function: Function, project: Project, depth: int = 0) -> Answer | None:
    """What a response object that code makes itself holds; None for what is no response."""
    value = value.value if isinstance(value, ast.Await) else value
    if isinstance(value, ast.Name):
        bound = [b.value for b in function.bindings.get(value.id, []) if b.value is not None]
        kinds = {hand_made(b, function, project, depth + 1) for b in bound} if depth < _DEEPEST else set()
        found = _first(kinds)
        if found is not None:
            return found
    name = class_of_response(project.names.evaluate(value, function), project)
    if not name:
        return None
    kind = Answer.JSON if name in JSON_CLASSES else Answer.RESPONSE
    if not isinstance(value, ast.Call):
        return kind
    callee = next((c.callee for c in function.calls if c.node is value), None)
    if callee is not None and not callee.name.endswith("__init__"):
        return _by_helper(value, callee, function, project, depth) or kind
    if callee is not None and kind is Answer.JSON:
        return _by_class(value, callee, function, project)
    text = name in PLAIN_CLASSES and _holds_json(value, function, project)
    if not text and kind is not Answer.JSON:
        return Answer.RESPONSE
    if _is_error(_status(value), function, project) and not _is_only_answer(value, function, project):
        return Answer.ERROR
    return Answer.RESPONSE if _is_document(value, function, project) else Answer.JSON


def _by_class(call: ast.Call, init: Function, function: Function, project: Project) -> Answer:
    """What an instance of a response class with an `__init__` of its own holds, by the status that it gets there."""
    if _speaks_of_error(last_name(call)):
        return Answer.ERROR
    for inner in init.calls:
        if isinstance(inner.node.func, ast.Attribute) and inner.node.func.attr == "__init__":
            status = _status(inner.node)
            given = bound_argument(status, call, init)
            scope: Scope = function if given is not status else init
            return Answer.ERROR if _is_error(given, scope, project) else Answer.JSON
    return Answer.ERROR


def bound_argument(value: ast.expr | None, call: ast.Call, callee: Function) -> ast.expr | None:
    """What a call gives for a value that is a parameter inside the callee; the value itself where it gives nothing."""
    parameter = callee.parameter(value.id) if isinstance(value, ast.Name) else None
    if parameter is None or parameter.variadic:
        return value
    for keyword in call.keywords:
        if keyword.arg == parameter.name:
            return keyword.value
    names = [p.name for p in callee.parameters if not p.variadic]
    if callee.owner is not None and names[:1] in (["self"], ["cls"]):
        names = names[1:]
    position = names.index(parameter.name) if parameter.name in names else len(names)
    return call.args[position] if position < len(call.args) else value


def _first(kinds: set[Answer | None]) -> Answer | None:
    return next((kind for kind in (Answer.JSON, Answer.RESPONSE, Answer.ERROR) if kind in kinds), None)


def _by_helper(
    call: ast.Call, helper: Function, function: Function, project: Project, depth: int
) -> Answer | None:
    """What a function of the project hands back, for the status that this call gives it."""
    if _speaks_of_error(helper.name.rpartition(".")[2]):
        return Answer.ERROR
    given = [k.value for k in call.keywords if k.arg in {"status", "status_code", "code"}]
    bound_first = (
        helper.owner is not None and helper.parameters[:1] and helper.parameters[0].name in {"self", "cls"}
    )
    given += [
        argument
        for argument, parameter in zip(call.args, helper.parameters[1 if bound_first else 0 :], strict=False)
        if parameter.name in {"status", "status_code", "code"}
    ]
    if any(_is_error(status, function, project) for status in given):
        return Answer.ERROR
    if depth >= _DEEPEST:
        return None
    values = [leaf for statement in helper.returns for leaf in leaves(statement.value)]
    kinds = {_asked_for(leaf, call, helper, function, project, depth + 1) for leaf in values}
    return _first(kinds)


def takes_status(leaf: ast.expr, helper: Function) -> bool:
    """Whether a helper makes a response with the status that its callers give it."""
    status = _status(leaf) if isinstance(leaf, ast.Call) else None
    return isinstance(status, ast.Name) and helper.parameter(status.id) is not None


def _asked_for(
    leaf: ast.expr, call: ast.Call, helper: Function, function: Function, project: Project, depth: int
) -> Answer | None:
    """What a helper makes of the status that it is given: `JSONResponse(data, status_code=status)` for `reply(data, 201)`."""
    kind = hand_made(leaf, helper, project, depth)
    if kind is not Answer.ERROR or not isinstance(leaf, ast.Call) or _is_document(leaf, helper, project):
        return kind
    status = _status(leaf)
    given = bound_argument(status, call, helper)
    if not takes_status(leaf, helper) or given is status or _is_error(given, function, project):
        return kind
    return Answer.JSON if project.names.type_name(leaf, helper) in JSON_CLASSES else kind


def _speaks_of_error(name: str) -> bool:
    return any(word in name.lower() for word in _ERROR_WORDS)


def _status(call: ast.Call) -> ast.expr | None:
    """`JSONResponse(content, 404)` and `JSONResponse(content, status_code=404)`."""
    if len(call.args) > 1:
        return call.args[1]
    return next((k.value for k in call.keywords if k.arg == "status_code"), None)


def _is_error(given: ast.expr | None, scope: Scope, project: Project) -> bool:
    """An error has a shape of its own, and what has no body needs none; a status that is computed may be one."""
    if given is None:
        return False
    if isinstance(given, ast.Name):
        bound = scope.bindings.get(given.id, [])
        parameter = scope.parameter(given.id) if isinstance(scope, Function) else None
        given = bound[0].value if len(bound) == 1 and parameter is None else given
        if parameter is not None and not bound and parameter.default is not None:
            given = parameter.default
    status = status_number(given, scope, project)
    return status is None or status >= 400 or status in BODILESS or 300 <= status < 400


def _is_only_answer(call: ast.Call, function: Function, project: Project) -> bool:
    """Whether a path operation knows no other answer: with a status that is computed, `200 if ok else 503`, this is its success too."""
    if status_number(_status(call), function, project) is not None:
        return False
    if [leaf for statement in function.returns for leaf in leaves(statement.value)] != [call]:
        return False
    caught = (node for node in ast.walk(function.node) if isinstance(node, ast.ExceptHandler))
    if any(inner is call for handler in caught for inner in ast.walk(handler)):
        return False
    return any(operation.function is function for operation in project.operations)


def _holds_json(call: ast.Call, function: Function, project: Project) -> bool:
    """Whether the content of a plain response is text that was dumped, or written as JSON."""
    content = call.args[0] if call.args else _keyword(call, "content")
    media = call.args[3] if len(call.args) > 3 else _keyword(call, "media_type")
    kind = _text(media).partition(";")[0]
    if media is not None and kind != "application/json":
        return False  # `application/x-ndjson` and the like are formats of their own, which no response model writes.
    if content is None:
        return False
    if is_dumped(content, function, project):
        return True
    return bool(kind)  # Whatever it is made of, the code says that it is JSON.


def _text(value: ast.expr | None) -> str:
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""


def is_dumped(value: ast.expr, function: Function, project: Project) -> bool:
    """Whether a text is `json.dumps(...)` or a model's own JSON, also under a name."""
    if isinstance(value, ast.Name):
        bound = [b.value for b in function.bindings.get(value.id, []) if b.value is not None]
        return bool(bound) and all(
            not isinstance(b, ast.Name) and is_dumped(b, function, project) for b in bound
        )
    if not isinstance(value, ast.Call):
        return False
    if isinstance(value.func, ast.Attribute) and value.func.attr in {"encode", "decode"}:
        return is_dumped(value.func.value, function, project)
    if last_name(value) in {"model_dump_json", "to_json"}:
        return True
    if last_name(value) == "json" and isinstance(value.func, ast.Attribute):
        return project.names.is_a(project.names.evaluate(value.func.value, function), "pydantic.BaseModel")
    return project.names.qualify(value.func, function) in DUMPS


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((k.value for k in call.keywords if k.arg == name), None)


def _is_document(call: ast.Call, function: Function, project: Project) -> bool:
    """A file that is saved under a name, and a schema: documents whose form is not the service's to model."""
    headers = _keyword(call, "headers")
    if isinstance(headers, ast.Name):
        bound = function.bindings.get(headers.id, [])
        headers = bound[0].value if bound else headers
    if headers is not None and _NO_JSON.search(ast.unparse(headers)):
        return True
    content = call.args[0] if call.args else _keyword(call, "content")
    return content is not None and is_schema(content, function)


def is_schema(value: ast.expr, function: Function, depth: int = 0) -> bool:
    """Whether a value is an OpenAPI document or a JSON Schema, or a copy of one that was reworked."""
    if isinstance(value, ast.Name):
        bound = [b.value for b in function.bindings.get(value.id, []) if b.value is not None]
        return any(not isinstance(b, ast.Name) and is_schema(b, function, depth) for b in bound)
    if not isinstance(value, ast.Call):
        return False
    if last_name(value) in _DOCUMENTS:
        return True
    if depth >= _DEEPEST:
        return False
    callee = next((c.callee for c in function.calls if c.node is value), None)
    if callee is not None and not callee.is_generator:
        given = [leaf for statement in callee.returns for leaf in leaves(statement.value)]
        if given and all(_is_all_schemas(one, callee, depth + 1) for one in given):
            return True
    reworked = value.args[0] if len(value.args) == 1 else None
    return (
        reworked is not None
        and _REWORKS.search(last_name(value)) is not None
        and is_schema(reworked, function, depth + 1)
    )


def _is_all_schemas(value: ast.expr, function: Function, depth: int) -> bool:
    """A schema, or several by name: `{"read": Tool.model_json_schema(), "write": NewTool.model_json_schema()}`."""
    if isinstance(value, ast.Dict):
        return bool(value.values) and all(is_schema(one, function, depth) for one in value.values)
    return is_schema(value, function, depth)
