"""What annotations promise: quotes, aliases, `Annotated`, unions, and the results of dependencies."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from checker.source.injection import is_marker
from checker.source.model import Class, Function, Module, Scope
from checker.source.values import Value, each, joined

if TYPE_CHECKING:
    from checker.source.names import Names

_LONGEST_ALIAS = 24
_MOST_PARTS = 6
ITERATORS = frozenset({
    "typing.Iterator", "typing.AsyncIterator", "typing.Generator", "typing.AsyncGenerator", "typing.Iterable",
    "typing.AsyncIterable", "contextlib.AbstractContextManager", "contextlib.AbstractAsyncContextManager",
    "typing.ContextManager", "typing.AsyncContextManager", "contextlib._GeneratorContextManager",
})  # fmt: skip
_SAME = frozenset({"typing.Final", "typing.ClassVar", "typing.Required", "typing.NotRequired", "typing.ReadOnly",
                   "sqlalchemy.orm.Mapped", "typing.Awaitable", "asyncio.Future", "asyncio.Task",
                   "dishka.FromDishka", "dishka.integrations.fastapi.FromDishka", "dishka.integrations.base.FromDishka",
                   "wireup.Injected"})  # fmt: skip


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
        found = self._names.look(argument, scope)
        return found if is_marker(argument) else self.given(found)

    def given(self, value: Value | None) -> Value | None:
        """What FastAPI or a container gets when it calls a dependency."""
        return each(value, self._given)

    def _given(self, value: Value) -> Value | None:
        if isinstance(value.item, Function):
            given = self._names.yielded if value.item.is_generator else self._names.result
            return given(value.item) if not value.instance else None
        if isinstance(value.item, Class):
            if not value.instance:
                return Value(value.name, instance=True, item=value.item)
            entry = self._names.method(value.item, "__call__")
            return self._names.result(entry) if entry is not None else None
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
            if isinstance(value, ast.Call):
                bound = self._bound_of(value, variable.module.scope)
                return (bound, variable.module.scope) if bound is not None else (annotation, scope)
            if not isinstance(value, (ast.Subscript, ast.BinOp, ast.Name, ast.Attribute)):
                return annotation, scope
            annotation, scope = value, variable.module.scope
        return annotation, scope

    def _bound_of(self, call: ast.Call, scope: Scope) -> ast.expr | None:
        """`T = TypeVar("T", bound=Store)` promises what its bound does; a NewType what it is made of."""
        maker = self._names.qualify(call.func, scope)
        if maker == "typing.TypeVar":
            return next((k.value for k in call.keywords if k.arg == "bound"), None)
        return call.args[1] if maker == "typing.NewType" and len(call.args) > 1 else None

    def annotation_type(self, annotation: ast.expr, scope: Scope) -> Value | None:
        """The class whose instances an annotation promises, or the classes of a union; None for Any."""
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
            if value is None or value.instance or value.name in {"typing.Any", "builtins.object"}:
                return None
            if value.name == "typing.Self":
                return self._self_type(scope)
            if isinstance(value.item, (Function, Module)):
                return None
            return Value(value.name, instance=True, item=value.item)
        if isinstance(annotation, ast.BinOp):
            sides = [self.annotation_type(side, scope) for side in (annotation.left, annotation.right)]
            return joined(sides)
        if not isinstance(annotation, ast.Subscript):
            return None
        outer = self._names.qualify(annotation.value, scope)
        inner = annotation.slice
        parts = list(inner.elts) if isinstance(inner, ast.Tuple) else [inner]
        if not parts:
            return None
        if outer == "typing.Annotated":
            found = self.annotation_type(parts[0], scope)
            calls = [p for p in parts[1:] if isinstance(p, ast.Call)]
            return found or joined([self.dependency_result(call, scope) for call in calls])
        if outer in {"typing.Optional", "typing.Union"}:
            return joined([self.annotation_type(part, scope) for part in parts])
        if outer in _SAME:
            return self.annotation_type(parts[0], scope)
        if outer in {"builtins.type", "typing.Type"}:
            return each(self.annotation_type(parts[0], scope), lambda one: Value(one.name, item=one.item))
        if outer == "typing.Literal":
            return None
        if outer == "typing.Callable":
            given = self.annotation_type(parts[-1], scope) if len(parts) > 1 else None
            return Value(outer, instance=True, parts=(given,)) if given is not None else None
        if outer == "typing.Coroutine":
            return self.annotation_type(parts[-1], scope)
        return each(
            self.annotation_type(annotation.value, scope), lambda one: self._holding(one, parts, scope)
        )

    def _holding(self, container: Value, parts: list[ast.expr], scope: Scope) -> Value:
        held = tuple(
            None
            if isinstance(part, ast.Constant) and part.value is Ellipsis
            else self.annotation_type(part, scope)
            for part in parts[:_MOST_PARTS]
        )
        if not any(held):
            return container
        # `tuple[Path, ...]` is a list of any length to us.
        is_row = container.name == "builtins.tuple" and any(
            isinstance(part, ast.Constant) and part.value is Ellipsis for part in parts
        )
        name = "builtins.list" if is_row else container.name
        return Value(name, instance=container.instance, item=container.item, parts=held)

    def _self_type(self, scope: Scope) -> Value | None:
        owner = scope.owner if isinstance(scope, Function) else scope
        return Value(owner.qualified, instance=True, item=owner) if isinstance(owner, Class) else None
