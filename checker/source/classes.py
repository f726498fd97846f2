"""Classes of the project: their bases, their members, and what they derive from."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from checker.source.model import Class, Function, Scope
from checker.source.values import Value, agreed, library_member

if TYPE_CHECKING:
    from checker.source.names import Names

_PROPERTIES = frozenset({"builtins.property", "functools.cached_property"})


class Classes:
    """Answers about the classes of one project."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._bases: dict[Class, tuple[tuple[Class, ...], tuple[str, ...]]] = {}

    def member(self, owner: Value, item: Class, attribute: str) -> Value | None:
        """What `owner.attribute` is, where the owner is a class of the project or an instance of one."""
        lineage, libraries = self.lineage(item)
        for step in lineage:
            method = step.functions.get(attribute)
            if method is not None:
                if owner.instance and {self._names.qualify(d, step) for d in method.decorators} & _PROPERTIES:
                    return self._names.returned(method)
                return Value(method.qualified, item=method)
            if attribute in step.classes:
                return Value(step.classes[attribute].qualified, item=step.classes[attribute])
            written = [self._names.bound(b, step) for b in step.bindings.get(attribute, [])]
            written += [self._names.bound(b, scope) for b, scope in step.attributes.get(attribute, [])]
            if written:
                return agreed(written)
        for library in libraries:
            if library not in {"builtins.object", "typing.Protocol", "abc.ABC", "typing.Generic"}:
                return library_member(Value(library, instance=owner.instance), attribute)
        return None

    def lineage(self, item: Class) -> tuple[tuple[Class, ...], tuple[str, ...]]:
        """The class and its bases in the project, and the library classes behind them."""
        if item in self._bases:
            return self._bases[item]
        self._bases[item] = ((item,), ())
        ours: list[Class] = [item]
        theirs: list[str] = []
        for base in item.bases:
            expression = base.value if isinstance(base, ast.Subscript) else base
            value = self._names.evaluate(expression, item.parent or item.module.scope)
            if value is None or value.instance:
                continue
            if isinstance(value.item, Class):
                more_ours, more_theirs = self.lineage(value.item)
                ours += [c for c in more_ours if c not in ours]
                theirs += more_theirs
            elif value.item is None:
                theirs.append(value.name)
        self._bases[item] = (tuple(ours), tuple(theirs))
        return self._bases[item]

    def method(self, item: Class, name: str) -> Function | None:
        """A method of a class or of its bases in the project."""
        return next((c.functions[name] for c in self.lineage(item)[0] if name in c.functions), None)

    def is_a(self, value: Value | None, *names: str) -> bool:
        """Whether a class, or the class of an instance, is one of these or derives from one."""
        if value is None:
            return False
        if isinstance(value.item, Class):
            ours, theirs = self.lineage(value.item)
            return any(c.qualified in names for c in ours) or any(name in names for name in theirs)
        return value.name in names

    def parent_of(self, scope: Scope) -> Value | None:
        """What `super()` stands for in a method."""
        if not isinstance(scope, Function) or scope.owner is None:
            return None
        for base in scope.owner.bases:
            value = self._names.evaluate(base, scope.owner.parent or scope.module.scope)
            if value is not None and not value.instance:
                return Value(value.name, instance=True, item=value.item)
        return None
