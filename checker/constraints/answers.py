"""How a path operation answers: its declared model, and what its `return` statements hand back."""

from __future__ import annotations

import ast
import re
from dataclasses import replace

from checker.constraints.dictionaries import is_made_by_hand
from checker.constraints.flow import last_name
from checker.constraints.handmade import (
    BODILESS,
    PLAIN_CLASSES,
    Answer,
    class_of_response,
    hand_made,
    is_none,
    is_schema,
    leaves,
    status_number,
)
from checker.constraints.shapes import Shape, is_json_response, shape_of
from checker.source import Class, Function, Operation, Project, Scope


def response_model(operation: Operation) -> ast.expr | None:
    """The `response_model` argument as it is written."""
    return operation.keyword("response_model")


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
    """204, redirects, files, streams, HTML, and plumbing that is not in the schema unless it plainly answers a dictionary or JSON."""
    if operation.websocket or operation.has_open_keywords:
        return True
    hidden = operation.keyword("include_in_schema") or operation.router_keyword("include_in_schema")
    if isinstance(hidden, ast.Constant) and hidden.value is False:
        # Plumbing most often; what is surely JSON made by hand is an answer like any other.
        given = returned(operation)
        made = {hand_made(value, operation.function, project) for value in given}
        return Answer.JSON not in made and not any(
            _is_plain_data(v, operation.function, project) for v in given
        )
    status = status_number(operation.keyword("status_code"), operation.scope, project)
    if status is not None and (status in BODILESS or 300 <= status < 400):
        return True
    for scope, response_class in (
        (operation.scope, operation.keyword("response_class")),
        (operation.router_scope, operation.router_keyword("default_response_class")),
    ):
        if response_class is not None and scope is not None:
            return _is_no_json(response_class, scope, operation, project)
    if _is_below_pages(operation, project):
        return True
    methods = set(operation.methods)
    return bool(methods) and methods <= {"OPTIONS", "HEAD", "TRACE"}


def _is_plain_data(value: ast.expr, function: Function, project: Project) -> bool:
    """A dictionary, or a list of them, that the code makes itself; none that is a schema or empty."""
    if isinstance(value, (ast.Dict, ast.List)):
        return bool(value.keys if isinstance(value, ast.Dict) else value.elts) and is_made_by_hand(
            value, function, project
        )
    written_out = isinstance(value, (ast.Name, ast.ListComp)) and not is_schema(value, function)
    return written_out and is_made_by_hand(value, function, project)


def _is_no_json(response_class: ast.expr, scope: Scope, operation: Operation, project: Project) -> bool:
    """Whether a declared class makes something else than JSON; a plain `Response` may hold JSON made by hand."""
    value = project.names.evaluate(response_class, scope)
    if _makes_json(response_class, scope, project):
        return False
    if value is None or value.name not in PLAIN_CLASSES:
        return True
    kinds = {hand_made(given, operation.function, project) for given in returned(operation)}
    return Answer.JSON not in kinds


def _is_below_pages(operation: Operation, project: Project) -> bool:
    """Whether an app beside or above the module answers with something else than JSON by default."""
    for module, call in project.framework.apps:
        default = call.keyword("default_response_class")
        if default is None or _makes_json(default, call.scope, project):
            continue
        folder = module.path.rpartition("/")[0]
        if operation.function.module.path.startswith(f"{folder}/" if folder else ""):
            return True
    return False


def _makes_json(response_class: ast.expr, scope: Scope, project: Project) -> bool:
    """FastAPI's JSON classes, and those of the project or a library that derive from one or are called like one."""
    value = project.names.evaluate(response_class, scope)
    return is_json_response(value, project) or ast.unparse(response_class).endswith("JSONResponse")


def returned(operation: Operation) -> list[ast.expr]:
    """The expressions that the operation hands back."""
    return [value for statement in operation.function.returns for value in leaves(statement.value)]


_MAKERS = ("response", "redirect", "render", "template", "html", "stream")
_GETS_TEMPLATE = re.compile(r"(get|load|find|fetch|read)_\w*template$")
"""`get_prompt_template()` gives a text that is data; what renders one is called otherwise."""
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
    made = hand_made(value, function, project)
    if made is not None:
        return made
    if is_schema(value, function) or _is_plain_text(value):
        return Answer.RESPONSE
    if isinstance(value, ast.Name) and _is_marked(value.id, function):
        return Answer.RESPONSE
    found = project.names.evaluate(value, function)
    call = value.value if isinstance(value, ast.Await) else value
    if isinstance(call, ast.Call):
        callee = next((c.callee for c in function.calls if c.node is call), None)
        if callee is not None and _gives_nothing(callee):
            return Answer.NOTHING
    # What a library's function gives is known by the function's name alone: `oauth.github.authorize_redirect(...)`.
    maker = last_name(call).lower() if isinstance(call, ast.Call) else ""
    unnamed = found is None or (found.item is None and found.name.endswith("()"))
    if unnamed and any(word in maker for word in _MAKERS) and not _GETS_TEMPLATE.match(maker):
        return Answer.RESPONSE
    if isinstance(call, ast.Call) and depth < _DEEPEST:
        callee = next((c.callee for c in function.calls if c.node is call), None)
        if callee is not None and _hands_on_response(callee, operation, project, depth):
            return Answer.RESPONSE
    if found is not None:
        return Answer.DATA
    if isinstance(call, ast.Call):
        return Answer.UNKNOWN
    if isinstance(value, ast.Name) and depth < _DEEPEST:
        bound = [b.value for b in function.bindings.get(value.id, []) if b.value is not None]
        kinds = {answer_of(v, operation, project, depth + 1) for v in bound if not is_none(v)}
        for kind in (Answer.RESPONSE, Answer.DATA):
            if kind in kinds:
                return kind
    return Answer.UNKNOWN


_DEEPEST = 3


def _hands_on_response(callee: Function, operation: Operation, project: Project, depth: int) -> bool:
    """`return await begin_login(request)`: a helper without a type that answers with a redirect or a page itself."""
    if callee.returns_annotation is not None or callee.is_generator or callee.is_abstract:
        return False
    inner = replace(operation, function=callee)
    given = [value for statement in callee.returns for value in leaves(statement.value)]
    kinds = {answer_of(v, inner, project, depth + 1) for v in given}
    return Answer.RESPONSE in kinds and kinds <= {Answer.RESPONSE, Answer.ERROR}


def _is_plain_text(value: ast.expr) -> bool:
    """`return "ok"`: a word for a probe, which needs no model."""
    return isinstance(value, ast.JoinedStr) or (
        isinstance(value, ast.Constant) and isinstance(value.value, str)
    )


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
    return class_of_response(project.names.evaluate(value, operation.function), project)


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
