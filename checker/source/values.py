"""What an expression can stand for: one thing, one of several, a container of something."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from checker.source.libraries import canonical
from checker.source.library_types import ATTRIBUTES, INDEXED
from checker.source.model import Binding, Class, Function, Module


@dataclass(frozen=True, slots=True)
class Value:
    """What an expression stands for: something with a name, or an instance of the class with that name."""

    name: str
    instance: bool = False
    item: Function | Class | Module | None = None
    parts: tuple[Value | None, ...] = ()
    """What a container holds, as between the brackets of its type."""
    either: tuple[Value, ...] = ()
    """The possibilities, where it may be one of several; it has no name then."""

    @property
    def possibilities(self) -> tuple[Value, ...]:
        """Itself, or everything that it may be."""
        return self.either or (self,)


MOST_POSSIBILITIES = 12
"""A value that may be more things than this is not known."""

MOST_BINDINGS = 100
"""A name that is given more values than this is generated code or worse; the others are not looked at."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of a module, wherever it is used from."""

    module: Module
    name: str

    @property
    def bindings(self) -> list[Binding]:
        """All places that give it a value."""
        return self.module.scope.bindings.get(self.name, [])[:MOST_BINDINGS]

    @property
    def line(self) -> int:
        """Where it is first given a value."""
        return self.bindings[0].line if self.bindings else 1


def library_member(owner: Value, attribute: str) -> Value | None:
    """What `owner.attribute` is, where the owner belongs to a library."""
    name = canonical(f"{owner.name}.{attribute}")
    if name in ATTRIBUTES:
        return Value(ATTRIBUTES[name], instance=True)
    if (
        owner.instance
        and owner.name in INDEXED
        and attribute.islower()
        and not attribute.startswith(_METHODS_OF_INDEXED)
    ):
        return Value(INDEXED[owner.name], instance=True)
    return Value(name)


def has_known_member(library: str, attribute: str) -> bool:
    """Whether it is known what an attribute of a library's class holds."""
    return canonical(f"{library}.{attribute}") in ATTRIBUTES


_METHODS_OF_INDEXED = (
    "get_", "list_", "drop_", "create_", "start_", "close", "command", "watch", "aggregate", "server_info", "rename",
    "find", "insert", "update", "delete", "replace", "count", "distinct", "bulk_write", "estimated_", "with_options",
)  # fmt: skip


def joined(values: Iterable[Value | None]) -> Value | None:
    """What something is that may be any of these; unknown ones (`None`, untyped) do not count."""
    found: dict[Value, None] = {}
    for value in values:
        if value is not None:
            found.update(dict.fromkeys(value.possibilities))
    if len(found) > 1:
        # `[]` says no more than `list[Path]` does.
        told = {(v.name, v.instance) for v in found if v.parts}
        found = {v: None for v in found if v.parts or (v.name, v.instance) not in told}
    if not found or len(found) > MOST_POSSIBILITIES:
        return None
    first, *rest = found
    return Value("", either=(first, *rest)) if rest else first


def each(value: Value | None, change: Callable[[Value], Value | None]) -> Value | None:
    """The same done to every possibility."""
    if value is None:
        return None
    if not value.either:
        return change(value)
    return joined([change(one) for one in value.either])


def chained(left: Value | None, right: Value | None) -> Value | None:
    """What `prompt | model | parser` is, where a part of it belongs to LangChain."""
    parts = [part for part in (left, right) if part is not None]
    made = [one for part in parts for one in part.possibilities if one.instance and one.item is None]
    if any(one.name.startswith("langchain") for one in made):
        return Value("langchain_core.runnables.RunnableSequence", instance=True)
    return None
