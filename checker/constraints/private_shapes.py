"""Errors that are answered in a shape of their own, beside what every other error of the app looks like."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from checker.constraints.error_bodies import Answer, Body, Callers, Form, answer_of, is_of_protocol
from checker.constraints.error_handlers import (
    PROTOCOL_KEYS,
    Kind,
    handlers_of_apps,
    is_served_from_elsewhere,
)
from checker.constraints.error_words import pairs_of, speaks_of_error
from checker.constraints.flow import blocks
from checker.constraints.health import is_health_name, is_health_path
from checker.constraints.replies import caught_in, status_of, written
from checker.constraints.reply_keys import DEFAULT_KEYS, fields_of, keys_of
from checker.constraints.services import Service
from checker.source import Call, Function, Operation, Project
from checker.source.places import is_aside_module


@dataclass(frozen=True, slots=True)
class PrivateAnswer:
    """One place that answers an error in another shape."""

    value: ast.expr
    function: Function
    who: str
    status: int | None
    """None where it is worked out, and the body says that it is an error."""
    body: Body
    operation: Operation | None
    """The path operation that leads to it; None for middleware and what several of them use."""


_CLIENT_IS_GONE = 499
"""A status for the log alone: nobody reads the answer."""


def common_shapes(project: Project) -> frozenset[frozenset[str]] | None:
    """The shapes that errors have by themselves in the apps of the project; None where one is not known."""
    shapes: set[frozenset[str]] = set()
    every = handlers_of_apps(project)
    if not every and is_served_from_elsewhere(project):
        return frozenset({DEFAULT_KEYS})
    for handlers in every:
        usual = handlers.shapes(Kind.HTTP)
        if not usual or not handlers.complete:
            return None
        shapes |= usual.union(*(handler.shapes for handler in handlers.found))
    return frozenset(shapes)


def private_answers(project: Project) -> list[PrivateAnswer]:
    """Every place in code that requests run which answers an error in none of the common shapes."""
    common = common_shapes(project)
    if not common:
        return []
    return sorted(
        _private_answers(project, common),
        key=lambda found: (found.function.module.path, found.value.lineno, found.value.col_offset),
    )


def _private_answers(project: Project, common: frozenset[frozenset[str]]) -> Iterator[PrivateAnswer]:
    callers = Callers(project)
    operations = {operation.function: operation for operation in project.operations}
    handled = below_handlers(project)
    unheard = _without_listeners(project, callers)
    for function in _running(project):
        if function in handled or function in unheard or is_aside_module(function.module):
            continue
        root = _root(function, project)
        operation = operations.get(root)
        if is_about_health(function, operation) or (operation is not None and operation.websocket):
            continue
        who = operation.label if operation is not None and root is function else function.short
        for call in function.calls:
            answer = answer_of(call.node, function, project)
            if answer is None or not _is_private(answer, common, operation, function, root, project):
                continue
            statuses = callers.statuses(answer.status, function)
            if not statuses and _tells_of_error(answer, call, function):
                yield PrivateAnswer(call.node, function, who, None, answer.body, operation)
            if statuses and min(statuses) >= 400 and statuses != {_CLIENT_IS_GONE}:
                yield PrivateAnswer(call.node, function, who, min(statuses), answer.body, operation)
        if operation is not None and root is function:
            yield from _answers_after_status(operation, common, project)


def _tells_of_error(answer: Answer, call: Call, function: Function) -> bool:
    """`JSONResponse({"error": str(error)}, status_code=error.response.status_code)`: the status is another's, the body says what it is."""
    # What a helper is given as its status its callers tell, or nobody.
    if not isinstance(answer.status, ast.Attribute) or answer.content is None:
        return False
    inside = caught_in(function)
    caught = next((inside.get(id(r), set()) for r in function.returns if r.value is call.node), set())
    pairs = pairs_of(written(answer.content, function))
    return pairs is not None and speaks_of_error(pairs, caught, function.name)


def _without_listeners(project: Project, callers: Callers) -> set[Function]:
    """Functions whose answers nobody gets: background tasks, and what is called for its effects alone, by them too."""
    tasks = {function for function, _ in project.framework.background}
    served = {operation.function for operation in project.operations}
    served |= {*project.framework.dependencies, *project.framework.middleware}
    found: set[Function] = set()
    for function in project.in_requests:
        if function in served or function.owner is not None:
            continue
        if function not in tasks and all(r.value is None for r in function.returns):
            continue  # It may send what it makes itself.
        calls = callers.of(function)
        dropped = [call for call in calls if isinstance(call.scope, Function) and _is_dropped(call)]
        if len(dropped) == len(calls) and (calls or function in tasks):
            found.add(function)
    while True:
        further = {
            function
            for function in project.in_requests
            if function not in found | served
            and (calls := callers.of(function))
            and all(call.scope in found for call in calls)
        }
        if not further:
            return found
        found |= further


def _is_dropped(call: Call) -> bool:
    """`send(tool)` or `await send(tool)` as a statement of its own."""
    return any(
        isinstance(node, ast.Expr)
        and (node.value.value if isinstance(node.value, ast.Await) else node.value) is call.node
        for node in ast.walk(call.scope.node)
    )


def _running(project: Project) -> list[Function]:
    """What a request can run, with the wrappers that decorators put around path operations."""
    found = dict.fromkeys(project.in_requests)
    for operation in project.operations:
        scope = operation.function.parent or operation.function.module.scope
        for decorator in operation.function.decorators:
            plain = decorator.func if isinstance(decorator, ast.Call) else decorator
            value = project.names.evaluate(plain, scope)
            if value is not None and isinstance(value.item, Function):
                found.update(dict.fromkeys(_nested(value.item)))
    return list(found)


def _nested(function: Function) -> Iterator[Function]:
    for inner in function.functions.values():
        yield inner
        yield from _nested(inner)


def below_handlers(project: Project) -> set[Function]:
    """Exception handlers and what they call: the shapes that these write are the common ones."""
    waiting = list(project.framework.exception_handlers)
    waiting += [
        h.function for every in handlers_of_apps(project) for h in every.found if h.function is not None
    ]
    found: set[Function] = set()
    while waiting:
        function = waiting.pop()
        if function not in found:
            found.add(function)
            waiting += [call.callee for call in function.calls if call.callee is not None]
    return found


def _root(function: Function, project: Project) -> Function:
    """What FastAPI itself calls, at the beginning of the way to a function."""
    seen = {function}
    while True:
        step = project.in_requests.get(function)
        if step is None or step.caller is None or step.caller in seen:
            return function
        function = step.caller
        seen.add(function)


def is_about_health(function: Function, operation: Operation | None = None) -> bool:
    """Whether a function answers a health check, whose answers are for probes."""
    if operation is not None and is_health_path(operation.label.partition(" ")[2]):
        return True
    return any(is_health_name(name) for name in function.name.split("."))


def _is_private(
    answer: Answer,
    common: frozenset[frozenset[str]],
    operation: Operation | None,
    function: Function,
    root: Function,
    project: Project,
) -> bool:
    body = answer.body
    if body.form is Form.OBJECT:
        return _is_other(body.keys, answer.content, common, function, project)
    if operation is None:
        # A helper of nobody knows whom; a middleware and a wrapper answer for every path operation.
        return root in project.framework.middleware or root not in project.in_requests
    # Browsers are shown no JSON: who writes a text as such means a program.
    return body.form is Form.STRING or not _is_for_browsers(operation, project)


def _is_other(
    keys: frozenset[str],
    content: ast.expr | None,
    common: frozenset[frozenset[str]],
    function: Function,
    project: Project,
) -> bool:
    if not keys or keys & PROTOCOL_KEYS or any(shape <= keys for shape in common):
        return False
    return not is_of_protocol(content, function, project)


def _answers_after_status(
    operation: Operation, common: frozenset[frozenset[str]], project: Project
) -> Iterator[PrivateAnswer]:
    """`response.status_code = 404`, and right after it `return {"msg": ...}` or the model that is declared for errors."""
    function = operation.function
    for block in blocks(function):
        given: ast.expr | None = None
        for statement in block:
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Attribute):
                if statement.targets[0].attr == "status_code":
                    given = statement.value
            elif isinstance(statement, ast.Return) and statement.value is not None and given is not None:
                value, status = statement.value, status_of(given, function, project)
                keys: frozenset[str] | None = None
                if isinstance(value, ast.Dict | ast.Call) and status is not None and status >= 400:
                    keys = keys_of(value, function, project)
                elif isinstance(given, ast.Call) and status is None:
                    keys = _keys_declared(operation, project)
                if keys is not None and _is_other(keys, value, common, function, project):
                    body = Body(Form.OBJECT, keys)
                    yield PrivateAnswer(value, function, operation.label, status, body, operation)


def _keys_declared(operation: Operation, project: Project) -> frozenset[str] | None:
    """The fields of what `responses={400: {"model": Failure}}` says of errors; None where it says nothing, or several things."""
    declared = operation.keyword("responses")
    if not isinstance(declared, ast.Dict):
        return None
    found: set[frozenset[str] | None] = set()
    for key, said in zip(declared.keys, declared.values, strict=True):
        status = status_of(key, operation.scope, project)
        if status is None or status < 400 or not isinstance(said, ast.Dict):
            continue
        models = [
            v
            for k, v in zip(said.keys, said.values, strict=True)
            if isinstance(k, ast.Constant) and k.value == "model"
        ]
        found |= {fields_of(project.names.evaluate(model, operation.scope), project) for model in models}
    return found.pop() if len(found) == 1 else None


def several_shapes(
    answers: list[PrivateAnswer], service: Service, project: Project
) -> list[tuple[Body, int]]:
    """The private shapes of a service with how often each is written, where they are more than an oversight; else empty."""
    routes = {app.call: {route.operation for route in app.routes} for app in project.composition.apps}
    mine = routes.get(service.handlers.app.call, set())
    others = set().union(*routes.values()) - mine
    counted = Counter(
        answer.body
        for answer in answers
        # A small app of a command may import the modules of the large one, and serves none of its routes.
        if answer.operation not in others
        and (answer.operation in mine or service.holds(answer.function.module))
    )
    if len(counted) < 2 and counted.total() < MANY:
        return []
    return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0].shown))


MANY = 2
"""How often a shape is written by more than an oversight."""
_PAGES = frozenset({
    "FileResponse", "HTMLResponse", "RedirectResponse", "StreamingResponse", "PlainTextResponse", "TemplateResponse",
})  # fmt: skip


def _is_for_browsers(operation: Operation, project: Project) -> bool:
    """Whether a path operation answers pages, files, streams or texts when all goes well, or nothing in any case."""
    methods = set(operation.methods)
    if methods and methods <= {"HEAD", "OPTIONS"}:
        return True
    given = operation.keyword("response_class")
    if given is not None and project.names.qualify(given, operation.scope).rpartition(".")[2] in _PAGES:
        return True
    made = {id(call.node): call for call in operation.function.calls}
    for statement in operation.function.returns:
        for node in ast.walk(statement):
            call = made.get(id(node)) if isinstance(node, ast.Call) else None
            if call is None:
                continue
            last = call.target.rpartition(".")[2] or getattr(call.node.func, "attr", "")
            if last in _PAGES and _succeeds(call.node, operation, project):
                return True
            if call.target == "fastapi.responses.Response" and _succeeds(call.node, operation, project):
                media = call.keyword("media_type")
                if isinstance(media, ast.Constant) and "json" in str(media.value):
                    continue
                if media is not None:
                    return True
    return False


def _succeeds(call: ast.Call, operation: Operation, project: Project) -> bool:
    given = next((k.value for k in call.keywords if k.arg == "status_code"), None)
    status = status_of(given, operation.function, project)
    return given is None or status is None or status < 400
