"""How a path operation answers: its declared model, and what its `return` statements hand back."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from checker.constraints.shapes import Shape, is_response, shape_of
from checker.source import Operation, Project, Scope

JSON_CLASSES = frozenset({
    "fastapi.responses.JSONResponse", "fastapi.responses.ORJSONResponse", "fastapi.responses.UJSONResponse",
})  # fmt: skip
_BODILESS = frozenset({204, 205, 304})


def response_model(operation: Operation) -> ast.expr | None:
    """The `response_model` argument as it is written."""
    return operation.keyword("response_model")


def is_none(expression: ast.expr | None) -> bool:
    """Whether an expression is the literal `None`."""
    return isinstance(expression, ast.Constant) and expression.value is None


def declared_shape(operation: Operation, project: Project) -> Shape | None:
    """What the operation promises, by `response_model` or by its return annotation; None without either."""
    model = response_model(operation)
    if model is not None and not is_none(model):
        return shape_of(model, operation.scope, project)
    annotation = operation.function.returns_annotation
    if annotation is None:
        return None
    shape = shape_of(annotation, operation.function, project)
    if model is not None and shape in {Shape.TYPED, Shape.UNKNOWN}:
        return None  # `response_model=None` switches the annotation off.
    return shape


def answers_without_body(operation: Operation, project: Project) -> bool:
    """204, redirects, files, streams, HTML and plumbing that is not in the schema."""
    if operation.websocket or operation.has_open_keywords:
        return True
    hidden = operation.keyword("include_in_schema") or operation.router_keyword("include_in_schema")
    if isinstance(hidden, ast.Constant) and hidden.value is False:
        return True
    status = status_number(operation.keyword("status_code"), operation.scope, project)
    if status is not None and (status in _BODILESS or 300 <= status < 400):
        return True
    for scope, response_class in (
        (operation.scope, operation.keyword("response_class")),
        (operation.router_scope, operation.router_keyword("default_response_class")),
    ):
        if response_class is not None and scope is not None:
            return project.names.qualify(response_class, scope) not in JSON_CLASSES
    if _is_below_pages(operation, project):
        return True
    methods = set(operation.methods)
    return bool(methods) and methods <= {"OPTIONS", "HEAD", "TRACE"}


def _is_below_pages(operation: Operation, project: Project) -> bool:
    """Whether an app beside or above the module answers with something else than JSON by default."""
    for module, call in project.framework.apps:
        default = call.keyword("default_response_class")
        if default is None or project.names.qualify(default, call.scope) in JSON_CLASSES:
            continue
        folder = module.path.rpartition("/")[0]
        if operation.function.module.path.startswith(f"{folder}/" if folder else ""):
            return True
    return False


def status_number(value: ast.expr | None, scope: Scope, project: Project) -> int | None:
    """A status code that is written as a number or as one of `status.HTTP_...`."""
    if isinstance(value, ast.Constant) and isinstance(value.value, int):
        return value.value
    if isinstance(value, ast.Attribute) and value.attr.startswith("HTTP_"):
        digits = value.attr[5:8]
        return int(digits) if digits.isdigit() else None
    if isinstance(value, ast.Attribute) and project.names.qualify(value.value, scope) == "http.HTTPStatus":
        return _HTTP_STATUS.get(value.attr)
    return None


_HTTP_STATUS = {
    "NO_CONTENT": 204, "RESET_CONTENT": 205, "NOT_MODIFIED": 304, "MOVED_PERMANENTLY": 301, "FOUND": 302,
    "SEE_OTHER": 303, "TEMPORARY_REDIRECT": 307, "PERMANENT_REDIRECT": 308, "CREATED": 201, "ACCEPTED": 202, "OK": 200,
}  # fmt: skip


def returned(operation: Operation) -> list[ast.expr]:
    """The expressions that the operation hands back."""
    return [value for statement in operation.function.returns for value in _leaves(statement.value)]


def _leaves(value: ast.expr | None) -> Iterator[ast.expr]:
    if isinstance(value, ast.IfExp):
        yield from _leaves(value.body)
        yield from _leaves(value.orelse)
    elif value is not None and not is_none(value):
        yield value


def response_name(value: ast.expr, operation: Operation, project: Project) -> str:
    """The response class that an expression makes, or an empty string."""
    found = project.names.type_name(value, operation.function)
    name = found.removesuffix("()")
    if is_response(name):
        return name
    item = project.names.evaluate(value, operation.function)
    if item is not None and item.item is not None:
        from_library = next((n for n in sorted(JSON_CLASSES) if project.names.is_a(item, n)), "")
        if from_library:
            return from_library
        if item.instance and project.names.is_a(item, "fastapi.responses.Response"):
            return "fastapi.responses.Response"
    return ""


def is_error_answer(value: ast.expr, operation: Operation, project: Project) -> bool:
    """`JSONResponse(status_code=404, ...)`: an error, which has a shape of its own, or one without a body."""
    if not isinstance(value, ast.Call):
        return False
    given = next((k.value for k in value.keywords if k.arg == "status_code"), None)
    status = status_number(given, operation.function, project)
    return given is not None and (
        status is None or status >= 400 or status in _BODILESS or 300 <= status < 400
    )
