"""What an expression can stand for, and what the attributes of a library's objects are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from checker.source.libraries import ATTRIBUTES, INDEXED, canonical
from checker.source.model import Binding, Class, Function, Module


@dataclass(frozen=True, slots=True)
class Value:
    """What an expression stands for: something with a name, or an instance of the class with that name."""

    name: str
    instance: bool = False
    item: Function | Class | Module | None = None


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
        and not _is_method(owner.name, attribute)
    ):
        return Value(
            "pymongo.Database" if owner.name == "pymongo.MongoClient" else "pymongo.Collection", instance=True
        )
    return Value(name)


def _is_method(owner: str, attribute: str) -> bool:
    verbs = (
        "get_",
        "list_",
        "drop_",
        "create_",
        "start_",
        "close",
        "command",
        "watch",
        "aggregate",
        "server_info",
    )
    return attribute.startswith(verbs) or owner == "pymongo.Collection"


def agreed(values: Iterable[Value | None]) -> Value | None:
    """The one value that all known ones are; unknown ones (`None`, untyped) do not count."""
    known = {value for value in values if value is not None}
    return known.pop() if len(known) == 1 else None
