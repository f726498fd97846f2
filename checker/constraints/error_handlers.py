"""Which exceptions an app answers itself, and with what keys: handlers from decorators, calls and constructor arguments."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from weakref import WeakKeyDictionary

from checker.constraints.replies import DEFAULT_KEYS, HTTP_EXCEPTION, shapes_of_reply
from checker.constraints.served import is_aside
from checker.source import Call, Function, Project, Scope
from checker.source.composition import ServedApp
from checker.source.declaring import function_of

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
        handlers.complete = not handlers.app.handed_on and not (opened and _names_handlers(project))
        given = call.keyword("exception_handlers")
        if given is not None:
            _read_mapping(given, call, handlers, project)
    for found in _registrations(project):
        for app in project.composition.apps_of(found.holder, found.scope):
            known = by_app.get(app.call)
            if known is not None:
                scope = found.home or found.scope
                _add(known, found.exception, found.handler, scope, found.place, project, found.library)
    return every


def is_served_from_elsewhere(project: Project) -> bool:
    """Whether the app is made in a module that is not here, and gets no handler for `HTTPException` here.

    The code that is here then shows how its errors look by raising `HTTPException` itself.
    """
    if project.composition.apps or any(
        found.exception is None or _kind(found.exception, found.scope, project) in {None, Kind.HTTP}
        for found in _registrations(project)
    ):
        return False
    return any(
        call.target == HTTP_EXCEPTION and call.function in project.in_requests
        for module in project.modules
        if not module.is_test
        for call in module.calls
        if call.function is not None
    )


@dataclass(frozen=True, slots=True)
class _Registration:
    holder: ast.expr
    exception: ast.expr | None
    handler: Function | None
    scope: Scope
    place: ast.expr
    home: Scope | None = None
    """Where the exception is written, if elsewhere."""
    library: str = ""
    """The canonical name of a handler that a library brings."""


_LIBRARY_HANDLERS = {"slowapi._rate_limit_exceeded_handler": frozenset({"error"})}
"""What the handlers of libraries answer with, by their names."""
_ARGUMENT = re.compile(r"""\bexception_handlers(["']\]?\s*[=:]|=(?!=))|[(,]\s*exception_handlers\s*=(?!=)""")
"""An argument or a key; a variable of that name is neither."""


def _names_handlers(project: Project) -> bool:
    """Whether `FastAPI(**options)` may bring handlers: somebody has to write the name of that argument."""
    return any(
        "exception_handlers" in line and _ARGUMENT.search(line)
        for module in project.modules
        if not module.is_test
        for line in module.lines
    )


# Several rules ask, and the answer takes a walk over every call of the project.
_REGISTERED: WeakKeyDictionary[Project, tuple[_Registration, ...]] = WeakKeyDictionary()


def _registrations(project: Project) -> tuple[_Registration, ...]:
    if project not in _REGISTERED:
        _REGISTERED[project] = tuple(_read_registrations(project))
    return _REGISTERED[project]


def _read_registrations(project: Project) -> Iterator[_Registration]:
    for module in project.modules:
        if module.is_test:
            continue
        for function in module.functions:
            scope = function.parent or function.module.scope
            for decorator in function.decorators:
                if (
                    isinstance(decorator, ast.Call)
                    and isinstance(decorator.func, ast.Attribute)
                    and decorator.func.attr == "exception_handler"
                ):
                    exception = decorator.args[0] if decorator.args else None
                    yield _Registration(decorator.func.value, exception, function, scope, decorator)
        for call in module.calls:
            target = call.node.func
            if not isinstance(target, ast.Attribute) or target.attr != "add_exception_handler":
                continue
            listed = _listed(call, project)
            for key, value, home in listed or ():
                handler = _handler_of(value, home, project)
                yield _Registration(target.value, key, handler, call.scope, call.node, home)
            if listed is None:
                given = call.argument(1, "handler")
                handler = _handler_of(given, call.scope, project)
                exception = call.argument(0, "exc_class_or_status_code")
                named = project.names.qualify(given, call.scope) if given is not None else ""
                yield _Registration(target.value, exception, handler, call.scope, call.node, library=named)


def _handler_of(expression: ast.expr | None, scope: Scope, project: Project) -> Function | None:
    """The handler that an expression names, or that `answer_with(404)` makes: the inner function that it gives back."""
    if isinstance(expression, ast.Call):
        maker = function_of(expression.func, scope, project.names)
        given = [r.value for r in maker.returns] if maker is not None else []
        if maker is not None and len(given) == 1 and isinstance(given[0], ast.Name):
            return maker.functions.get(given[0].id)
    return function_of(expression, scope, project.names)


def _listed(call: Call, project: Project) -> list[tuple[ast.expr, ast.expr, Scope]] | None:
    """`for exception, handler in HANDLERS.items(): app.add_exception_handler(exception, handler)`, where the mapping is written out."""
    given = [call.argument(0, "exc_class_or_status_code"), call.argument(1, "handler")]
    names = [g.id for g in given if isinstance(g, ast.Name)]
    for loop in ast.walk(call.scope.node) if len(names) == 2 else ():
        if not isinstance(loop, (ast.For, ast.AsyncFor)) or not isinstance(loop.target, ast.Tuple):
            continue
        if [getattr(e, "id", "") for e in loop.target.elts] != names:
            continue
        items = loop.iter
        if not (isinstance(items, ast.Call) and getattr(items.func, "attr", "") == "items"):
            continue
        mapping = items.func.value if isinstance(items.func, ast.Attribute) else None
        variable = project.names.variable(mapping, call.scope) if mapping is not None else None
        if variable is None or len(variable.bindings) != 1:
            continue
        written = variable.bindings[0].value
        if isinstance(written, ast.Dict) and all(written.keys):
            home = variable.module.scope
            pairs = zip(written.keys, written.values, strict=True)
            return [(key, value, home) for key, value in pairs if key is not None]
    return None


def _read_mapping(given: ast.expr, call: Call, handlers: Handlers, project: Project) -> None:
    scope = call.scope
    if not isinstance(given, ast.Dict):
        variable = project.names.variable(given, scope)
        if variable is not None and len(variable.bindings) == 1 and variable.bindings[0].value is not None:
            given, scope = variable.bindings[0].value, variable.module.scope
    if not isinstance(given, ast.Dict):
        handlers.complete = False
        return
    for key, value in zip(given.keys, given.values, strict=True):
        if key is None:
            handlers.complete = False
        else:
            _add(handlers, key, _handler_of(value, scope, project), scope, value, project)


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
            from_fastapi=kind is Kind.HTTP and _written_name(exception, scope).startswith("fastapi."),
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
