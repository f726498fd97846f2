"""Classes of the project: their bases, their members, and what they derive from."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from checker.source.model import Class, Function, Scope
from checker.source.values import Value, has_known_member, joined, library_member

if TYPE_CHECKING:
    from checker.source.names import Names

PROPERTIES = frozenset({
    "builtins.property", "functools.cached_property", "abc.abstractproperty", "sqlalchemy.ext.hybrid.hybrid_property",
    "pydantic.computed_field", "django.utils.functional.cached_property", "async_property.async_property",
})  # fmt: skip
BASE_OF_MODELS = "sqlalchemy.orm.declarative_base()"
"""What has the methods of the class that it was given: `Base = declarative_base(cls=Stored)`."""
_NO_MEMBERS = frozenset({"builtins.object", "typing.Protocol", "abc.ABC", "typing.Generic"})
_MOST_WRITERS = 20


class Classes:
    """Answers about the classes of one project."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._bases: dict[Class, tuple[tuple[Class, ...], tuple[str, ...]]] = {}
        self._children: dict[Class, list[Class]] | None = None
        self._fits: dict[Class, list[Class]] = {}

    def member(self, owner: Value, item: Class, attribute: str) -> Value | None:
        """What `owner.attribute` is, where the owner is a class of the project or an instance of one."""
        found = self._inherited(owner, item, attribute)
        if found is not None:
            return found
        if owner.instance:
            found = self._names.forwarded(item, attribute)
            if found is not None:
                return found
        # A base class that uses what only its subclasses have.
        children = self.descendants(item)[:_MOST_WRITERS]
        return joined([self._in_class(child, owner, child, attribute) for child in children])

    def member_above(self, scope: Scope, attribute: str) -> Value | None:
        """What `super().attribute` is in a method: never what a class that derives from a base has."""
        found = [
            self._inherited(base, base.item, attribute)
            if isinstance(base.item, Class)
            else self._names.member(base, attribute)
            for base in self._parents(scope)
        ]
        known = [member for member in found if member is not None]
        return next((one for one in known if one.item is not None), known[0] if known else None)

    def _inherited(self, owner: Value, item: Class, attribute: str) -> Value | None:
        """What a class has of its own or from its bases."""
        lineage, libraries = self.lineage(item)
        for step in lineage:
            found = self._in_class(step, owner, item, attribute)
            if found is not None:
                return found
        found = self._names.written(
            attribute, lambda one: isinstance(one.item, Class) and one.item in lineage
        )
        if found is not None:
            return found
        bases = [library for library in libraries if library not in _NO_MEMBERS]
        if bases:
            # What a mixin adds is little: of several bases the one that is known to have it, else the first that is no mixin.
            base = min(bases, key=lambda one: (not has_known_member(one, attribute), one.endswith("Mixin")))
            return library_member(Value(base, instance=owner.instance), attribute)
        return None

    def _in_class(self, step: Class, owner: Value, item: Class, attribute: str) -> Value | None:
        method = step.functions.get(attribute)
        if method is not None:
            if owner.instance and self._is_property(method, step):
                return self._property(method, item)
            return Value(method.qualified, item=method)
        if attribute in step.classes:
            return Value(step.classes[attribute].qualified, item=step.classes[attribute])
        return self._attribute(step, attribute)

    def _attribute(self, step: Class, attribute: str) -> Value | None:
        """What a class and its own methods give to an attribute."""
        written = [self._names.bound(b, step) for b in step.bindings.get(attribute, [])]
        if any(b.annotation is not None for b in step.bindings.get(attribute, [])) and any(written):
            return joined(written)
        written += [self._names.bound(b, scope) for b, scope in step.attributes.get(attribute, [])]
        return joined(written)

    def _is_property(self, method: Function, step: Class) -> bool:
        return any(self._names.qualify(d, step) in PROPERTIES for d in method.decorators)

    def _property(self, method: Function, item: Class) -> Value | None:
        """What reading a property gives; an abstract one what its implementations give."""
        found = self._names.result(method)
        if found is None and method.is_abstract:
            found = joined([self._names.result(f) for f in self.implementations(item, method)])
        return found

    def descendants(self, item: Class) -> list[Class]:
        """All classes of the project that derive from one."""
        if self._children is None:
            self._children = {}
            for module in self._names.modules:
                if not module.is_test:
                    for made in module.classes:
                        for base in self.lineage(made)[0][1:]:
                            self._children.setdefault(base, []).append(made)
        return self._children.get(item, [])

    def overrides(self, item: Class, method: Function) -> list[Function]:
        """What the classes that derive from one put in place of a method."""
        name = method.name.rpartition(".")[2]
        found = [child.functions[name] for child in self.descendants(item) if name in child.functions]
        return [own for own in found if not own.is_abstract]

    def implementations(self, item: Class, method: Function) -> list[Function]:
        """What an abstract method of a class can turn out to be."""
        name = method.name.rpartition(".")[2]
        found: list[Function] = []
        if item not in self._fits:
            self._fits[item] = self.descendants(item) or self._fitting(item)
        for child in self._fits[item]:
            own = child.functions.get(name)
            if own is not None and not own.is_abstract and own not in found:
                found.append(own)
        return found

    def _fitting(self, item: Class) -> list[Class]:
        """Classes that have every method of a Protocol, with the same parameters, without deriving from it."""
        wanted = {name: _shape(f) for name, f in item.functions.items() if not name.startswith("__")}
        if not wanted or "typing.Protocol" not in self.lineage(item)[1]:
            return []
        return [
            made
            for module in self._names.modules
            if not module.is_test
            for made in module.classes
            if made is not item
            and wanted.keys() <= made.functions.keys()
            and all(_shape(made.functions[name]) == shape for name, shape in wanted.items())
        ]

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
            if value is not None and value.name == BASE_OF_MODELS:
                # With methods of the project's own (`cls=`) it is a base of models all the same.
                theirs.append("sqlalchemy.orm.DeclarativeBase")
                value = value.parts[0] if value.parts else None
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

    def _base(self, expression: ast.expr, scope: Scope) -> Value | None:
        """What a base class stands for."""
        value = self._names.evaluate(expression, scope)
        if value is not None and value.name == BASE_OF_MODELS:
            return value.parts[0] if value.parts else value
        return value if value is not None and not value.instance else None

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
        return next(self._parents(scope), None)

    def _parents(self, scope: Scope) -> Iterator[Value]:
        owner = scope.owner if isinstance(scope, Function) else None
        if owner is None:
            return
        for base in owner.bases:
            value = self._base(base, owner.parent or scope.module.scope)
            if value is not None:
                yield Value(value.name, instance=True, item=value.item)


def _shape(method: Function) -> tuple[bool, list[str]]:
    return method.is_async, [parameter.name for parameter in method.parameters]
