"""The fields of a body's model that FastAPI checks by their type alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from checker.constraints.inputs import Input
from checker.source import Class, Function, Project, Scope
from checker.source.model import Binding


def unvalidated_fields(given: Input, project: Project) -> Iterator[tuple[str, Binding, Class]]:
    """Each field with where it is declared; nothing of a model that has a validator."""
    if given.type is not None and (model := model_named(given.type, given.scope, project)) is not None:
        yield from fields_of(model, project)


def model_named(annotation: ast.expr, scope: Scope, project: Project) -> Class | None:
    """The Pydantic model that an annotation is."""
    value = project.names.evaluate(annotation, scope)
    model = value.item if value is not None and not value.instance else None
    is_model = isinstance(model, Class) and project.names.is_a(value, "pydantic.BaseModel")
    return model if is_model and isinstance(model, Class) else None


def fields_of(model: Class, project: Project) -> Iterator[tuple[str, Binding, Class]]:
    """The fields of a model and of those that it derives from, without those that a validator looks at."""
    for step in project.names.lineage(model)[0]:
        for name, bindings in step.bindings.items():
            if len(bindings) == 1 and not has_validator(model, name, project):
                yield name, bindings[0], step


def has_validator(model: Class, field: str, project: Project) -> bool:
    """Whether `@field_validator("name")` speaks of a field, or a validator of the whole model may."""
    return any(
        _speaks_of(decorator, field)
        for step in project.names.lineage(model)[0]
        for function in step.functions.values()
        if field in step.bindings or step is model or _refuses(function)
        for decorator in function.decorators
    )


def _refuses(function: Function) -> bool:
    """Whether a validator may refuse anything; one of a base that only strips every text looks at no field."""
    return any(isinstance(node, (ast.Raise, ast.Assert)) for node in ast.walk(function.node)) or any(
        isinstance(d, ast.Call) and any(isinstance(a, ast.Constant) and a.value != "*" for a in d.args)
        for d in function.decorators
    )


def _speaks_of(decorator: ast.expr, field: str) -> bool:
    if "validator" not in ast.unparse(decorator):
        return False
    if not isinstance(decorator, ast.Call):
        return True
    named = {a.value for a in decorator.args if isinstance(a, ast.Constant)}
    return len(named) < len(decorator.args) or not named or bool(named & {field, "*"})


def type_beside_none(binding: Binding, model: Class, project: Project) -> tuple[ast.expr, Scope] | None:
    """`str` of `str`, `str | None` and `Optional[str]`, with the scope that it is written in; None for several types."""
    if binding.annotation is None:
        return None
    annotation, scope = project.names.unaliased(binding.annotation, model)
    match annotation:
        case ast.Subscript(value=outer, slice=ast.Tuple(elts=[first, *marks])) if (
            project.names.qualify(outer, scope) == "typing.Annotated"
        ):
            if any(_checks(mark) for mark in marks):
                return None
            annotation, scope = project.names.unaliased(first, scope)
    parts = [annotation.left, annotation.right] if isinstance(annotation, ast.BinOp) else [annotation]
    if isinstance(annotation, ast.Subscript) and (
        project.names.qualify(annotation.value, scope) == "typing.Optional"
    ):
        parts = [annotation.slice]
    parts = [p for p in parts if not (isinstance(p, ast.Constant) and p.value is None)]
    return (parts[0], scope) if len(parts) == 1 else None


def _checks(mark: ast.expr) -> bool:
    """`AfterValidator(...)`, `Field(pattern=...)`; what is no call may do anything."""
    if not isinstance(mark, ast.Call):
        return not isinstance(mark, ast.Constant)
    named = mark.func.attr if isinstance(mark.func, ast.Attribute) else getattr(mark.func, "id", "")
    return named != "Field" or any(k.arg in {"pattern", "regex", None} for k in mark.keywords)


def is_any_text(binding: Binding, model: Class, project: Project, *, several: bool = False) -> bool:
    """`name: str`, `name: str | None = None`, `name: str = Field(description="...")`; with `several` a list of them."""
    if isinstance(binding.value, ast.Call) and any(
        k.arg in {"pattern", "regex", None} for k in binding.value.keywords
    ):
        return False
    found = type_beside_none(binding, model, project)
    if found is None:
        return False
    annotation, scope = found
    if isinstance(annotation, ast.Subscript):
        outer = project.names.qualify(annotation.value, scope)
        if not several or outer not in {"builtins.list", "typing.List", "typing.Sequence", "builtins.set"}:
            return False
        annotation = annotation.slice
    elif several:
        return False
    return project.names.qualify(annotation, scope) == "builtins.str"
