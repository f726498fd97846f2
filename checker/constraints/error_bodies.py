"""What an error that is answered without an exception looks like: a JSON object, a bare text, or nothing at all."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from checker.constraints.error_words import constant_of
from checker.constraints.flow import last_name
from checker.constraints.handmade import is_none
from checker.constraints.replies import argument, status_of, written
from checker.constraints.reply_keys import fields_of, keys_of, rewrites
from checker.constraints.shapes import JSON_CLASSES, is_json_response
from checker.source import Call, Class, Function, Project, Scope

_JSON = "fastapi.responses.JSONResponse"
_RESPONSE = "fastapi.responses.Response"
_PLAIN = "fastapi.responses.PlainTextResponse"
_DUMPS = frozenset({"json.dumps", "orjson.dumps", "ujson.dumps", "simplejson.dumps"})
_MODEL_DUMPS = frozenset({"model_dump_json", "json"})
_TEXT_MAKERS = frozenset({"builtins.str", "builtins.repr", "gettext.gettext"})
_TEXT_METHODS = frozenset({"format", "join", "strip", "lower", "upper", "title", "capitalize"})


class Form(StrEnum):
    """How a reader would call a body without keys."""

    OBJECT = "an object"
    LIST = "a list"
    STRING = "a bare JSON string"
    TEXT = "plain text"
    EMPTY = "no body"


@dataclass(frozen=True, slots=True)
class Body:
    """The body of one answer."""

    form: Form
    keys: frozenset[str] = frozenset()

    @property
    def shown(self) -> str:
        """As a reader sees it: `{code, message}`, or its form in words."""
        return shown_keys(self.keys) if self.keys else self.form.value

    @property
    def described(self) -> str:
        """For the middle of a sentence: "an object `{code}`", "a text"."""
        if self.form is Form.OBJECT and self.keys:
            return f"an object {shown_keys(self.keys)}"
        return "a text" if self.form is Form.TEXT else self.form.value


def shown_keys(keys: Iterable[str]) -> str:
    """The keys as a reader sees them: `{code, message}`."""
    return "`{" + ", ".join(sorted(keys)) + "}`"


@dataclass(frozen=True, slots=True)
class Answer:
    """A response object that is made somewhere, with the body it carries and its status as it is written."""

    call: ast.Call
    body: Body
    status: ast.expr | None
    content: ast.expr | None


def answer_of(call: ast.Call, scope: Scope, project: Project) -> Answer | None:
    """The answer that a call makes; None where it is no JSON or text, or nobody can tell what is in it."""
    made = project.names.evaluate(call.func, scope)
    if made is None:
        return None
    name = made.name
    if isinstance(made.item, Class):
        if made.instance or rewrites(made.item):
            return None
        name = _JSON if is_json_response(made, project) else ""
    elif made.instance or name.endswith(".__init__"):
        # `super().__init__(...)` in a response class of the project's own.
        name = name.removesuffix(".__init__")
    content = argument(call, 0, "content")
    if any(k.arg is None for k in call.keywords):
        return None
    if name in JSON_CLASSES:
        body = _json_body(content, scope, project)
    elif name == _RESPONSE:
        body = _raw_body(call, content, scope, project)
    elif name == _PLAIN:
        body = Body(Form.EMPTY if content is None or _is_nothing(content) else Form.TEXT)
    else:
        return None
    return Answer(call, body, argument(call, 1, "status_code"), content) if body is not None else None


def _json_body(content: ast.expr | None, scope: Scope, project: Project) -> Body | None:
    if content is None or is_none(content):
        return Body(Form.EMPTY)
    keys = keys_of(content, scope, project)
    if keys is not None:
        return Body(Form.OBJECT, keys) if keys else Body(Form.EMPTY)
    if is_text(content, scope, project):
        return Body(Form.STRING)
    return Body(Form.LIST) if isinstance(written(content, scope), ast.List) else None


def _raw_body(call: ast.Call, content: ast.expr | None, scope: Scope, project: Project) -> Body | None:
    media_type = argument(call, 3, "media_type")
    kind = media_type.value if isinstance(media_type, ast.Constant) else None
    if media_type is not None and not (
        isinstance(kind, str) and kind.startswith(("text/plain", "application/json"))
    ):
        return None
    if content is None or _is_nothing(content):
        return Body(Form.EMPTY)
    content = written(content, scope)
    if isinstance(content, ast.Call):
        if isinstance(content.func, ast.Attribute) and content.func.attr in _MODEL_DUMPS and not content.args:
            keys = fields_of(project.names.evaluate(content.func.value, scope), project)
            return Body(Form.OBJECT, keys) if keys else None
        if project.names.qualify(content.func, scope) in _DUMPS and content.args:
            keys = keys_of(content.args[0], scope, project)
            return Body(Form.OBJECT, keys) if keys else None
        if getattr(content.func, "attr", "") == "encode" and isinstance(content.func, ast.Attribute):
            return _raw_body_of_text(content.func.value, scope, project, kind)
    return _raw_body_of_text(content, scope, project, kind)


def _raw_body_of_text(content: ast.expr, scope: Scope, project: Project, kind: object) -> Body | None:
    content = written(content, scope)
    if isinstance(content, ast.Call) and project.names.qualify(content.func, scope) in _DUMPS:
        return None
    is_bytes = isinstance(content, ast.Constant) and isinstance(content.value, bytes)
    if isinstance(kind, str) and "json" in kind:
        return None
    return Body(Form.TEXT) if is_bytes or is_text(content, scope, project) else None


def _is_nothing(content: ast.expr) -> bool:
    return isinstance(content, ast.Constant) and content.value in {None, "", b""}


def is_text(value: ast.expr, scope: Scope, project: Project) -> bool:
    """Whether an expression is a text beyond doubt."""
    value = written(value, scope)
    match value:
        case ast.Constant():
            return isinstance(value.value, str)
        case ast.JoinedStr():
            return True
        case ast.BinOp(op=ast.Add() | ast.Mod()):
            return is_text(value.left, scope, project) or is_text(value.right, scope, project)
        case ast.IfExp():
            return is_text(value.body, scope, project) and is_text(value.orelse, scope, project)
        case ast.BoolOp():
            return is_text(value.values[-1], scope, project)
        case ast.Call():
            called = project.names.evaluate(value.func, scope)
            if called is not None and called.name in _TEXT_MAKERS:
                return True
            if last_name(value) == "jsonable_encoder" and value.args:
                return is_text(value.args[0], scope, project)
            if isinstance(value.func, ast.Name) and value.func.id in {"_", "_t", "gettext"}:
                return True
            method = value.func if isinstance(value.func, ast.Attribute) else None
            if method is not None and method.attr in _TEXT_METHODS and is_text(method.value, scope, project):
                return True
    if project.names.type_name(value, scope) == "builtins.str":
        return True
    return isinstance(value, ast.Attribute) and _is_text_member(value, scope, project)


def _is_text_member(value: ast.Attribute, scope: Scope, project: Project) -> bool:
    """`Messages.NOT_FOUND`, and `Messages.NOT_FOUND.value`, of an enumeration of texts or of a class of constants."""
    if value.attr in {"value", "phrase"} and isinstance(value.value, ast.Attribute):
        if value.attr == "phrase" or _is_text_member(value.value, scope, project):
            return True
        kind = project.names.evaluate(value.value, scope)
        # `result.reason.value`, where the reasons are an enumeration of texts.
        return (
            kind is not None
            and kind.instance
            and isinstance(kind.item, Class)
            and "builtins.str" in project.names.lineage(kind.item)[1]
        )
    owner = project.names.evaluate(value.value, scope)
    if owner is None or owner.instance or not isinstance(owner.item, Class):
        return False
    bindings = owner.item.bindings.get(value.attr, [])
    return (
        len(bindings) == 1
        and isinstance(bindings[0].value, ast.Constant)
        and isinstance(bindings[0].value.value, str)
    )


def is_typed_error(value: ast.expr | None) -> bool:
    """`{"message": ..., "type": ...}`: what clients of model servers expect under `error`."""
    return isinstance(value, ast.Dict) and any(
        key is None or (isinstance(key, ast.Constant) and key.value == "type") for key in value.keys
    )


def is_of_protocol(content: ast.expr | None, scope: Scope, project: Project) -> bool:
    """Whether a body has a form that a protocol lays down.

    `{"error": {"message": ..., "type": ...}}` of model servers, `{"code": -32603, "message": ..., "data": ...}` of JSON-RPC.
    """
    content = written(content, scope) if content is not None else None
    if not isinstance(content, ast.Dict):
        return content is not None and _is_of_rpc(content, scope, project)
    pairs = {
        k.value: v for k, v in zip(content.keys, content.values, strict=True) if isinstance(k, ast.Constant)
    }
    if is_typed_error(pairs.get("error")):
        return True
    if {"code", "message"} <= set(pairs) <= {"code", "message", "data"}:
        number = constant_of(pairs["code"])
        if isinstance(number, int) and number < 0:
            return True
    return any(_is_of_rpc(value, scope, project) for value in pairs.values())


def _is_of_rpc(value: ast.expr, scope: Scope, project: Project) -> bool:
    """`error.code`, `error.model_dump()` of an object whose class is named after remote procedure calls."""
    while isinstance(value, (ast.Attribute, ast.Call, ast.Subscript)):
        value = value.func if isinstance(value, ast.Call) else value.value
        if "rpc" in project.names.type_name(value, scope).rpartition(".")[2].lower():
            return True
    return isinstance(value, ast.Name) and any(
        isinstance(node, ast.ExceptHandler)
        and node.name == value.id
        and node.type is not None
        and "rpc" in ast.unparse(node.type).lower()
        for node in ast.walk(scope.node)
    )


class Callers:
    """Who calls a function of the project; built once for all questions."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._calls: dict[Function, list[Call]] = {}
        for module in project.modules:
            if not module.is_test:
                for call in module.calls:
                    if call.callee is not None:
                        self._calls.setdefault(call.callee, []).append(call)

    def of(self, function: Function) -> list[Call]:
        """The calls of a function."""
        return self._calls.get(function, [])

    def statuses(self, value: ast.expr | None, function: Function, depth: int = 0) -> frozenset[int]:
        """The statuses that an expression can be, through parameters and what callers give for them; empty if unknown."""
        number = status_of(value, function, self._project)
        if number is not None:
            return frozenset({number})
        if isinstance(value, ast.IfExp):
            return self.statuses(value.body, function, depth) | self.statuses(value.orelse, function, depth)
        parameter = function.parameter(value.id) if isinstance(value, ast.Name) else None
        if parameter is None or parameter.variadic or depth > 3:
            return frozenset()
        position = function.parameters.index(parameter) - (1 if function.owner is not None else 0)
        found: frozenset[int] = frozenset()
        for call in self.of(function):
            given = call.argument(position, parameter.name)
            if given is None:
                found |= self.statuses(parameter.default, function, depth + 1)
            elif isinstance(call.scope, Function):
                found |= self.statuses(given, call.scope, depth + 1)
        return found
