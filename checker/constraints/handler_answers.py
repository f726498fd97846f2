"""What exception handlers answer: with the status of a success, or in two shapes."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from checker.constraints.error_bodies import Body, Callers, Form, answer_of, is_of_protocol, shown_keys
from checker.constraints.error_handlers import (
    PROTOCOL_KEYS,
    Handler,
    Handlers,
    Kind,
    different_shapes,
    handlers_of_apps,
    own_shapes_beside,
)
from checker.constraints.flow import last_name
from checker.constraints.private_shapes import below_handlers
from checker.constraints.replies import Reply, argument, json_reply, replies, status_of
from checker.constraints.reply_keys import DEFAULT_KEYS, keys_of_response, rewrites
from checker.constraints.services import services
from checker.constraints.stray_errors import shape_of_own_errors
from checker.source import Class, Function, Module, Project
from checker.source.composition import ServedApp

_SHARED = 2
"""So many handlers with one shape make it the app's own."""


@dataclass(frozen=True, slots=True)
class OddAnswer:
    """One answer of a handler that has another shape than its other answers."""

    reply: Reply
    handler: Handler
    keys: frozenset[str]
    usual: frozenset[str]


def answers_with_success(project: Project) -> Iterator[tuple[Reply, Handler]]:
    """`return JSONResponse({"code": 500})` in a handler: made without a status, it is answered with 200."""
    below, callers = below_handlers(project), Callers(project)
    told: set[tuple[Function, Function]] = set()
    for handler, function in _handlers(project):
        if any(store.attribute == "status_code" for store in function.stores):
            continue
        for reply in replies(function, project):
            if not _is_success(reply, project):
                continue
            # A helper that makes the answers of path operations as well is right where it stands: who calls it is not.
            inner = [step.function for step in (*reply.way, reply)[1:]]
            shared = next(
                (
                    (step, callee)
                    for step, callee in zip(reply.way, inner, strict=True)
                    if any(call.function not in below for call in callers.of(callee))
                ),
                None,
            )
            if shared is None:
                yield reply, handler
            elif (place := (shared[0].function, shared[1])) not in told:
                told.add(place)
                yield shared[0], handler


def apps_with_success(project: Project) -> Iterator[ServedApp]:
    """The apps whose `HTTPException`s, an unknown path's too, are answered with 200 by a handler that stands in another module."""
    places = {
        handler.function: reply.function.module
        for reply, handler in answers_with_success(project)
        if handler.kind is Kind.HTTP
    }
    for handlers in handlers_of_apps(project):
        home = handlers.app.call.scope.module
        of_handlers = [places.get(h.function) for h in handlers.of(Kind.HTTP)]
        if any(place is not None and place is not home for place in of_handlers):
            yield handlers.app


def _handlers(project: Project) -> list[tuple[Handler, Function]]:
    """Every handler that is a function of the project, once."""
    found = {
        handler.function: handler
        for handlers in handlers_of_apps(project)
        for handler in handlers.found
        if handler.function is not None
    }
    return [(handler, function) for function, handler in found.items()]


def _is_success(reply: Reply, project: Project) -> bool:
    call = json_reply(reply.value, reply.function, project)
    if call is None or any(k.arg is None for k in call.keywords):
        return False
    if any(store.attribute == "status_code" for store in reply.function.stores):
        return False
    status = argument(call, 1, "status_code")
    made = project.names.evaluate(call.func, reply.function)
    own = made.item if made is not None and isinstance(made.item, Class) else None
    if own is not None and rewrites(own) and (status is None or _sets_status(own)):
        return False
    if status is not None and status_of(status, reply.function, project) != 200:
        return False
    content = argument(call, 0, "content")
    keys = keys_of_response(reply, project) or frozenset()
    # GraphQL and JSON-RPC tell their errors with status 200.
    if keys & PROTOCOL_KEYS or {"data", "errors"} <= keys:
        return False
    return not is_of_protocol(content, reply.function, project)


def _sets_status(made: Class) -> bool:
    """Whether a response class has a status of its own, whatever it is given."""
    return any(
        (isinstance(node, ast.keyword) and node.arg == "status_code" and not isinstance(node.value, ast.Name))
        or (
            isinstance(node, ast.Attribute) and node.attr == "status_code" and isinstance(node.ctx, ast.Store)
        )
        for node in ast.walk(made.node)
    )


def answers_in_two_shapes(project: Project) -> Iterator[OddAnswer]:
    """The answers of one handler that have other keys than the rest of its answers."""
    every = _handlers(project)
    elsewhere = Counter(handler.keys for app in handlers_of_apps(project) for handler in app.found)
    for handler, function in every:
        shapes = [keys for keys in handler.shapes if not keys & PROTOCOL_KEYS]
        if len(shapes) < 2:
            continue
        answers = [(r, keys_of_response(r, project)) for r in replies(function, project)]
        usual = max(shapes, key=lambda keys: elsewhere[keys])
        if elsewhere[usual] < _SHARED:
            usual = DEFAULT_KEYS if DEFAULT_KEYS in shapes else next(k for _, k in answers if k in shapes)
        for reply, keys in answers:
            if keys is None or keys not in shapes or usual <= keys or keys <= usual:
                continue
            call = json_reply(reply.value, reply.function, project)
            content = argument(call, 0, "content") if call is not None else None
            if not is_of_protocol(content, reply.function, project):
                yield OddAnswer(reply, handler, keys, usual)


@dataclass(frozen=True, slots=True)
class BesideCommon:
    """A handler that answers otherwise than `HTTPException`."""

    shown: str
    body: Body
    usual: frozenset[str]
    app: ServedApp
    place: ast.expr | None
    """Its answer, or where a library's handler is registered; None to name the app, once."""
    module: Module
    """Where that is."""

    @property
    def answer(self) -> str:
        """Its answer as a reader sees it."""
        return self.body.shown

    @property
    def common(self) -> str:
        """What `HTTPException` is answered with, as a reader sees it."""
        return shown_keys(self.usual) if self.usual else "JSON"


def answers_beside_common(project: Project) -> Iterator[BesideCommon]:
    """The handlers that write another shape, each at its answer; those of other modules at the app as well, once."""
    own = {id(s.handlers.app): shape_of_own_errors(s, project) for s in services(project)}
    for handlers in handlers_of_apps(project):
        usual = handlers.keys(Kind.HTTP) or frozenset()
        usual_own = own.get(id(handlers.app))
        home = handlers.app.call.scope.module
        told = bool(different_shapes(handlers))  # Another rule names the app then.
        yield from _without_keys(handlers, project)
        beside = own_shapes_beside(handlers)
        counted = Counter(found.keys for found in beside)
        for found in beside:
            if _is_never_raised(found, project):
                continue
            keys = found.keys or frozenset()
            body = Body(Form.OBJECT, keys)
            written = _first_json(found.function, project)
            if written is not None and _is_of_protocol(written, project):
                continue
            is_usual = usual_own is not None and usual_own <= keys
            if counted[found.keys] >= _SHARED and not handlers.of(Kind.HTTP):
                is_usual = True  # What is apart is `HTTPException`, which has no handler.
            place = written.value if written is not None else found.place
            module = written.function.module if written is not None else found.scope.module
            if not is_usual:
                yield BesideCommon(found.shown, body, usual, handlers.app, place, module)
            if (module is not home or is_usual) and not told:
                told = True
                yield BesideCommon(found.shown, body, usual, handlers.app, None, home)


def _is_never_raised(handler: Handler, project: Project) -> bool:
    """The error of a rate limiter that limits nothing: no route has a limit, and there is none for all of them."""
    if handler.name != "slowapi.errors.RateLimitExceeded":
        return False
    return not any(
        last_name(call.node) in {"limit", "shared_limit"}
        or any(k.arg in {"default_limits", "application_limits"} for k in call.node.keywords)
        for module in project.modules
        for call in module.calls
    )


def _without_keys(handlers: Handlers, project: Project) -> Iterator[BesideCommon]:
    """The handlers that answer with a bare text, as it is or as JSON, where `HTTPException` is answered with an object."""
    common = handlers.of(Kind.HTTP)
    if not handlers.complete and not common:
        return
    if any(reply is None for reply in (_first_json(h.function, project) for h in common)):
        return
    home = handlers.app.call.scope.module
    usual = handlers.keys(Kind.HTTP) or frozenset()
    told = False
    for found in handlers.found:
        answers = list(replies(found.function, project)) if found.function is not None else []
        bare = [(answer, form) for answer in answers if (form := _bare_form(answer, project)) is not None]
        # Where it answers an object as well, another rule compares its answers.
        if found.kind is Kind.HTTP or not bare or any(keys_of_response(a, project) for a in answers):
            continue
        (answer, form), *_ = bare
        place, module = answer.value, answer.function.module
        yield BesideCommon(found.shown, Body(form), usual, handlers.app, place, module)
        if module is not home and not told:
            told = True
            yield BesideCommon(found.shown, Body(form), usual, handlers.app, None, home)


def _bare_form(reply: Reply, project: Project) -> Form | None:
    """Whether an answer is a bare text, and in which way; None for any other."""
    if not isinstance(reply.value, ast.Call):
        return None
    answer = answer_of(reply.value, reply.function, project)
    if answer is not None:
        return answer.body.form if answer.body.form in {Form.TEXT, Form.STRING} else None
    media = argument(reply.value, 3, "media_type")
    made = project.names.evaluate(reply.value.func, reply.function)
    is_plain = isinstance(media, ast.Constant) and str(media.value).endswith("/plain")
    is_response = made is not None and made.name == "fastapi.responses.Response"
    return Form.TEXT if is_response and is_plain else None


def _first_json(function: Function | None, project: Project) -> Reply | None:
    answers = replies(function, project) if function is not None else ()
    return next((a for a in answers if json_reply(a.value, a.function, project) is not None), None)


def _is_of_protocol(reply: Reply, project: Project) -> bool:
    """An object of JSON-RPC; what stands under `error` alone is a shape of the project's own."""
    call = json_reply(reply.value, reply.function, project)
    content = argument(call, 0, "content") if call is not None else None
    nested = isinstance(content, ast.Dict) and any(isinstance(v, ast.Dict) for v in content.values)
    return not nested and is_of_protocol(content, reply.function, project)
