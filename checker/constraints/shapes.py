"""What an annotation promises about data: a model, free data, a response, a stream."""

from __future__ import annotations

import ast
import re
from enum import StrEnum

from checker.source import Class, Function, Project, Scope, Value


class Shape(StrEnum):
    """What kind of data an annotation stands for."""

    TYPED = "typed"
    FREE = "free"  # dict, Any, bare list: anything goes
    RESPONSE = "response"  # a response object other than JSON
    JSON_RESPONSE = "json response"
    STREAM = "stream"
    NOTHING = "nothing"
    UNKNOWN = "unknown"


_MAPPINGS = frozenset({
    "builtins.dict", "typing.Dict", "typing.Mapping", "typing.MutableMapping", "collections.OrderedDict",
    "collections.defaultdict", "typing.DefaultDict", "typing.OrderedDict",
})  # fmt: skip
_LISTS = frozenset({
    "builtins.list", "typing.List", "typing.Sequence", "builtins.set", "typing.Set", "builtins.tuple", "typing.Tuple",
    "typing.Iterable", "typing.Collection", "builtins.frozenset",
})  # fmt: skip
_FREE = frozenset({"typing.Any", "builtins.object", "pydantic.Json"})
_STREAMS = frozenset({
    "typing.AsyncIterable", "typing.AsyncIterator", "typing.AsyncGenerator", "typing.Generator", "typing.Iterator",
})  # fmt: skip
SCALARS = frozenset({
    "builtins.str", "builtins.int", "builtins.float", "builtins.bool", "builtins.bytes", "uuid.UUID", "datetime.date",
    "datetime.datetime", "datetime.time", "datetime.timedelta", "decimal.Decimal", "pathlib.Path", "builtins.complex",
})  # fmt: skip
_FIGURES = frozenset({"builtins.int", "builtins.float", "builtins.bool", "decimal.Decimal"})
JSON_CLASSES = frozenset({
    "fastapi.responses.JSONResponse", "fastapi.responses.ORJSONResponse", "fastapi.responses.UJSONResponse",
})  # fmt: skip
_JSON_MEDIA = re.compile(r"application/([\w.-]+\+)?json\b")


def shape_of(annotation: ast.expr, scope: Scope, project: Project, depth: int = 0) -> Shape:
    """Classify an annotation; aliases, quotes, `Annotated` and unions are looked through."""
    if depth > 12:
        return Shape.UNKNOWN
    names = project.names
    annotation, scope = names.unaliased(annotation, scope)
    if isinstance(annotation, ast.Constant) and annotation.value is None:
        return Shape.NOTHING
    if isinstance(annotation, ast.BinOp):
        return _union([annotation.left, annotation.right], scope, project, depth)
    if isinstance(annotation, (ast.Name, ast.Attribute)):
        return _named(annotation, scope, project)
    if not isinstance(annotation, ast.Subscript):
        return Shape.UNKNOWN
    outer = names.qualify(annotation.value, scope)
    inner = annotation.slice
    parts = list(inner.elts) if isinstance(inner, ast.Tuple) else [inner]
    if outer in {"typing.Annotated", "typing.ClassVar", "typing.Final", "pydantic.Json"}:
        return shape_of(parts[0], scope, project, depth + 1)
    if outer in {"typing.Optional", "typing.Union"}:
        return _union(parts, scope, project, depth)
    if outer in _STREAMS:
        return Shape.STREAM
    if outer in _MAPPINGS:
        value = parts[-1] if len(parts) > 1 else None
        if value is not None and _is_figure(value, scope, project):
            return Shape.TYPED  # Counts by name: nothing else can be in it.
        typed = value is not None and not is_scalar(value, scope, project)
        return shape_of(value, scope, project, depth + 1) if typed and value is not None else Shape.FREE
    if outer in _LISTS:
        inner_shapes = {
            shape_of(p, scope, project, depth + 1)
            for p in parts
            if not (isinstance(p, ast.Constant) and p.value is Ellipsis)
        }
        return Shape.FREE if Shape.FREE in inner_shapes else Shape.TYPED
    return Shape.TYPED if outer else Shape.UNKNOWN


def _is_figure(annotation: ast.expr, scope: Scope, project: Project) -> bool:
    annotation, scope = project.names.unaliased(annotation, scope)
    return project.names.qualify(annotation, scope) in _FIGURES


def _union(parts: list[ast.expr], scope: Scope, project: Project, depth: int) -> Shape:
    found = {shape_of(part, scope, project, depth + 1) for part in parts} - {Shape.NOTHING}
    for shape in (Shape.FREE, Shape.UNKNOWN, Shape.TYPED, Shape.JSON_RESPONSE):
        if shape in found:
            return shape
    return found.pop() if found else Shape.NOTHING


def _named(annotation: ast.expr, scope: Scope, project: Project) -> Shape:
    value = project.names.evaluate(annotation, scope)
    if value is None or value.instance:
        return Shape.UNKNOWN
    if isinstance(value.item, Function):
        return Shape.FREE  # A function in the place of a model: nothing is checked.
    if value.name in _FREE or value.name in _MAPPINGS or value.name in _LISTS:
        return Shape.FREE
    if value.name in _STREAMS or value.name == "fastapi.sse.EventSourceResponse":
        return Shape.STREAM
    if is_json_response(value, project):
        return Shape.JSON_RESPONSE
    if is_response(value.name) or any(is_response(name) for name in _libraries(value.item, project)):
        return Shape.RESPONSE
    return Shape.TYPED


def _libraries(item: object, project: Project) -> tuple[str, ...]:
    return project.names.lineage(item)[1] if isinstance(item, Class) else ()


def is_json_response(value: Value | None, project: Project) -> bool:
    """Whether a class, or the class of an instance, writes JSON: FastAPI's, or a `Response` with that media type."""
    if project.names.is_a(value, *JSON_CLASSES):
        return True
    if value is None or not isinstance(value.item, Class):
        return False
    return project.names.is_a(value, "fastapi.responses.Response") and bool(
        _JSON_MEDIA.match(_media_type(value.item, project))
    )


def _media_type(made: Class, project: Project) -> str:
    """`media_type = "application/json"` in a response class of the project's own."""
    for step in project.names.lineage(made)[0]:
        for binding in step.bindings.get("media_type", []):
            if isinstance(binding.value, ast.Constant) and isinstance(binding.value.value, str):
                return binding.value.value
    return ""


def is_response(name: str) -> bool:
    """Whether a canonical name is one of the response classes."""
    if name.startswith(("fastapi.responses.", "sse_starlette.")):
        return True
    return name.rpartition(".")[2] in {"TemplateResponse", "_TemplateResponse"}


def is_scalar(annotation: ast.expr, scope: Scope, project: Project) -> bool:
    """Whether an annotation is one plain value: text, a number, a date."""
    annotation, scope = project.names.unaliased(annotation, scope)
    if isinstance(annotation, ast.BinOp):
        return all(
            is_scalar(side, scope, project) or (isinstance(side, ast.Constant) and side.value is None)
            for side in (annotation.left, annotation.right)
        )
    if isinstance(annotation, ast.Subscript):
        outer = project.names.qualify(annotation.value, scope)
        if outer == "typing.Literal":
            return True
        if outer in {"typing.Annotated", "typing.Optional"}:
            inner = annotation.slice
            first = inner.elts[0] if isinstance(inner, ast.Tuple) else inner
            return is_scalar(first, scope, project)
        return False
    return project.names.qualify(annotation, scope) in SCALARS
