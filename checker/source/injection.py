"""Objects that a container of `dependency_injector` makes: `providers.Factory(Store, db=db)`, `Provide[Container.store]`."""

from __future__ import annotations

import ast

from checker.source.model import Call
from checker.source.values import Value, each
from checker.source.written import last_name

_WIRING = "dependency_injector.wiring."
_PROVIDERS = "dependency_injector.providers."
MARKERS = frozenset({f"{_WIRING}Provide", f"{_WIRING}Closing"})
"""`Provide[Container.store]` stands for what the provider gives."""
_MAKERS = frozenset({
    "Factory", "AbstractFactory", "Singleton", "ThreadSafeSingleton", "ThreadLocalSingleton", "ContextLocalSingleton",
    "AbstractSingleton", "Callable", "Coroutine", "Resource",
})  # fmt: skip
MAKERS = frozenset(f"{_PROVIDERS}{name}" for name in _MAKERS)
"""Providers that call their first argument with the others."""
CONTAINER = f"{_PROVIDERS}Container"


def is_asked_for(call: ast.Call) -> bool:
    """`injector.get(Store)`, `request.app.state.container.resolve(Store)`: gives an object of the class that it is asked for."""
    asked = call.func
    return (
        isinstance(asked, ast.Attribute)
        and asked.attr in _ASKING
        and len(call.args) == 1
        and last_name(asked.value).lower().rpartition("_")[2] in {"injector", "container"}
    )


_ASKING = frozenset({"get", "resolve", "get_instance", "provide"})


def may_provide(call: Call) -> bool:
    """Whether a call is written like that of a provider."""
    return bool(call.node.args) and last_name(call.node.func) in _MAKERS


def is_provider(value: Value) -> bool:
    """Whether a value is what a container holds, and not yet what it gives."""
    return value.instance and value.name in MAKERS


def provided(value: Value | None) -> Value | None:
    """What a provider gives; everything else stands for itself."""
    return each(value, lambda one: _gift(one) if is_provider(one) else one)


def member_of_provider(provider: Value, attribute: str) -> Value | None:
    """`db.provided` stands for the object itself, `db.provider` for a function that gives it."""
    if attribute == "provided":
        return _gift(provider)
    if attribute == "provider":
        return Value("typing.Callable", instance=True, parts=provider.parts)
    return None


def _gift(provider: Value) -> Value | None:
    return provider.parts[0] if provider.parts else None


def is_marker(annotation: ast.expr | None) -> bool:
    """Whether a default is written like `Provide[...]`."""
    return isinstance(annotation, ast.Subscript) and last_name(annotation.value) in {"Provide", "Closing"}
