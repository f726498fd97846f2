"""Reading what the client sent past FastAPI: raw bodies, forms, WebSocket messages."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from checker.constraints.flow import carriers, is_checked, last_name, mentions, own_expressions, statements
from checker.source import Call, Function, Project

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
_PARSERS = frozenset({"json.loads", "orjson.loads", "ujson.loads", "msgspec.json.decode"})
_VALIDATORS = frozenset({
    "model_validate", "model_validate_json", "validate_python", "validate_json", "parse_obj", "parse_raw", "model_construct",
    "parse_obj_as", "compare_digest", "construct_event", "convert", "from_json", "structure", "de_json",
})  # fmt: skip
_VALIDATING = ("verify", "validate", "check_sign", "is_valid")
_CHECKERS = ("model", "schema", "form", "form_class", "validator", "serializer")
_CARRYING = frozenset({"loads", "dict", "list", "str", "get", "decode", "strip", "json", "items", "copy"})
_BODY_WORDS = ("sign", "webhook", "hmac", "body", "payload", "event")
_QUERY_METHODS = frozenset({"get", "getlist", "__getitem__", "pop"})
_RAW_PARAMETERS = frozenset({
    "fastapi.Request.query_params", "fastapi.Request.path_params", "fastapi.WebSocket.query_params",
    "fastapi.WebSocket.path_params",
})  # fmt: skip
_BOUNDARY = ("path operation", "dependency")


def validates(function: Function, names: set[str], *, whole: bool = False) -> bool:
    """Whether a function hands one of these values, or all of it, to a model, a schema or a signature check."""
    is_given = _is_given_whole if whole else _is_given
    return any(
        (_validates(call.node) or (whole and _parses(call))) and is_given(call.node, names)
        for call in function.calls
    )


def _parses(call: Call) -> bool:
    """`reason = _parse_reason(form)`: a helper of the project that makes a value of it, or says why not."""
    return call.callee is not None and last_name(call.node).strip("_").startswith("parse")


def _validates(call: ast.Call) -> bool:
    last = last_name(call)
    lowered = last.lower().strip("_")
    if last in _VALIDATORS or lowered.startswith(_VALIDATING) or "signature" in lowered:
        return True
    if (
        isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "hmac"
    ):
        return True  # The signature over the body.
    if lowered == "cls" or (lowered.endswith(_CHECKERS) and not lowered.startswith("create")):
        return True  # `user_model(**data)`, where the class comes as a parameter.
    if lowered == "decode" and call.args:
        return True  # `decoder.decode(raw)` of a schema; `raw.decode()` on bytes takes nothing.
    # `Tool(**data)` validates as well.
    return last[:1].isupper() and any(keyword.arg is None for keyword in call.keywords)


def _only_asks_what_is_there(function: Function, names: set[str]) -> bool:
    """`"remember" in form` and nothing else: no value of the client's goes anywhere."""
    read: set[int] = set()
    asked: set[int] = set()
    for node in ast.walk(function.node):
        if isinstance(node, ast.Name) and node.id in names and isinstance(node.ctx, ast.Load):
            read.add(id(node))
        if isinstance(node, ast.Compare) and all(isinstance(op, (ast.In, ast.NotIn)) for op in node.ops):
            asked |= {id(one) for one in node.comparators}
    return bool(read) and read <= asked


def _is_given(call: ast.Call, names: set[str]) -> bool:
    return any(mentions(value, names) for value in [*call.args, *(k.value for k in call.keywords)])


def _is_given_whole(call: ast.Call, names: set[str]) -> bool:
    """The same without one field of it: `check(form)`, not `check(form["name"])` nor `check(form.get("name"))`."""
    waiting: list[ast.AST] = [*call.args, *(k.value for k in call.keywords)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name) and node.id in names:
            return True
        if isinstance(node, ast.Subscript) or (isinstance(node, ast.Attribute) and node.attr == "get"):
            continue
        waiting.extend(ast.iter_child_nodes(node))
    return False


def raw_reads(function: Function, project: Project) -> Iterator[tuple[Call, str]]:
    """Raw reads of a body or message that nothing validates afterwards; with what is read: json, form, text."""
    reads = [
        (call, _READS[call.target])
        for call in function.calls
        if call.target in _READS and not _is_thrown_away(call)
    ]
    if not reads or _checks_signature(function, project):
        return
    parses = any(call.target in _PARSERS for call in function.calls)
    for call, what in reads:
        if what == "text" and not parses:
            continue
        if not is_validated(function, call.node, whole=what == "form"):
            yield call, what


def _is_thrown_away(call: Call) -> bool:
    """`await request.form()` on a line of its own takes nothing; it only lets a library read the form later."""
    statement = call.statement
    if not isinstance(statement, ast.Expr):
        return False
    value = statement.value.value if isinstance(statement.value, ast.Await) else statement.value
    return value is call.node


def _checks_signature(function: Function, project: Project) -> bool:
    """`verify_signature(request)`: the whole request goes to a check of what it carries."""
    requests = {
        p.name
        for p in function.parameters
        if p.annotation is not None and project.names.qualify(p.annotation, function) in _RAW_TYPES
    }
    return any(_is_given(call.node, requests) and _verifies(call) for call in function.calls)


def _verifies(call: Call) -> bool:
    """A call that checks what a request carries, by its name or by what the project's function behind it does first."""
    name = last_name(call.node).lower()
    if _validates(call.node) and any(word in name for word in _BODY_WORDS):
        return True
    inner = call.callee.calls if call.callee is not None else []
    return any(
        "signature" in last_name(c.node).lower() or last_name(c.node) == "is_valid_request" for c in inner
    )


def is_validated(function: Function, read: ast.expr, *, whole: bool = False) -> bool:
    """Whether what a call gave is validated where it stands, or under the name that it got.

    `whole` asks for all of it at once: a form is not checked where one of its fields is.
    """
    names: set[str] = set()
    for statement in statements(function):
        for expression in own_expressions(statement):
            for node in ast.walk(expression):
                if (
                    isinstance(node, ast.Call)
                    and node is not read
                    and _validates(node)
                    and _holds(node, read)
                ):
                    return True
                if isinstance(node, ast.NamedExpr) and _holds(node.value, read):
                    names |= _names_in([node.target])
        value = getattr(statement, "iter", None) or getattr(statement, "value", None)
        if isinstance(value, ast.expr) and _holds(value, read):
            targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
            names |= _names_in([t for t in targets if t is not None])
    if names and _only_asks_what_is_there(function, names):
        return True
    through = _CARRYING - {"get"} if whole else _CARRYING
    carried = {name for source in names for name in carriers(function, source, through=through)}
    return bool(carried) and validates(function, carried, whole=whole)


def is_compared(function: Function, read: ast.expr) -> bool:
    """Whether the name that a value got is tested for more than being there; a copy of all parameters is no value."""
    if isinstance(read, ast.Call) and last_name(read) == "dict":
        return False
    names: set[str] = set()
    for statement in statements(function):
        value = getattr(statement, "value", None)
        if isinstance(statement, ast.Assign) and isinstance(value, ast.expr) and _holds(value, read):
            names |= _names_in(statement.targets)
    return bool(names) and is_checked(function, names)


def _holds(expression: ast.expr, read: ast.expr) -> bool:
    return any(node is read for node in ast.walk(expression))


def _names_in(targets: list[ast.expr]) -> set[str]:
    found: set[str] = set()
    for target in targets:
        found |= {n.id for n in ast.walk(target) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            found.add(f"{target.value.id}.{target.attr}")
    return found


def raw_helpers(project: Project) -> Iterator[tuple[Function, Call, str]]:
    """Raw reads in helpers that serve a path operation or dependency, where no caller validates what they give."""
    boundary = {o.function for o in project.operations} | set(project.framework.dependencies)
    functions = [f for module in project.service_modules for f in module.functions if f not in boundary]
    readers = {f: [c for c in f.calls if c.target in _READS] for f in functions}
    readers = {f: calls for f, calls in readers.items() if calls}
    if not readers:
        return
    validated = {
        call.callee
        for module in project.service_modules
        for call in module.calls
        if call.callee in readers and isinstance(call.scope, Function) and is_validated(call.scope, call.node)
    }
    for function in readers:
        if function in validated:
            continue
        for read, what in raw_reads(function, project):
            # Only clients send WebSocket messages; a request is read by middleware and error handlers too.
            if read.target.startswith("fastapi.WebSocket.") or _serves_boundary(function, project):
                yield function, read, what


def _serves_boundary(function: Function, project: Project) -> bool:
    """Whether a path operation or dependency led here, and no middleware or exception handler."""
    for _ in range(len(project.in_requests)):
        step = project.in_requests.get(function)
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
        place = _raw_params(callee.value, call.node, function, project)
        if place is not None:
            yield place
    for statement in statements(function):
        for expression in own_expressions(statement):
            for node in ast.walk(expression):
                place = (
                    _raw_params(node.value, node, function, project)
                    if isinstance(node, ast.Subscript)
                    else None
                )
                if place is not None:
                    yield place


def _raw_params(expression: ast.expr, use: ast.expr, function: Function, project: Project) -> ast.expr | None:
    """Where raw parameters are read: the look-up, or the copy that was made of them before."""
    if isinstance(expression, ast.Name):
        # `params = dict(request.query_params)` and then `params["x"]`.
        bound = function.bindings.get(expression.id, [])
        value = bound[0].value if len(bound) == 1 else None
        if isinstance(value, ast.Call) and last_name(value) == "dict" and len(value.args) == 1:
            expression, use = value.args[0], value
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
