"""Reading what the client sent past FastAPI: raw bodies, forms, WebSocket messages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from checker.constraints.flow import (
    carriers,
    is_caught,
    last_name,
    mentions,
    own_expressions,
    parameter_for,
    statements,
)
from checker.constraints.inputs import takers_of
from checker.constraints.parsed_queries import FORM_PARSERS, parsed_queries
from checker.constraints.validation import (
    checks_by_hand,
    fields_taken,
    is_checked_by_hand,
    is_given,
    is_validated,
    looks_validating,
    names_given_to,
    validates,
)
from checker.source import Call, Function, Project
from checker.source.declaring import function_of
from checker.source.loop import Step

_READS = {
    "fastapi.Request.json": "json",
    "fastapi.Request.form": "form",
    "fastapi.Request.body": "text",
    "fastapi.WebSocket.receive_json": "json",
    "fastapi.WebSocket.iter_json": "json",
    "fastapi.WebSocket.receive_text": "text",
    "fastapi.WebSocket.iter_text": "text",
    "fastapi.WebSocket.receive_bytes": "text",
    "fastapi.WebSocket.iter_bytes": "text",
}
_RAW_TYPES = frozenset({"fastapi.Request", "fastapi.WebSocket", "fastapi.HTTPConnection"})
PARSERS = frozenset({"json.loads", "orjson.loads", "ujson.loads", "msgspec.json.decode", *FORM_PARSERS})
_BODY_WORDS = ("sign", "webhook", "hmac", "body", "payload", "event")
_QUERY_METHODS = frozenset({"get", "getlist", "__getitem__", "pop"})
_RAW_PARAMETERS = frozenset({
    "fastapi.Request.query_params", "fastapi.Request.path_params", "fastapi.WebSocket.query_params",
    "fastapi.WebSocket.path_params",
})  # fmt: skip
_LINKS = frozenset({"replace_query_params", "include_query_params", "url_for", "urlencode"})
_REGISTERS = frozenset(
    {"add_exception_handler", "add_event_handler", "add_middleware", "middleware", "exception_handler"}
)
_BOUNDARY = ("path operation", "dependency")


def raw_reads(function: Function, project: Project) -> Iterator[tuple[Call, str]]:
    """Raw reads of a body or message that nothing validates afterwards; with what is read: json, form, text."""
    reads = [(call, what) for call, what in _body_reads(function, project) if not _is_thrown_away(call)]
    if not reads or _checks_signature(function, project):
        return
    parses = any(call.target in PARSERS for call in function.calls)
    for call, what in reads:
        if (what == "text" and not parses) or _is_signed(function, call):
            continue
        if not is_validated(function, call.node, project, whole=what == "form"):
            yield call, what


def _is_signed(function: Function, read: Call) -> bool:
    """Whether a digest is made over what was read, `hmac.new(secret, payload.encode(), "sha256")`, however it was put together."""
    names = {one for name in names_given_to(function, read.node) for one in carriers(function, name)}
    return any(
        call.target.startswith("hmac.")
        and any(
            mentions(argument, names)
            for argument in [*call.node.args, *(k.value for k in call.node.keywords)]
        )
        for call in function.calls
    )


def _body_reads(function: Function, project: Project) -> Iterator[tuple[Call, str]]:
    """The calls that read a body or message, with what is read; on a parameter without a type where a request is handed in."""
    for call in function.calls:
        if call.target in _READS:
            yield call, _READS[call.target]
            continue
        on = call.node.func
        what = _READS.get(f"fastapi.Request.{on.attr}") if isinstance(on, ast.Attribute) else None
        if what is None or not isinstance(on, ast.Attribute) or not isinstance(on.value, ast.Name):
            continue
        given = function.parameter(on.value.id)
        if given is not None and given.annotation is None and _gets_request(function, given.name, project):
            yield call, what


def _gets_request(function: Function, name: str, project: Project) -> bool:
    """Whether the call that leads here hands a request in under a name."""
    step = _step_to(function, project)
    call = step.call if step is not None else None
    if step is None or step.caller is None or not isinstance(call, Call):
        return False
    for argument in [*call.node.args, *(k.value for k in call.node.keywords)]:
        if parameter_for(argument, call, function) == name:
            return project.names.type_name(argument, call.scope) in _RAW_TYPES
    return False


def _step_to(function: Function, project: Project) -> Step | None:
    """How a request comes to a function; to a method also where the one that it overrides is called."""
    step = project.in_requests.get(function)
    if step is not None or function.owner is None:
        return step
    name = function.name.rpartition(".")[2]
    for base in project.names.lineage(function.owner)[0]:
        overridden = base.functions.get(name)
        if overridden is not None and (step := project.in_requests.get(overridden)) is not None:
            return step
    return None


def _is_thrown_away(call: Call) -> bool:
    """`await request.form()` on a line of its own takes nothing; it only lets a library read the form later."""
    statement = call.statement
    if not isinstance(statement, ast.Expr):
        return False
    value = statement.value.value if isinstance(statement.value, ast.Await) else statement.value
    return value is call.node


def _checks_signature(function: Function, project: Project) -> bool:
    """`verify_signature(request)`, or `verify_signature(await request.body(), header)`: all that came goes to a check of it."""
    given = {
        p.name
        for p in function.parameters
        if p.annotation is not None and project.names.qualify(p.annotation, function) in _RAW_TYPES
    }
    for call in function.calls:
        if call.target == "fastapi.Request.body":
            given |= set(names_given_to(function, call.node))
    return any(is_given(call.node, given) and _verifies(call) for call in function.calls)


def _verifies(call: Call) -> bool:
    """A call that checks what a request carries, by its name or by what the project's function behind it does first."""
    name = last_name(call.node).lower()
    if looks_validating(call.node) and any(word in name for word in _BODY_WORDS):
        return True
    inner = call.callee.calls if call.callee is not None else []
    return any(
        "signature" in last_name(c.node).lower() or last_name(c.node) == "is_valid_request" for c in inner
    )


def raw_helpers(project: Project, *, by_hand: bool = False) -> Iterator[tuple[Function, Call, str]]:
    """Raw reads in helpers that serve a path operation or dependency, where no caller validates what they give.

    `by_hand` lets checks count that were written for it, without a model.
    """
    boundary = {o.function for o in project.operations} | set(project.framework.dependencies)
    functions = [f for module in project.service_modules for f in module.functions if f not in boundary]
    readers = {f for f in functions if any(True for _ in _body_reads(f, project))}
    if not readers:
        return
    validated = {
        call.callee
        for module in project.service_modules
        for call in module.calls
        if call.callee in readers
        and isinstance(call.scope, Function)
        and (
            is_validated(call.scope, call.node, project)
            or (by_hand and is_checked_by_hand(call.scope, call.node))
        )
    }
    for function in readers:
        if function in validated:
            continue
        for read, what in raw_reads(function, project):
            if by_hand and is_checked_by_hand(function, read.node):
                continue
            # Only clients send WebSocket messages; a request is read by middleware and error handlers too.
            if (
                read.target.startswith("fastapi.WebSocket.")
                or _serves_boundary(function, project)
                or _is_given_to_library(function, project)
            ):
                yield function, read, what


def raw_dependencies(project: Project) -> Iterator[tuple[Function, Call]]:
    """Dependencies that give what they read of the raw body to path operations, where nothing validates it there either."""
    takers = takers_of(project)
    operations = {operation.function for operation in project.operations}
    for function in project.framework.dependencies:
        if function in operations or function not in takers or function.module.is_test:
            continue
        for read, _what in raw_reads(function, project):
            names = {one for name in names_given_to(function, read.node) for one in carriers(function, name)}
            hands_back = any(
                mentions(r.value, names) or any(node is read.node for node in ast.walk(r.value))
                for r in function.returns
                if r.value is not None
            )
            if hands_back and not any(
                validates(taker, carriers(taker, name), project) for taker, name in takers[function]
            ):
                yield function, read


def raw_in_middleware(project: Project) -> Iterator[tuple[Function, Call]]:
    """`body = await request.json()` in a middleware that then relies on keys of it; one that only logs it does not."""
    for function in project.framework.middleware:
        for read, what in raw_reads(function, project):
            names = names_given_to(function, read.node)
            if what != "json" or is_caught(function, read.node) or is_checked_by_hand(function, read.node):
                continue
            if names and fields_taken(function, names):
                yield function, read


def _is_given_to_library(function: Function, project: Project) -> bool:
    """`RateLimiter(identifier=user_of)`: a library calls it with each request. Middleware and handlers are something else."""
    framework = project.framework
    if (
        function in framework.middleware
        or function in framework.exception_handlers
        or function in framework.handlers
    ):
        return False
    for module in project.service_modules:
        for call in module.calls:
            if call.callee is not None or last_name(call.node) in _REGISTERS:
                continue
            for given in [*call.node.args, *(k.value for k in call.node.keywords)]:
                is_named = isinstance(given, ast.Name) and given.id == function.name
                if is_named and function_of(given, call.scope, project.names) is function:
                    return True
    return False


def _serves_boundary(function: Function, project: Project) -> bool:
    """Whether a path operation or dependency led here, and no middleware or exception handler."""
    for _ in range(len(project.in_requests)):
        step = _step_to(function, project)
        if step is None:
            return False
        if step.caller is None:
            return step.role.startswith(_BOUNDARY)
        function = step.caller
    return False


def raw_lookups(function: Function, project: Project) -> Iterator[ast.expr]:
    """Where a function looks a parameter up in the raw query or path."""
    for call in function.calls:
        callee = call.node.func
        if not isinstance(callee, ast.Attribute) or callee.attr not in _QUERY_METHODS or not call.node.args:
            continue
        if callee.attr == "pop" and _is_thrown_away(call):
            continue  # `params.pop("page")` before a link is made of the rest.
        place = _raw_params(callee.value, call.node, function, project)
        if place is not None and not _is_declared(callee.value, call.node.args[0], function, project):
            yield place
    yield from _handed_on(function, project)
    yield from _named_by_keys(function, project)
    yield from parsed_queries(function, project)
    for statement in statements(function):
        for expression in own_expressions(statement):
            for node in ast.walk(expression):
                place = (
                    _raw_params(node.value, node, function, project)
                    if isinstance(node, ast.Subscript)
                    and not _is_declared(node.value, node.slice, function, project)
                    else None
                )
                if place is not None:
                    yield place


def _named_by_keys(function: Function, project: Project) -> Iterator[ast.expr]:
    """`for key, value in request.query_params.items()`, where attributes are read or set by the keys."""
    for _, place, keys in _loops_over_parameters(function, project):
        if any(
            call.target in {"builtins.getattr", "builtins.setattr"}
            and len(call.node.args) > 1
            and isinstance(call.node.args[1], ast.Name)
            and call.node.args[1].id in keys
            for call in function.calls
        ):
            yield place


def keys_written(function: Function, project: Project) -> Iterator[ast.expr]:
    """The same where the keys are written into texts that something is found by: `filters[f"data->>'{key}' = %s"] = value`."""
    for loop, place, keys in _loops_over_parameters(function, project):
        if any(
            isinstance(node, ast.Subscript)
            and isinstance(node.ctx, ast.Store)
            and isinstance(node.slice, ast.JoinedStr)
            and mentions(node.slice, keys)
            for node in ast.walk(loop)
        ):
            yield place


def _loops_over_parameters(
    function: Function, project: Project
) -> Iterator[tuple[ast.For, ast.expr, set[str]]]:
    """The loops over all raw parameters, each with where they are read and the names of the key and the value."""
    for statement in statements(function):
        over = statement.iter if isinstance(statement, ast.For) else None
        if not isinstance(statement, ast.For) or not isinstance(over, ast.Call):
            continue
        place = _raw_params(_without_items(over), over, function, project)
        if place is not None:
            yield statement, place, {n.id for n in ast.walk(statement.target) if isinstance(n, ast.Name)}


def _is_declared(holder: ast.expr, key: ast.expr, function: Function, project: Project) -> bool:
    """`request.path_params["tool_id"]` in a dependency whose path operations declare `tool_id`: it is documented and checked there."""
    if not isinstance(holder, ast.Attribute) or holder.attr != "path_params":
        return False
    name = key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""
    own = [o for o in project.operations if o.function is function]
    with_it = [o for o in own or project.operations if re.search(rf"{{{name}\b", o.path or "")]
    return bool(name and with_it) and all(o.function.parameter(name) is not None for o in with_it)


def _handed_on(function: Function, project: Project) -> Iterator[ast.expr]:
    """All parameters at once: `find(dict(request.query_params))` where `find` looks keys up in them, or `find(**params)`."""
    for call in function.calls:
        if last_name(call.node) in _LINKS:
            continue
        for keyword in call.node.keywords:
            place = _copied(keyword.value, function, project) if keyword.arg is None else None
            if place is not None:
                yield place
        callee = call.callee
        if callee is None or callee.is_abstract:
            continue
        for argument in [*call.node.args, *(k.value for k in call.node.keywords if k.arg is not None)]:
            # The parameters themselves go to helpers that look for a token in them, which is verified then.
            is_copy = isinstance(argument, (ast.Call, ast.Name)) and not _is_getattr(argument)
            place = _copied(argument, function, project) if is_copy else None
            parameter = parameter_for(argument, call, callee) if place is not None else ""
            names = carriers(callee, parameter, through=_COPIES) if parameter else set()
            if (
                place is not None
                and names
                and fields_taken(callee, names)
                and not checks_by_hand(callee, names)
            ):
                yield place


def _is_getattr(expression: ast.expr) -> bool:
    return isinstance(expression, ast.Call) and last_name(expression) == "getattr"


def _copied(expression: ast.expr, function: Function, project: Project) -> ast.expr | None:
    """`request.query_params`, `dict(request.query_params)`, or the name of such a copy."""
    if isinstance(expression, ast.Call) and last_name(expression) == "dict" and len(expression.args) == 1:
        return _raw_params(_without_items(expression.args[0]), expression, function, project)
    return _raw_params(expression, expression, function, project)


def _without_items(expression: ast.expr) -> ast.expr:
    """`params` of `params.items()`."""
    if isinstance(expression, ast.Call) and isinstance(expression.func, ast.Attribute):
        return expression.func.value if expression.func.attr in {"items", "multi_items"} else expression
    return expression


_COPIES = frozenset({"dict", "copy"})


def _raw_params(expression: ast.expr, use: ast.expr, function: Function, project: Project) -> ast.expr | None:
    """Where raw parameters are read: the look-up, or the copy that was made of them before."""
    if isinstance(expression, ast.Name):
        # `params = dict(request.query_params)` and then `params["x"]`.
        bound = function.bindings.get(expression.id, [])
        value = bound[0].value if len(bound) == 1 else None
        if isinstance(value, ast.Call) and last_name(value) == "dict" and len(value.args) == 1:
            expression, use = _without_items(value.args[0]), value
        elif isinstance(value, ast.DictComp) and len(value.generators) == 1:
            # `{key: value for key, value in request.query_params.items()}`
            expression, use = _without_items(value.generators[0].iter), value
    return use if project.names.qualify(expression, function) in _RAW_PARAMETERS else None


def helpers_with_request(project: Project) -> Iterator[Function]:
    """Helpers that a path operation or dependency gives its request to."""
    boundary = {o.function for o in project.operations} | set(project.framework.dependencies)
    for function in project.in_requests:
        if function in boundary or function.is_lambda or function.module.is_test:
            continue
        takes = any(
            p.annotation is not None and project.names.qualify(p.annotation, function) in _RAW_TYPES
            for p in function.parameters
        )
        if takes and _serves_boundary(function, project):
            yield function
