"""How a path operation answers: its declared model, and what its `return` statements hand back."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from enum import StrEnum

from checker.constraints.flow import last_name
from checker.constraints.shapes import Shape, is_response, shape_of
from checker.source import Class, Function, Operation, Project, Scope, Value

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


class Answer(StrEnum):
    """What an expression after `return` hands back."""

    DATA = "data"
    JSON = "json"  # a JSON response made by hand
    ERROR = "error"  # a JSON response with an error's status, or one without a body
    RESPONSE = "response"  # a page, file, redirect, stream
    NOTHING = "nothing"
    UNKNOWN = "unknown"


_MAKERS = ("response", "redirect", "render", "template", "html", "stream")
_MARKS = frozenset({"set_cookie", "delete_cookie"})


def answers_of(operation: Operation, project: Project) -> list[Answer]:
    """What the operation's `return` statements hand back, one entry each."""
    return [answer_of(value, operation, project) for value in returned(operation)]


def answers_with_data(operation: Operation, project: Project) -> bool:
    """Whether some `return` hands back data and not a file, a redirect, a page or a stream."""
    if operation.function.is_generator:
        return False
    answers = set(answers_of(operation, project))
    if answers & {Answer.DATA, Answer.JSON}:
        return True
    # Beside a page or a redirect, a value that could not be followed is most likely one more of them.
    return Answer.UNKNOWN in answers and Answer.RESPONSE not in answers


def answer_of(value: ast.expr, operation: Operation, project: Project, depth: int = 0) -> Answer:
    """What one expression hands back."""
    function = operation.function
    name = response_name(value, operation, project)
    if name in JSON_CLASSES:
        return Answer.ERROR if is_error_answer(value, operation, project) else Answer.JSON
    if name:
        return Answer.RESPONSE
    if isinstance(value, ast.Name) and _is_marked(value.id, function):
        return Answer.RESPONSE
    found = project.names.evaluate(value, function)
    call = value.value if isinstance(value, ast.Await) else value
    if isinstance(call, ast.Call):
        callee = next((c.callee for c in function.calls if c.node is call), None)
        if callee is not None and _gives_nothing(callee):
            return Answer.NOTHING
    if found is not None:
        return Answer.DATA
    if isinstance(call, ast.Call):
        maker = last_name(call).lower()
        return Answer.RESPONSE if any(word in maker for word in _MAKERS) else Answer.UNKNOWN
    if isinstance(value, ast.Name) and depth < _DEEPEST:
        bound = [b.value for b in function.bindings.get(value.id, []) if b.value is not None]
        kinds = {answer_of(v, operation, project, depth + 1) for v in bound if not is_none(v)}
        for kind in (Answer.RESPONSE, Answer.DATA):
            if kind in kinds:
                return kind
    return Answer.UNKNOWN


_DEEPEST = 3


def _is_marked(name: str, function: Function) -> bool:
    """`page.set_cookie(...)`: only a response has cookies to set."""
    for call in function.calls:
        on = call.node.func
        if not isinstance(on, ast.Attribute) or on.attr not in _MARKS or not isinstance(on.value, ast.Name):
            continue
        if on.value.id == name and function.parameter(name) is None:
            return True
    return False


def _gives_nothing(callee: Function) -> bool:
    """A function of the project that returns no value at all."""
    if callee.is_generator or callee.is_lambda or callee.returns_annotation is not None:
        return is_none(callee.returns_annotation)
    return not any(r.value is not None and not is_none(r.value) for r in callee.returns)


def response_name(value: ast.expr, operation: Operation, project: Project) -> str:
    """The response class that an expression makes, or an empty string."""
    return _class_of_response(project.names.evaluate(value, operation.function), project)


def _class_of_response(found: Value | None, project: Project) -> str:
    if found is None or not found.instance:
        return ""
    if not isinstance(found.item, Class):
        name = found.name.removesuffix("()")
        return name if is_response(name) else ""
    behind = project.names.lineage(found.item)[1]
    json = next((name for name in behind if name in JSON_CLASSES), "")
    return json or next((name for name in behind if is_response(name)), "")


def fitting_model(operation: Operation, project: Project) -> str:
    """The type that the answers call for, in words for a reader; empty where the code does not show it."""
    for value in returned(operation):
        if isinstance(value, ast.Dict):
            fields = [k.value for k in value.keys if isinstance(k, ast.Constant) and isinstance(k.value, str)]
            if fields and len(fields) == len(value.keys):
                shown = ", ".join(f"`{name}`" for name in fields[:4]) + (", ..." if len(fields) > 4 else "")
                return f"a Pydantic model with the field{'s' if len(fields) > 1 else ''} {shown}"
        found = project.names.evaluate(value, operation.function)
        if found is not None and found.instance and isinstance(found.item, Class):
            if project.names.is_a(found, "pydantic.BaseModel"):
                return f"`{found.item.node.name}`"
            return f"a Pydantic model of `{found.item.node.name}` with the fields that a client may see"
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
