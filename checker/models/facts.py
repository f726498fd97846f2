"""What the running app says of itself: evidence for constraints, gathered by the probe in the child.

These come over a channel that learner code could write to. They are evidence, not truth.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A place in the learner's folder: path relative to it, line from 1, the function's qualified name."""

    path: str
    line: int
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyFact:
    """One node of a path operation's dependency tree, flattened in the order of FastAPI's own resolution."""

    name: str
    site: Site | None
    is_async: bool
    scope: str | None = None
    use_cache: bool = True
    is_security: bool = False
    depth: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteFact:
    """One effective path operation: prefixes and dependencies of every `include_router` applied."""

    path: str
    methods: tuple[str, ...]
    name: str
    site: Site | None
    """Where the endpoint function is defined; None outside the learner's folder."""
    is_async: bool
    websocket: bool = False
    response_model: str | None = None
    """`repr` of the type, None where there is none."""
    response_model_is_typed: bool = False
    """The response model holds Pydantic models or plain typed values, no bare dict, list or Any."""
    response_class: str = ""
    status_code: int | None = None
    stream_item: str | None = None
    body: tuple[str, ...] = ()
    body_is_typed: bool = True
    parameters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """`path`, `query`, `header`, `cookie` to the names on the wire."""
    dependencies: tuple[DependencyFact, ...] = ()
    include_in_schema: bool = True
    operation_id: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockedLoop:
    """A moment in which the event loop stood still while a request was being served.

    `how` is "call" for an intercepted blocking call (`what` names it) and "held" for a loop that did not turn
    for `held_ms` milliseconds.
    """

    how: str
    what: str
    site: Site
    request: str = ""
    held_ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedSession:
    """A moment in which two tasks, or two threads, were inside one database session or connection.

    `what` is the method that came second (`AsyncSession.execute`), `site` the learner's line that called it; its path is
    empty where no line of the learner's stands on the stack.
    """

    what: str
    site: Site
    request: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorAnswer:
    """What the app really answered to a request that had to fail.

    `cause` is "unknown-path", "wrong-method", "invalid-input" or "unhandled-error": what was wrong with the request.
    """

    cause: str
    request: str
    """`GET /tools/none`, as it was sent."""
    status: int
    media_type: str = ""
    """Of the answer, without parameters: `application/json`."""
    shape: tuple[str, ...] = ()
    """The keys of the JSON object at the top, sorted; empty where the body is no JSON object."""
    detail_kind: str = ""
    """The JSON type of the value under `detail` ("string", "array", "object"), empty where there is none."""
    site: Site | None = None
    """The path operation that was asked, where there was one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppFacts:
    """The app as it stands after its import, and what was seen while it served."""

    target: str
    """`module:attribute`."""
    import_s: float = 0.0
    routes: tuple[RouteFact, ...] = ()
    has_lifespan: bool = False
    on_event_handlers: tuple[Site, ...] = ()
    exception_handlers: tuple[str, ...] = ()
    middleware: tuple[str, ...] = ()
    openapi: dict[str, Any] | None = None
    openapi_error: str | None = None
    threads_at_import: int = 1
    environment_read_at_import: tuple[str, ...] = ()
    """The names that were asked for; `*` where all of it was looked through."""
    blocked: tuple[BlockedLoop, ...] = ()
    answers: tuple[ErrorAnswer, ...] = ()
    """Empty where nobody asked."""
