"""What annotations promise: quotes, aliases, `Annotated`, unions, and the results of dependencies."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from checker.source.model import Class, Function, Module, Scope
from checker.source.values import Value, agreed

if TYPE_CHECKING:
    from checker.source.names import Names

_LONGEST_ALIAS = 24


class Annotations:
    """Answers about annotations; every answer is remembered."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._types: dict[int, Value | None] = {}
        self._parsed: dict[int, ast.expr | None] = {}

    def dependency_result(self, call: ast.Call, scope: Scope) -> Value | None:
        """What `Depends(f)` hands to its parameter."""
        if self._names.qualify(call.func, scope) not in {"fastapi.Depends", "fastapi.Security"}:
            return None
        argument = (
            call.args[0]
            if call.args
            else next((k.value for k in call.keywords if k.arg == "dependency"), None)
        )
        if argument is None:
            return None
        value = self._names.evaluate(argument, scope)
        if value is None:
            return None
        if isinstance(value.item, Function):
            return (
                self._names.yielded(value.item)
                if value.item.is_generator
                else self._names.returned(value.item)
            )
        if isinstance(value.item, Class) and not value.instance:
            return Value(value.name, instance=True, item=value.item)
        return None

    def _unquoted(self, annotation: ast.expr) -> ast.expr | None:
        """The expression inside a quoted annotation."""
        if not (isinstance(annotation, ast.Constant) and isinstance(annotation.value, str)):
            return annotation
        key = id(annotation)
        if key not in self._parsed:
            try:
                self._parsed[key] = ast.parse(annotation.value.strip(), mode="eval").body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                self._parsed[key] = None
        return self._parsed[key]

    def unaliased(self, annotation: ast.expr, scope: Scope) -> tuple[ast.expr, Scope]:
        """An annotation with quotes and module-level aliases (`DbSession = Annotated[...]`) looked through."""
        for _ in range(_LONGEST_ALIAS):
            inner = self._unquoted(annotation)
            if inner is None:
                return annotation, scope
            annotation = inner
            if not isinstance(annotation, (ast.Name, ast.Attribute)):
                return annotation, scope
            variable = self._names.variable(annotation, scope)
            if variable is None or len(variable.bindings) != 1:
                return annotation, scope
            value = variable.bindings[0].value
            if not isinstance(value, (ast.Subscript, ast.BinOp, ast.Name, ast.Attribute)):
                return annotation, scope
            annotation, scope = value, variable.module.scope
        return annotation, scope

    def annotation_type(self, annotation: ast.expr, scope: Scope) -> Value | None:
        """The class whose instances an annotation promises; None for unions of several and for Any."""
        key = id(annotation)
        if key in self._types:
            return self._types[key]
        # An annotation that leads back to itself is none.
        self._types[key] = None
        found = self._annotation_type(*self.unaliased(annotation, scope))
        self._types[key] = found
        return found

    def _annotation_type(self, annotation: ast.expr, scope: Scope) -> Value | None:
        if isinstance(annotation, (ast.Name, ast.Attribute)):
            value = self._names.evaluate(annotation, scope)
            if (
                value is None
                or value.instance
                or value.name in {"typing.Any", "builtins.object", "typing.Self"}
            ):
                return self._self_type(value, scope)
            if isinstance(value.item, (Function, Module)):
                return None
            return Value(value.name, instance=True, item=value.item)
        if isinstance(annotation, ast.BinOp):
            sides = [self.annotation_type(side, scope) for side in (annotation.left, annotation.right)]
            return agreed(sides)
        if not isinstance(annotation, ast.Subscript):
            return None
        outer = self._names.qualify(annotation.value, scope)
        inner = annotation.slice
        parts = list(inner.elts) if isinstance(inner, ast.Tuple) else [inner]
        if outer == "typing.Annotated":
            found = self.annotation_type(parts[0], scope)
            calls = [p for p in parts[1:] if isinstance(p, ast.Call)]
            return found or agreed([self.dependency_result(call, scope) for call in calls])
        if outer in {"typing.Optional", "typing.Union"}:
            return agreed([self.annotation_type(part, scope) for part in parts])
        if outer in {"builtins.type", "typing.Type"}:
            found = self.annotation_type(parts[0], scope)
            return Value(found.name, item=found.item) if found is not None else None
        return self.annotation_type(annotation.value, scope)

    def _self_type(self, value: Value | None, scope: Scope) -> Value | None:
        if value is not None and value.name == "typing.Self" and isinstance(scope, Function) and scope.owner:
            return Value(scope.owner.qualified, instance=True, item=scope.owner)
        return None
