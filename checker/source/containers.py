"""What is in lists, dicts, tuples and iterators, as far as annotations, literals and built-in functions tell."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from checker.source.library_types import ELEMENTS
from checker.source.model import Class, Function, Scope
from checker.source.registries import Registries, is_empty_literal
from checker.source.values import Value, each, joined

if TYPE_CHECKING:
    from checker.source.names import Names

_MOST_ELEMENTS = 12
"""The first elements of a literal speak for the others."""
_MAPPINGS = frozenset(
    {"builtins.dict", "typing.Mapping", "collections.OrderedDict", "collections.defaultdict"}
)
CONTAINERS = frozenset({
    "builtins.list", "builtins.set", "builtins.frozenset", "builtins.tuple", "typing.Iterable", "typing.Iterator",
    "typing.Sequence", "typing.Collection", "typing.AsyncIterable", "typing.AsyncIterator", "typing.Generator",
    "typing.AsyncGenerator", "collections.deque", "queue.Queue", "asyncio.Queue", "contextvars.ContextVar", *_MAPPINGS,
})  # fmt: skip
_SAME_ELEMENTS = frozenset({
    "builtins.list", "builtins.set", "builtins.frozenset", "builtins.sorted", "builtins.reversed", "builtins.iter",
    "builtins.tuple", "collections.deque", "itertools.islice", "itertools.cycle",
})  # fmt: skip
_FILLED_LATER = frozenset({"builtins.list", *_MAPPINGS})
_ONE_ELEMENT = frozenset({"builtins.next", "builtins.min", "builtins.max", "random.choice"})
_ITEM_METHODS = frozenset({"get", "pop", "setdefault", "get_nowait", "popleft"})


def list_of(element: Value | None) -> Value:
    """A list with such elements."""
    return Value("builtins.list", instance=True, parts=(element,) if element is not None else ())


class Containers:
    """Answers about elements."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._registries = Registries(names)

    def literal(self, expression: ast.expr, scope: Scope) -> Value | None:
        """A list, a dict, a tuple or a comprehension, with what it holds."""
        look = self._names.look
        if scope.parent is None and is_empty_literal(expression):
            held = self._registries.held(expression)
            name, unknown = (
                ("builtins.dict", (None,)) if isinstance(expression, ast.Dict) else ("builtins.list", ())
            )
            return Value(name, instance=True, parts=(*unknown, held) if held is not None else ())
        match expression:
            case ast.List(elts=elements) | ast.Set(elts=elements):
                kind = "builtins.list" if isinstance(expression, ast.List) else "builtins.set"
                held = joined([look(e, scope) for e in elements[:_MOST_ELEMENTS]])
                return Value(kind, instance=True, parts=(held,) if held is not None else ())
            case ast.Tuple(elts=elements):
                if len(elements) > _MOST_ELEMENTS:
                    return Value("builtins.tuple", instance=True)
                parts = tuple(look(e, scope) for e in elements)
                return Value("builtins.tuple", instance=True, parts=parts if any(parts) else ())
            case ast.ListComp(elt=element) | ast.GeneratorExp(elt=element):
                return list_of(look(element, scope))
            case ast.SetComp(elt=element):
                held = look(element, scope)
                return Value("builtins.set", instance=True, parts=(held,) if held is not None else ())
            case ast.Dict(values=values):
                held = joined([look(v, scope) for v in values[:_MOST_ELEMENTS]])
                return Value("builtins.dict", instance=True, parts=(None, held) if held is not None else ())
            case ast.DictComp(value=value):
                held = look(value, scope)
                return Value("builtins.dict", instance=True, parts=(None, held) if held is not None else ())
        return None

    def element(self, container: Value | None) -> Value | None:
        """What iterating over something gives."""
        return each(container, self._element)

    def _element(self, container: Value) -> Value | None:
        if isinstance(container.item, Function):
            return self._names.yielded(container.item) if container.instance else None
        if isinstance(container.item, Class):
            return self._step(container.item) if container.instance else None
        if container.name in ELEMENTS:
            return Value(ELEMENTS[container.name], instance=True)
        if container.name == "builtins.tuple" and container.instance:
            return joined(container.parts)
        if container.instance and container.name in CONTAINERS and container.parts:
            return container.parts[0]
        return None

    def _step(self, iterated: Class) -> Value | None:
        """What iterating over an instance of the project's own class gives."""
        begins = self._names.method(iterated, "__iter__")
        iterator = self._names.result(begins) if begins is not None else None
        if iterator is None or not isinstance(iterator.item, Class):
            return self.element(iterator)
        # Often the object itself, so its own `__iter__` is not asked again.
        steps = self._names.method(iterator.item, "__next__")
        return self._names.result(steps) if steps is not None else None

    def item(self, container: Value | None, key: ast.expr | None) -> Value | None:
        """What `container[key]` is."""
        return each(container, lambda one: self._item(one, key))

    def _item(self, container: Value, key: ast.expr | None) -> Value | None:
        if isinstance(key, ast.Slice):
            return container
        if container.name in _MAPPINGS:
            return container.parts[1] if len(container.parts) > 1 else None
        if (
            container.name == "builtins.tuple"
            and isinstance(key, ast.Constant)
            and isinstance(key.value, int)
        ):
            return self.position(container, key.value)
        return self._element(container)

    def position(self, container: Value | None, index: int) -> Value | None:
        """What unpacking gives to the name at a position."""
        return each(container, lambda one: self._position(one, index))

    def _position(self, container: Value, index: int) -> Value | None:
        if container.name == "builtins.tuple":
            return container.parts[index] if -len(container.parts) <= index < len(container.parts) else None
        return self._element(container)

    def method_result(self, owner: Value | None, method: str) -> Value | None:
        """What a method of a container gives: `jobs.get(key)`, `jobs.values()`, `jobs.pop()`."""
        return each(owner, lambda one: self._method_result(one, method))

    def _method_result(self, owner: Value, method: str) -> Value | None:
        if not owner.instance or owner.name not in CONTAINERS or not owner.parts:
            return None
        if owner.name in _MAPPINGS:
            held = owner.parts[1] if len(owner.parts) > 1 else None
            if method in _ITEM_METHODS:
                return held
            if method == "values":
                return list_of(held)
            if method == "items":
                return list_of(Value("builtins.tuple", instance=True, parts=(owner.parts[0], held)))
            return owner if method == "copy" else None
        if method in {"pop", "get", "get_nowait", "popleft"}:
            return self._element(owner)
        return owner if method in {"copy", "union"} else None

    def built_in(self, name: str, call: ast.Call, scope: Scope) -> Value | None:
        """What a built-in function makes of a container: `sorted(paths)`, `enumerate(paths)`, `next(iter(paths))`."""
        look = self._names.look
        if scope.parent is None and is_empty_literal(call) and name in _FILLED_LATER:
            held = self._registries.held(call)
            parts = (held,) if name == "builtins.list" else (None, held)
            return Value(name, instance=True, parts=parts) if held is not None else None
        if name == "builtins.dict" and not call.args and all(k.arg for k in call.keywords):
            held = joined([look(k.value, scope) for k in call.keywords[:_MOST_ELEMENTS]])
            return Value(name, instance=True, parts=(None, held)) if held is not None else None
        if not call.args:
            return None
        if name in _SAME_ELEMENTS:
            held = self.element(look(call.args[0], scope))
            return list_of(held) if held is not None else None
        if name in _ONE_ELEMENT:
            return self.element(look(call.args[0], scope))
        if name == "builtins.filter" and len(call.args) > 1:
            return list_of(self.element(look(call.args[1], scope)))
        if name == "builtins.map" and len(call.args) > 1:
            return list_of(self._names.call_result(look(call.args[0], scope)))
        if name in {"builtins.enumerate", "builtins.zip", "itertools.zip_longest"}:
            row = [self.element(look(argument, scope)) for argument in call.args[:_MOST_ELEMENTS]]
            if name == "builtins.enumerate":
                row = [Value("builtins.int", instance=True), row[0]]
            return list_of(Value("builtins.tuple", instance=True, parts=tuple(row)))
        return None
