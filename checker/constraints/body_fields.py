"""The fields of a body's model that FastAPI checks by their type alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from checker.constraints.inputs import Input
from checker.source import Class, Project, Scope
from checker.source.model import Binding


def unvalidated_fields(given: Input, project: Project) -> Iterator[tuple[str, Binding, Class]]:
    """Each field with where it is declared; nothing of a model that has a validator."""
    value = project.names.evaluate(given.type, given.scope) if given.type is not None else None
    model = value.item if value is not None and not value.instance else None
    if not isinstance(model, Class) or not project.names.is_a(value, "pydantic.BaseModel"):
        return
    lineage = project.names.lineage(model)[0]
    decorators = [d for step in lineage for f in step.functions.values() for d in f.decorators]
    if any("validator" in ast.unparse(decorator) for decorator in decorators):
        return
    for step in lineage:
        for name, bindings in step.bindings.items():
            if len(bindings) == 1:
                yield name, bindings[0], step


def type_beside_none(binding: Binding, model: Class, project: Project) -> tuple[ast.expr, Scope] | None:
    """`str` of `str`, `str | None` and `Optional[str]`, with the scope that it is written in; None for several types."""
    if binding.annotation is None:
        return None
    annotation, scope = project.names.unaliased(binding.annotation, model)
    parts = [annotation.left, annotation.right] if isinstance(annotation, ast.BinOp) else [annotation]
    if isinstance(annotation, ast.Subscript) and (
        project.names.qualify(annotation.value, scope) == "typing.Optional"
    ):
        parts = [annotation.slice]
    parts = [p for p in parts if not (isinstance(p, ast.Constant) and p.value is None)]
    return (parts[0], scope) if len(parts) == 1 else None
