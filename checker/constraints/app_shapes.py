"""The ways in which the code of one app writes its errors, taken together."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator

from checker.constraints.detail_shapes import detail_censuses
from checker.constraints.error_bodies import shown_keys
from checker.constraints.error_handlers import Kind
from checker.constraints.errors_as_success import each_error_as_success
from checker.constraints.handler_answers import BesideCommon, answers_beside_common
from checker.constraints.private_shapes import MANY, common_shapes, private_answers, several_shapes
from checker.constraints.replies import HTTP_EXCEPTION, Reply, argument, json_reply, written
from checker.constraints.services import Service, services
from checker.source import Operation, Project
from checker.source.places import is_aside_module

_MOST_SHAPES = 4
_FEWEST = 4


def common_shown(project: Project) -> str:
    """What the errors of the app look like by themselves, as a reader sees it."""
    return " or ".join(sorted(shown_keys(shape) for shape in common_shapes(project) or ()))


def ways_of_services(project: Project, operations: Iterable[Operation]) -> Iterator[tuple[Service, str]]:
    """Every app whose code writes errors in several ways, with these ways in words."""
    answers = private_answers(project)
    censuses = {id(census.service.handlers.app): census for census in detail_censuses(project)}
    successes = list(each_error_as_success(operations, project))
    beside = list(answers_beside_common(project))
    for service in services(project):
        told = [
            f"{body.shown} ({_times(count)})" for body, count in several_shapes(answers, service, project)
        ]
        census = censuses.get(id(service.handlers.app))
        if census is not None and census.is_mixed:
            told += [f"`detail` with {body.described} ({_times(count)})" for body, count in census.forms]
        elif census is not None and census.is_apart:
            told.append(
                f"`detail` with {census.usual.described} ({_times(census.places)}), a text for an unknown path"
                + ("" if service.handlers.of(Kind.VALIDATION) else " and a list for invalid input")
            )
        told += _by_own_handlers(beside, service)
        told += _as_success(successes, service, project)
        if told:
            shown = "; ".join(told[:_MOST_SHAPES])
            yield service, f"beside {common_shown(project) or '`{detail}`'}: {shown}"


def _by_own_handlers(beside: list[BesideCommon], service: Service) -> list[str]:
    """What several handlers for exceptions of the project answer, where they stand beside the app; elsewhere they are told there."""
    counted = Counter(b.answer for b in beside if b.place is not None and b.app is service.handlers.app)
    if counted.total() < MANY:
        return []
    return [f"{answer} by handlers ({_times(count)})" for answer, count in counted.most_common()]


def _times(count: int) -> str:
    return "once" if count == 1 else f"at {count} places"


def _keys(reply: Reply, project: Project) -> frozenset[str]:
    call = json_reply(reply.value, reply.function, project)
    value = argument(call, 0, "content") if call is not None else reply.value
    value = written(value, reply.function) if value is not None else value
    if isinstance(value, ast.Dict):
        return frozenset(
            k.value for k in value.keys if isinstance(k, ast.Constant) and isinstance(k.value, str)
        )
    return frozenset(k.arg for k in value.keywords if k.arg) if isinstance(value, ast.Call) else frozenset()


def _as_success(successes: list[tuple[Reply, Operation]], service: Service, project: Project) -> list[str]:
    """An envelope with status 200 for some errors of an app that raises `HTTPException` for others."""
    counted = Counter(
        _keys(reply, project) for reply, operation in successes if service.serves(operation, project)
    )
    counted.pop(frozenset(), None)
    raised = _raised(service, project)
    # A few beside many exceptions are oversights, told where they stand.
    if raised < _FEWEST or counted.total() < max(_FEWEST, raised / 3):
        return []
    return [f"{shown_keys(keys)} with status 200 ({_times(count)})" for keys, count in counted.most_common(1)]


def _raised(service: Service, project: Project) -> int:
    """How often code that requests run makes an `HTTPException`."""
    return sum(
        call.target == HTTP_EXCEPTION and call.function is not None and call.function in project.in_requests
        for module in project.modules
        if not module.is_test and not is_aside_module(module) and service.holds(module)
        for call in module.calls
    )
