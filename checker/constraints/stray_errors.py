"""`HTTPException`s beside an app's own exception, which is answered in another shape; and those that cannot be made."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from checker.constraints.error_handlers import Handler, Kind
from checker.constraints.private_shapes import is_about_health
from checker.constraints.replies import HTTP_EXCEPTION, argument
from checker.constraints.services import Service
from checker.source import Call, Project
from checker.source.places import is_aside_module

_FEWEST = 5
_MOST_STRAY = 0.1


@dataclass(frozen=True, slots=True)
class Stray:
    """One `HTTPException` that a request can meet, beside the exception that nearly all errors are made with."""

    call: Call
    usual: str
    """The project's exception, as it is written where it gets its handler."""
    count: int
    keys: frozenset[str]
    own_keys: frozenset[str]


def stray_http_exceptions(service: Service, project: Project) -> Iterator[Stray]:
    """The few `HTTPException`s of an app that says its errors with an exception of its own."""
    common = service.handlers.keys(Kind.HTTP)
    usual = _usual(service, project)
    if common is None or usual is None or len(usual.others) > _MOST_STRAY * usual.count:
        return
    for call in usual.others:
        function = call.function
        if function is not None and function in project.in_requests and not is_about_health(function):
            yield Stray(call, usual.handler.shown, usual.count, common, usual.keys)


def shape_of_own_errors(service: Service, project: Project) -> frozenset[str] | None:
    """The keys of the project's own exception, where it is made more often than `HTTPException`; then its shape is the usual one."""
    usual = _usual(service, project)
    if usual is None:
        return None
    common = service.handlers.keys(Kind.HTTP) or frozenset()
    agreeing = {
        handler.name: (handler, handler.keys)
        for handler in service.handlers.of(Kind.OWN)
        if handler.keys is not None and common <= handler.keys
    }
    like_common = len(usual.others) + sum(_count(agreeing, service, project)[0].values())
    return usual.keys if like_common < usual.count else None


@dataclass(frozen=True, slots=True)
class _Usual:
    """The exception of the project's that is made most often."""

    handler: Handler
    keys: frozenset[str]
    count: int
    others: list[Call]
    """Every `HTTPException` beside it."""


def _usual(service: Service, project: Project) -> _Usual | None:
    handlers = service.handlers
    common = handlers.keys(Kind.HTTP)
    if common is None or not (handlers.complete or handlers.of(Kind.HTTP)):
        return None
    own = {
        handler.name: (handler, handler.keys)
        for handler in handlers.of(Kind.OWN)
        if handler.keys is not None and not common <= handler.keys
    }
    if not own:
        return None
    made, stray = _count(own, service, project)
    name = max(made, key=lambda name: made[name])
    handler, keys = own[name]
    return _Usual(handler, keys, made[name], stray) if made[name] >= _FEWEST else None


def _count(
    own: dict[str, tuple[Handler, frozenset[str]]], service: Service, project: Project
) -> tuple[dict[str, int], list[Call]]:
    """How often each exception of the project is made, and every `HTTPException`."""
    made = dict.fromkeys(own, 0)
    stray: list[Call] = []
    for module in project.modules:
        if module.is_test or is_aside_module(module) or not service.holds(module):
            continue
        for call in module.calls:
            if call.target == HTTP_EXCEPTION:
                stray.append(call)
                continue
            value = project.names.evaluate(call.node.func, call.scope) if call.target else None
            if value is not None and not value.instance:
                for name in own:
                    made[name] += project.names.is_a(value, name)
    return made, stray


_TAKES = ("status_code", "detail", "headers")


def impossible_http_exceptions(project: Project) -> Iterator[tuple[Call, str]]:
    """Every `HTTPException(...)` that cannot be made or answered, with the reason in words."""
    for module in project.modules:
        if module.is_test or is_aside_module(module):
            continue
        for call in module.calls:
            reason = _reason(call.node) if call.target == HTTP_EXCEPTION else ""
            if reason:
                yield call, reason


def _reason(call: ast.Call) -> str:
    if any(isinstance(a, ast.Starred) for a in call.args) or any(k.arg is None for k in call.keywords):
        return ""
    given = [k.arg for k in call.keywords if k.arg is not None]
    unknown = next((name for name in given if name not in _TAKES), "")
    if unknown:
        return f"has no parameter `{unknown}`"
    if not call.args and "status_code" not in given:
        return "needs a `status_code`"
    status = argument(call, 0, "status_code")
    if isinstance(status, ast.JoinedStr) or (
        isinstance(status, ast.Constant) and isinstance(status.value, str)
    ):
        return "is given a text as its status"
    twice = next((name for name in _TAKES[: len(call.args)] if name in given), "")
    return f"is given `{twice}` twice" if twice else ""
