"""Reads an imported app: routes, dependency trees, models, handlers, lifespan, document.

Runs in the child. The shape of what it returns is `checker.models.facts.AppFacts`, as plain JSON.
"""

from __future__ import annotations

import functools
import inspect
import linecache
import traceback
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_WRAPPED = ("app", "other_asgi_app", "_app", "application", "asgi_app")
"""Under which names ASGI layers keep what they are wrapped around."""


def describe_app(app: Any, target: str, folder: Path) -> dict[str, Any]:
    """Everything that `AppFacts` holds of an app right after its import; one that holds no FastAPI app has no routes."""
    facts: dict[str, Any] = {"target": target}
    app = inner_app(app)
    if app is None:
        return facts
    reader = _Reader(folder)
    facts["routes"] = list(reader.routes(app))
    facts["has_lifespan"] = _has_lifespan(app.router.lifespan_context)
    facts["on_event_handlers"] = [
        site
        for handler in (*getattr(app.router, "on_startup", ()), *getattr(app.router, "on_shutdown", ()))
        if (site := reader.site(handler))
    ]
    facts["exception_handlers"] = [
        getattr(kind, "__name__", str(kind))
        for kind, handler in app.exception_handlers.items()
        if not getattr(unwrap(handler), "__module__", "").startswith(("fastapi.", "starlette."))
    ]
    facts["middleware"] = [getattr(entry.cls, "__name__", str(entry.cls)) for entry in app.user_middleware]
    try:
        # Starlette alone has none.
        facts["openapi"] = app.openapi() if hasattr(app, "openapi") else None
    except Exception as error:  # noqa: BLE001 -- learner code builds the document
        facts["openapi_error"] = f"{type(error).__name__}: {error}"[:500]
    return facts


def _has_lifespan(context: Any) -> bool:
    """Whether the app was given a lifespan; each included router wraps another layer around what there is."""
    for _ in range(10_000):
        function = inspect.unwrap(context) if inspect.isfunction(context) else None
        if function is None or not function.__qualname__.startswith("_merge_lifespan_context."):
            break
        context = inspect.getclosurevars(function).nonlocals.get("original_context")
    return type(context).__name__ != "_DefaultLifespan"


def inner_app(app: Any) -> Any:
    """The FastAPI or Starlette app itself, where ASGI middleware was wrapped around it by hand; else None."""
    try:
        from starlette.applications import Starlette
    except ImportError:
        return None
    for _ in range(20):
        if isinstance(app, Starlette):
            return app
        kept: dict[str, Any] = getattr(app, "__dict__", {})
        app = next((kept[name] for name in _WRAPPED if callable(kept.get(name))), None)
        if app is None:
            return None
    return None


def place_of_exception(error: BaseException, folder: Path) -> tuple[str, int] | None:
    """The innermost line of the learner's folder that an exception passed through."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if path := relative_path(frame.filename, folder):
            return path, frame.lineno or 1
    return None


def relative_path(path: str, folder: Path) -> str | None:
    """`path` relative to the learner's folder, or None where it lies elsewhere or among installed packages."""
    prefix = f"{folder}/"
    text = path.replace("\\", "/")
    if not text.startswith(prefix.replace("\\", "/")) or "/site-packages/" in text:
        return None
    return text[len(prefix) :]


def unwrap(function: Any) -> Any:
    """The function behind partials and `functools.wraps`."""
    while isinstance(function, functools.partial):
        function = function.func
    return inspect.unwrap(function)


def is_async(function: Any) -> bool:
    """Whether FastAPI awaits it: coroutine functions, async generators, instances with an async `__call__`.

    A wrapper counts as what it is itself, or as what it is wrapped around; FastAPI asks both.
    """
    while isinstance(function, functools.partial):
        function = function.func
    return _runs_on_loop(function) or _runs_on_loop(inspect.unwrap(function))


def _runs_on_loop(function: Any) -> bool:
    if not inspect.isroutine(function) and not inspect.isclass(function):
        function = type(function).__call__
    return inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)


def is_typed(annotation: Any, depth: int = 0) -> bool:
    """Whether a type says what it holds: models, dataclasses, TypedDicts, scalars, and containers of these."""
    if depth > 6 or annotation in (Any, object, dict, list, tuple, set, None):
        return annotation is None
    if isinstance(annotation, str):
        return True
    arguments = typing.get_args(annotation)
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return is_typed(arguments[0], depth + 1)
    if origin is typing.Literal:
        return True
    if origin in (dict, typing.Union, types.UnionType, list, tuple, set, frozenset) or arguments:
        return all(
            argument is type(None) or argument is Ellipsis or is_typed(argument, depth + 1)
            for argument in arguments
            if not isinstance(argument, list)
        )
    return True


class _Reader:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def site(self, function: Any) -> dict[str, Any] | None:
        function = unwrap(function)
        if not inspect.isroutine(function) and not inspect.isclass(function):
            function = type(function)
        try:
            path = inspect.getsourcefile(function)
            relative = relative_path(path, self._folder) if path else None
        except TypeError:
            return None
        if path is None or relative is None:
            return None
        line = self._definition_line(function, path)
        return {"path": relative, "line": line, "name": getattr(function, "__qualname__", "")}

    @staticmethod
    def _definition_line(function: Any, path: str) -> int:
        code = getattr(function, "__code__", None)
        if code is None:
            try:
                return inspect.getsourcelines(function)[1]
            except (OSError, TypeError):
                return 1
        first = int(code.co_firstlineno)
        # A decorated function starts at its first decorator; the `def` is what a reader looks for.
        for line in range(first, first + 40):
            if linecache.getline(path, line).lstrip().startswith(("def ", "async def ", "class ")):
                return line
        return first

    def routes(self, app: Any, prefix: str = "", depth: int = 0) -> Iterator[dict[str, Any]]:
        try:
            from fastapi.routing import APIRoute, APIWebSocketRoute
            from starlette.routing import Mount
        except ImportError:
            return
        for context, route in _effective_routes(app.routes):
            if isinstance(route, Mount):
                below = inner_app(route.app)
                # Two apps may hold each other.
                if below is not None and depth < 5:
                    yield from self.routes(below, prefix + route.path, depth + 1)
            elif isinstance(route, APIRoute | APIWebSocketRoute):
                yield self._route(context, prefix, http=isinstance(route, APIRoute))

    def _route(self, context: Any, prefix: str, *, http: bool) -> dict[str, Any]:
        below = list(_below(context.dependant, 1))
        everything = [context.dependant, *(dependant for dependant, _ in below)]
        bodies = [_annotation(field) for part in everything for field in part.body_params]
        fact: dict[str, Any] = {
            "path": prefix + context.path,
            "methods": sorted(context.methods or ()) if http else ["WEBSOCKET"],
            "name": context.name or "",
            "site": self.site(context.endpoint),
            "is_async": is_async(context.endpoint),
            "websocket": not http,
            "body": [_name(annotation) for annotation in bodies],
            "body_is_typed": all(is_typed(annotation) for annotation in bodies),
            "parameters": {
                kind: [field.alias for part in everything for field in getattr(part, f"{kind}_params")]
                for kind in ("path", "query", "header", "cookie")
            },
            "dependencies": [self._dependency(dependant, depth) for dependant, depth in below],
        }
        if http:
            response_class = getattr(context.response_class, "value", context.response_class)
            model = context.response_model
            # Before 0.134 there are no typed streams.
            stream_item = getattr(context, "stream_item_type", None)
            fact |= {
                "response_model": None if model is None else _name(model),
                "response_model_is_typed": model is not None and is_typed(model),
                "response_class": getattr(response_class, "__name__", str(response_class)),
                "status_code": context.status_code,
                "stream_item": None if stream_item is None else _name(stream_item),
                "include_in_schema": bool(context.include_in_schema),
                "operation_id": context.operation_id,
                "tags": [str(tag) for tag in context.tags or ()],
            }
        return fact

    def _dependency(self, dependant: Any, depth: int) -> dict[str, Any]:
        from fastapi.security.base import SecurityBase

        call = dependant.call
        return {
            "name": getattr(unwrap(call), "__qualname__", type(call).__name__),
            "site": self.site(call),
            "is_async": is_async(call),
            "scope": getattr(dependant, "scope", None),
            "use_cache": bool(getattr(dependant, "use_cache", True)),
            "is_security": isinstance(call, SecurityBase),
            "depth": depth,
        }


def _effective_routes(routes: Any) -> Iterator[tuple[Any, Any]]:
    """Each route as it is served, and as it was declared."""
    try:
        from fastapi.routing import iter_route_contexts
    except ImportError:
        # Before 0.137 `include_router` copies: each route of the app is the effective one.
        yield from ((route, route) for route in routes)
        return
    for context in iter_route_contexts(routes):
        yield context, context.original_route


def _annotation(field: Any) -> Any:
    """The type of a parameter; under pydantic 1 the field itself knows it."""
    known = getattr(field.field_info, "annotation", None)
    return known if known is not None else getattr(field, "outer_type_", None)


def _below(dependant: Any, depth: int) -> Iterator[tuple[Any, int]]:
    for sub in dependant.dependencies:
        yield sub, depth
        yield from _below(sub, depth + 1)


def _name(annotation: Any) -> str:
    return (
        annotation.__name__
        if isinstance(annotation, type) and not typing.get_args(annotation)
        else str(annotation)
    )
