"""Which exceptions an app answers itself, and with what keys: handlers from decorators, calls and constructor arguments."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from checker.constraints.handler_registrations import handler_of, pairs_of_mapping, registrations
from checker.constraints.replies import HTTP_EXCEPTION
from checker.constraints.reply_keys import DEFAULT_KEYS, shapes_of_reply
from checker.constraints.served import is_aside
from checker.source import Call, Function, Project, Scope
from checker.source.composition import ServedApp

PROTOCOL_KEYS = frozenset({"error_description", "error_uri", "jsonrpc"})
"""Keys of errors whose form a protocol lays down."""


class Kind(StrEnum):
    """What a handler answers."""

    HTTP = "HTTPException"
    VALIDATION = "RequestValidationError"
    UNHANDLED = "errors that nobody caught"
    STATUS = "one status"
    OWN = "an exception of the project"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """One registration."""

    kind: Kind
    shown: str
    """The exception as it is written."""
    name: str
    """Its canonical name; empty for a status."""
    function: Function | None
    keys: frozenset[str] | None
    """The keys of its answer; None where they are not known, or not the same in all of its answers."""
    shapes: frozenset[frozenset[str]]
    """The different keys that its answers have; empty where they are not all known."""
    place: ast.expr
    scope: Scope
    from_fastapi: bool = False
    """`fastapi.HTTPException` is meant, which the router's own 404 and 405 are not."""


@dataclass(slots=True, kw_only=True)
class Handlers:
    """All handlers of one app."""

    app: ServedApp
    found: list[Handler] = field(default_factory=list)
    complete: bool = True
    """False where more may be registered than can be seen."""

    def of(self, kind: Kind) -> list[Handler]:
        """The handlers of one kind."""
        return [handler for handler in self.found if handler.kind is kind]

    def shapes(self, kind: Kind) -> frozenset[frozenset[str]]:
        """All shapes of the answers to one kind of error, FastAPI's own without a handler; empty where one is unknown."""
        handlers = self.of(kind)
        if not handlers:
            return frozenset({DEFAULT_KEYS})
        if not all(handler.shapes for handler in handlers):
            return frozenset()
        return frozenset().union(*(handler.shapes for handler in handlers))

    def keys(self, kind: Kind) -> frozenset[str] | None:
        """The keys of the answer to one kind of error, FastAPI's own without a handler; None where unknown or none."""
        handlers = self.of(kind)
        if not handlers:
            return None if kind is Kind.UNHANDLED else DEFAULT_KEYS
        different = {handler.keys for handler in handlers}
        return different.pop() if len(different) == 1 else None


def handlers_of_apps(project: Project) -> list[Handlers]:
    """The handlers of every FastAPI app that is not made aside; Starlette's own apps answer plain text."""
    every = [
        Handlers(app=app)
        for app in project.composition.apps
        if not is_aside(app.call)
        and project.names.is_a(project.names.evaluate(app.call.node.func, app.call.scope), "fastapi.FastAPI")
    ]
    by_app = {handlers.app.call: handlers for handlers in every}
    for handlers in every:
        call = handlers.app.call
        opened = any(k.arg is None for k in call.node.keywords)
        handlers.complete = not any(map(_may_register, handlers.app.handed_to))
        handlers.complete &= not (opened and _names_handlers(project))
        given = call.keyword("exception_handlers")
        if given is not None:
            handlers.complete &= _add_all(given, call, handlers, project)
    for found in registrations(project):
        for app in project.composition.apps_of(found.holder, found.scope):
            known = by_app.get(app.call)
            if known is not None:
                home = found.home or found.scope
                _add(known, found.exception, found.handler, home, found.place, project, found.library)
    return every


def is_served_from_elsewhere(project: Project) -> bool:
    """Whether the app is made in a module that is not here, and gets no handler for `HTTPException` here.

    The code that is here then shows how its errors look by raising `HTTPException` itself.
    """
    if project.composition.apps or any(
        found.exception is None or _kind(found.exception, found.scope, project) in {None, Kind.HTTP}
        for found in registrations(project)
    ):
        return False
    return any(
        call.target == HTTP_EXCEPTION and call.function in project.in_requests
        for module in project.modules
        if not module.is_test
        for call in module.calls
        if call.function is not None
    )


_LIBRARY_HANDLERS = {"slowapi._rate_limit_exceeded_handler": frozenset({"error"})}
"""What the handlers of libraries answer with, by their names."""
_ARGUMENT = re.compile(r"""\bexception_handlers(["']\]?\s*[=:]|=(?!=))|[(,]\s*exception_handlers\s*=(?!=)""")
"""An argument or a key; a variable of that name is neither."""


def _may_register(name: str) -> bool:
    """Whether what an app is given to may register handlers: `setup(app)`, and no class that wraps it, `Versioned(app)`."""
    return not name[:1].isupper() or _ABOUT_ERRORS.search(name) is not None


_ABOUT_ERRORS = re.compile(r"error|exception|handler|problem|fault", re.IGNORECASE)


def _names_handlers(project: Project) -> bool:
    """Whether `FastAPI(**options)` may bring handlers: somebody has to write the name of that argument."""
    return any(
        "exception_handlers" in line and _ARGUMENT.search(line)
        for module in project.modules
        if not module.is_test
        for line in module.lines
    )


def _add_all(given: ast.expr, call: Call, handlers: Handlers, project: Project) -> bool:
    """Read a mapping of handlers; False where it is not all written out."""
    pairs = pairs_of_mapping(given, call.scope, project)
    for pair in pairs or ():
        handler = handler_of(pair.handler, pair.home, project)
        _add(handlers, pair.exception, handler, pair.scope, pair.handler, project)
    return pairs is not None


def _add(
    handlers: Handlers,
    exception: ast.expr | None,
    function: Function | None,
    scope: Scope,
    place: ast.expr,
    project: Project,
    library: str = "",
) -> None:
    if exception is None:
        handlers.complete = False
        return
    kind = _kind(exception, scope, project)
    if kind is None:
        handlers.complete = False
        return
    shapes = shapes_of_reply(function, project)
    # What a library's handler writes is nobody's choice: a shape, but none that others could have in common with it.
    theirs = _LIBRARY_HANDLERS.get(library) if function is None else None
    handlers.found.append(
        Handler(
            kind=kind,
            shown=ast.unparse(exception),
            name=project.names.qualify(exception, scope),
            function=function,
            keys=next(iter(shapes)) if len(shapes) == 1 else theirs,
            shapes=shapes,
            place=place,
            scope=scope,
            from_fastapi=kind is Kind.HTTP and _written_name(exception, scope) in _FASTAPIS_OWN,
        )
    )


def _kind(exception: ast.expr, scope: Scope, project: Project) -> Kind | None:
    if isinstance(exception, ast.Constant) and isinstance(exception.value, int):
        return Kind.UNHANDLED if exception.value == 500 else Kind.STATUS
    name = project.names.qualify(exception, scope)
    if isinstance(exception, ast.Attribute) and exception.attr.startswith("HTTP_"):
        return Kind.UNHANDLED if "500" in exception.attr else Kind.STATUS
    if not name:
        # Of a module that is not here: its last name tells an exception of the project's own from those of the framework.
        last = _written_name(exception, scope).rpartition(".")[2]
        return Kind.OWN if last and not last.endswith(_FRAMEWORKS) else None
    if name == HTTP_EXCEPTION:
        return Kind.HTTP
    if name.endswith(".RequestValidationError") and name.startswith("fastapi."):
        return Kind.VALIDATION
    return Kind.UNHANDLED if name == "builtins.Exception" else Kind.OWN


_FASTAPIS_OWN = frozenset({"fastapi.HTTPException", "fastapi.exceptions.HTTPException"})
_FRAMEWORKS = ("HTTPException", "ValidationError", "Exception")


def _written_name(exception: ast.expr, scope: Scope) -> str:
    """The dotted name by which an exception was imported, before FastAPI's and Starlette's are taken as one."""
    parts: list[str] = []
    while isinstance(exception, ast.Attribute):
        parts.insert(0, exception.attr)
        exception = exception.value
    if not isinstance(exception, ast.Name):
        return ""
    current: Scope | None = scope
    while current is not None:
        if exception.id in current.imports:
            return ".".join([current.imports[exception.id], *parts])
        current = current.parent
    return ""


def different_shapes(handlers: Handlers) -> list[tuple[str, frozenset[str]]]:
    """The shapes of an app's errors, each with the first kind of error that has it; empty where there is one at most."""
    shapes: list[tuple[str, frozenset[str]]] = []
    for kind, what in (
        (Kind.HTTP, "`HTTPException`"),
        (Kind.VALIDATION, "invalid input"),
        (Kind.UNHANDLED, "errors that nobody caught"),
        (Kind.STATUS, "a status with a handler of its own"),
    ):
        registered = handlers.of(kind)
        if not registered and (not handlers.complete or kind in {Kind.UNHANDLED, Kind.STATUS}):
            continue
        keys = handlers.keys(kind)
        # Further keys beside the common ones make no other shape: who reads the common ones is served.
        is_own = bool(shapes) and bool(handlers.of(Kind.HTTP)) and shapes[0][1] <= (keys or frozenset())
        if keys is not None and not is_own and keys not in {known for _, known in shapes}:
            shapes.append((what if registered else f"{what}, left to FastAPI", keys))
    return shapes if len(shapes) > 1 else []


def own_shapes_beside(handlers: Handlers) -> list[Handler]:
    """Handlers that answer otherwise than `HTTPException`, which FastAPI raises in any case.

    The common keys with further ones are no other shape: who reads the common ones is served.
    """
    common = handlers.keys(Kind.HTTP)
    if common is None or not (handlers.complete or handlers.of(Kind.HTTP)):
        return []
    # Of invalid input the rule on the app itself speaks, and what the running app answers says more.
    said = {Kind.HTTP, Kind.VALIDATION}
    own = [h for h in handlers.found if h.kind not in said and h.keys is not None and h.keys != common]
    return [h for h in own if h.keys is not None and not h.keys & PROTOCOL_KEYS and not common <= h.keys]


def handlers_of_fastapi_alone(project: Project) -> Iterator[tuple[Handler, frozenset[str]]]:
    """Handlers for `fastapi.HTTPException` that write a shape of their own, in apps where nothing catches Starlette's."""
    for handlers in handlers_of_apps(project):
        registered = handlers.of(Kind.HTTP)
        if not all(handler.from_fastapi for handler in registered) or not handlers.complete:
            continue
        covered = any(handler.kind is Kind.STATUS for handler in handlers.found)
        for handler in registered:
            if handler.keys is not None and handler.keys != DEFAULT_KEYS and not covered:
                yield handler, handler.keys
