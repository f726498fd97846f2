"""Ids that a client sends as any text, where the service needs a UUID, an ObjectId or a number."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from checker.constraints.client_text import given_plainly, reached
from checker.constraints.flow import is_caught, last_name, own_expressions, parameter_for, statements
from checker.source import Call, Class, Function, Project, Scope

_IDS = frozenset({"bson.ObjectId", "bson.objectid.ObjectId", "uuid.UUID", "beanie.PydanticObjectId"})
_ID_ENDINGS = ("_id", "_ids", "Id", "Ids", "_pk")
_UUIDS = frozenset({"UUID", "Uuid", "UUIDType", "GUID", "PG_UUID", "UUIDField", "BinaryUUIDField"})
_LOOKS_UP = frozenset({
    "filter", "filter_by", "get", "get_or_none", "get_or_404", "aget", "afilter", "exclude", "first", "get_object_or_404",
    "aget_object_or_404", "find_one", "update_or_create", "get_or_create",
})  # fmt: skip
_DEEPEST = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class IdUse:
    """Where a text has to be an id."""

    kind: str
    """`UUID`, `ObjectId`, `int`."""
    how: str
    """What happens to the text there, after "takes it as any text and"."""
    path: str
    line: int


def id_use(function: Function, source: str, project: Project) -> IdUse | None:
    """Where a parameter has to be an id, here or in a helper of the project, and nothing checks or catches what is none."""
    speaks = source in {"id", "ids", "pk"} or source.endswith(_ID_ENDINGS)

    def uses(within: Function, names: set[str]) -> IdUse | None:
        for use in _uses(within, names, project, numbers=speaks):
            return use
        return None

    return reached(function, source, uses)


def _uses(function: Function, names: set[str], project: Project, *, numbers: bool) -> Iterator[IdUse]:
    wanted = _IDS | {"builtins.int"} if numbers else _IDS
    for call in function.calls:
        passed = given_plainly(call, names)
        if not passed or is_caught(function, call.node):
            continue
        if call.target.removesuffix(".__init__") in wanted:
            kind = last_name(call.node)
            article = "an" if kind[:1] in "iO" else "a"
            yield _use(kind, f"makes {article} `{kind}` of it", call.line, function)
        elif _is_beanie_get(call, project) and numbers:
            yield _use(
                "ObjectId",
                f"gets `{ast.unparse(call.node.func).rpartition('.')[0]}` by it",
                call.line,
                function,
            )
        elif (promised := _promised(call, passed, project)) is not None:
            yield _use("UUID", f"hands it to `{promised}`, which expects a `UUID`", call.line, function)
    tried = any(
        given_plainly(call, names)
        and call.target.removesuffix(".__init__") in _IDS
        and is_caught(function, call.node)
        for call in function.calls
    )
    for node, column in _compared(function, names, project) if not tried else ():
        if not is_caught(function, node):
            yield _use("UUID", f"looks up `{column}` by it, which holds a `UUID`", node.lineno, function)


def _is_beanie_get(call: Call, project: Project) -> bool:
    """`Tool.get(tool_id)` of a beanie document, whose id is an `ObjectId` unless it declares another."""
    function = call.node.func
    if not isinstance(function, ast.Attribute) or function.attr != "get" or len(call.node.args) != 1:
        return False
    value = project.names.evaluate(function.value, call.scope)
    if value is None or value.instance or not isinstance(value.item, Class):
        return False
    ours, libraries = project.names.lineage(value.item)
    return "beanie.Document" in libraries and not any("id" in step.bindings for step in ours)


def _use(kind: str, how: str, line: int, function: Function) -> IdUse:
    return IdUse(kind=kind, how=how, path=function.module.path, line=line)


def _promised(call: Call, passed: list[ast.expr], project: Project) -> str | None:
    """The function that a text is handed to, where its parameter is annotated as a UUID and nothing else."""
    callee = call.callee
    if callee is None or callee.name.endswith("__init__"):
        return None
    for argument in passed:
        parameter = callee.parameter(parameter_for(argument, call, callee))
        annotation = parameter.annotation if parameter is not None else None
        if annotation is not None and _is_uuid_type(annotation, callee, project):
            return callee.short
    return None


def _is_uuid_type(annotation: ast.expr, scope: Scope, project: Project) -> bool:
    """`UUID`, `UUID | None`, `Mapped[UUID]`, `Annotated[UUID, ...]`; a union with text is no promise."""
    annotation, scope = project.names.unaliased(annotation, scope)
    match annotation:
        case ast.BinOp():
            sides = [s for s in (annotation.left, annotation.right) if not _is_none(s)]
            return all(_is_uuid_type(side, scope, project) for side in sides)
        case ast.Subscript():
            outer = project.names.qualify(annotation.value, scope).rpartition(".")[2]
            inner = annotation.slice
            parts = list(inner.elts) if isinstance(inner, ast.Tuple) else [inner]
            if outer == "Annotated":
                parts = parts[:1]
            elif outer not in {"Optional", "Union", "Mapped", "list", "List", "Sequence", "set"}:
                return False
            return all(_is_uuid_type(part, scope, project) for part in parts if not _is_none(part))
        case ast.Name() | ast.Attribute():
            return project.names.qualify(annotation, scope) in {
                "uuid.UUID",
                "pydantic.UUID4",
                "pydantic.UUID7",
            }
    return False


def _is_none(expression: ast.expr) -> bool:
    return isinstance(expression, ast.Constant) and expression.value is None


def _compared(function: Function, names: set[str], project: Project) -> Iterator[tuple[ast.expr, str]]:
    """Comparisons and look-ups that set a text against a column of UUIDs, with the column's name."""
    for statement in statements(function):
        for node in (n for part in own_expressions(statement) for n in ast.walk(part)):
            pairs: list[tuple[ast.expr, ast.expr]] = []
            if isinstance(node, ast.Compare) and len(node.ops) == 1:
                pairs = [(node.left, node.comparators[0]), (node.comparators[0], node.left)]
            elif isinstance(node, ast.Call) and last_name(node) == "in_" and len(node.args) == 1:
                pairs = [(node.func.value, node.args[0])] if isinstance(node.func, ast.Attribute) else []
            for column, compared in pairs:
                value = _unconverted(compared)
                if (
                    not isinstance(value, ast.Name)
                    or value.id not in names
                    or not isinstance(column, ast.Attribute)
                ):
                    continue
                model = _class_named(column.value, function, project)
                if (
                    model is not None
                    and _holds_uuid(model, column.attr, project)
                    and isinstance(node, ast.expr)
                ):
                    yield node, f"{model.name}.{column.attr}"
            if isinstance(node, ast.Call) and last_name(node) in _LOOKS_UP:
                yield from _looked_up(node, names, function, project)


def _unconverted(value: ast.expr) -> ast.expr:
    """`tool_id` of `str(tool_id)`, which is the same text."""
    match value:
        case ast.Call(func=ast.Name(id="str"), args=[inner]):
            return inner
    return value


def _looked_up(
    call: ast.Call, names: set[str], function: Function, project: Project
) -> Iterator[tuple[ast.expr, str]]:
    """`filter(id=tool_id)`, `filter_by(id=tool_id)`, `session.get(Tool, tool_id)`."""
    given = {k.arg: k.value for k in call.keywords if k.arg is not None}
    fields = [arg for arg, value in given.items() if isinstance(value, ast.Name) and value.id in names]
    if fields:
        model = _model_of(call, function, project)
        for field in fields:
            if model is not None and _holds_uuid(model, field, project):
                yield call, f"{model.name}.{field}"
    if last_name(call) == "get" and len(call.args) > 1:
        model = _class_named(call.args[0], function, project)
        key = call.args[1]
        if (
            model is not None
            and isinstance(key, ast.Name)
            and key.id in names
            and _holds_uuid(model, "id", project)
        ):
            yield call, f"{model.name}.id"


def _class_named(expression: ast.expr, scope: Scope, project: Project) -> Class | None:
    value = project.names.evaluate(expression, scope)
    return value.item if value is not None and isinstance(value.item, Class) and not value.instance else None


def _model_of(expression: ast.expr, scope: Function, project: Project, depth: int = 0) -> Class | None:
    """The model that a query is about: `Tool.objects.filter(...)`, `session.query(Tool).filter_by(...)`, `select(Tool)`."""
    if depth > _DEEPEST:
        return None
    match expression:
        case ast.Await():
            return _model_of(expression.value, scope, project, depth + 1)
        case ast.Call():
            if (
                last_name(expression) in {"query", "select", "get_object_or_404", "aget_object_or_404"}
                and expression.args
            ):
                return _class_named(expression.args[0], scope, project)
            if isinstance(expression.func, ast.Attribute):
                return _model_of(expression.func.value, scope, project, depth + 1)
        case ast.Attribute():
            found = _class_named(expression.value, scope, project)
            return found or _model_of(expression.value, scope, project, depth + 1)
        case ast.Name():
            found = _class_named(expression, scope, project)
            if found is not None:
                return found
            made = [b.value for b in scope.bindings.get(expression.id, []) if b.value is not None]
            models = {_model_of(value, scope, project, depth + 1) for value in made[:6]}
            return models.pop() if len(models) == 1 else None
    return None


def _holds_uuid(model: Class, field: str, project: Project) -> bool:
    """Whether a column is declared as one of UUIDs, by its annotation or by the type that it is made with."""
    for step in project.names.lineage(model)[0]:
        for binding in step.bindings.get(field, ()):
            if binding.annotation is not None and _is_uuid_type(binding.annotation, step, project):
                return True
            value = binding.value
            if not isinstance(value, ast.Call):
                return False
            kinds = [
                value,
                *value.args,
                *(k.value for k in value.keywords if k.arg in {"type_", "sa_type", "sa_column"}),
            ]
            kinds += [inner for k in kinds[1:] if isinstance(k, ast.Call) for inner in k.args]
            return any(_is_uuid_column(kind) for kind in kinds)
    return False


def _is_uuid_column(kind: ast.expr) -> bool:
    """`UUID(as_uuid=True)`, `models.UUIDField()`; `UUID(as_uuid=False)` takes text."""
    if isinstance(kind, ast.Call):
        is_text = any(
            k.arg == "as_uuid" and isinstance(k.value, ast.Constant) and k.value.value is False
            for k in kind.keywords
        )
        return not is_text and _is_uuid_column(kind.func)
    last = kind.attr if isinstance(kind, ast.Attribute) else kind.id if isinstance(kind, ast.Name) else ""
    return last in _UUIDS


def answers_value_errors(project: Project) -> bool:
    """Whether the app has a handler for the error itself: `@app.exception_handler(ValueError)`."""
    for function in project.framework.exception_handlers:
        for decorator in function.decorators:
            if isinstance(decorator, ast.Call) and decorator.args and _is_value_error(decorator.args[0]):
                return True
    return any(
        last_name(call.node) == "add_exception_handler"
        and call.node.args
        and _is_value_error(call.node.args[0])
        for module in project.service_modules
        for call in module.calls
    )


def _is_value_error(expression: ast.expr) -> bool:
    last = expression.attr if isinstance(expression, ast.Attribute) else getattr(expression, "id", "")
    return last in {"ValueError", "InvalidId"}
