"""Errors that are answered as if all had gone well: `return {"error": "..."}` with status 200."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterable, Iterator

from checker.constraints.answers import answers_without_body
from checker.constraints.error_bodies import Form, answer_of
from checker.constraints.error_words import (
    Pairs,
    is_apology,
    is_bare_refusal,
    is_caught_text,
    is_flat_failure,
    is_question,
    is_refusal_with_reason,
    is_report_of_caught,
    is_text_of_failure,
    is_text_of_refusal,
    is_told_elsewhere,
    pairs_beside_opened,
    pairs_of,
    speaks_of_error,
    without_echoes,
)
from checker.constraints.flow import blocks
from checker.constraints.handmade import bound_argument, is_none, leaves
from checker.constraints.private_shapes import is_about_health
from checker.constraints.replies import (
    HTTP_EXCEPTION,
    Reply,
    argument,
    asked_before,
    caught_in,
    is_exception,
    json_reply,
    replies,
    status_of,
    written,
)
from checker.source import Call, Class, Function, Operation, Project
from checker.source.model import BindingKind
from checker.source.places import is_aside_module


def errors_as_success(operation: Operation, project: Project) -> Iterator[Reply]:
    """The replies of a path operation that report a failure and have status 200."""
    if answers_without_body(operation, project) or _sets_error_status(operation, project):
        return
    for reply in replies(operation.function, project):
        if _is_error(reply, operation, project):
            yield reply
    yield from _given_up(operation)
    for statement in operation.function.returns:
        for value in leaves(statement.value):
            if _is_made_error(value, statement, operation, project):
                yield Reply(value, operation.function, statement)


def _given_up(operation: Operation) -> Iterator[Reply]:
    """`logger.error("no such team")` and then `return`, in a path operation that answers something elsewhere: 200 with `null`."""
    function = operation.function
    if not any(r.value is not None and not is_none(r.value) for r in function.returns):
        return
    if _SENT_BY_MACHINES.search(_about(operation)) or is_about_health(function, operation):
        return
    if any(store.attribute == "status_code" for store in function.stores):
        return
    for block in blocks(function):
        for before, last in itertools.pairwise(block):
            if (
                isinstance(last, ast.Return)
                and _logs_error(before)
                and (last.value is None or is_none(last.value))
            ):
                yield Reply(last.value or ast.copy_location(ast.Constant(None), last), function, last)


_SENT_BY_MACHINES = re.compile(r"hook|event|notif|ingest|track|log(?!in|out)", re.IGNORECASE)


def _logs_error(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(value=owner, attr="error" | "exception" | "critical"))
        ):
            return "log" in ast.unparse(owner).lower()
    return False


def each_error_as_success(
    operations: Iterable[Operation], project: Project
) -> Iterator[tuple[Reply, Operation]]:
    """The same for many path operations, every reply once, with the first of them that gives it."""
    seen: set[int] = set()
    for operation in operations:
        for reply in errors_as_success(operation, project):
            if id(reply.value) not in seen:
                seen.add(id(reply.value))
                yield reply, operation


def _is_made_error(value: ast.expr, statement: ast.Return, operation: Operation, project: Project) -> bool:
    """`return fail("no such tool")`, `return answer(404, "no such tool")`: a helper that wraps what it is given, with status 200."""
    function = operation.function
    if any(store.attribute == "status_code" for store in function.stores):
        return False
    call = value.value if isinstance(value, ast.Await) else value
    helper = next((c.callee for c in function.calls if c.node is call), None)
    if (
        not isinstance(call, ast.Call)
        or helper is None
        or helper.is_generator
        or helper.name.endswith("__init__")
    ):
        return False
    made = list(replies(helper, project))
    contents = [_content(reply, call, helper, project) for reply in made]
    if not made or None in contents or any(_is_error(reply, operation, project) for reply in made):
        return False
    if _is_named_failure(helper.name.rpartition(".")[2]):
        return not is_question(_about(operation))
    caught = caught_in(function).get(id(statement), set())
    given = [
        [(key, _given(one, call, helper)) for key, one in pairs] if reply.function is helper else None
        for reply, pairs in zip(made, contents, strict=True)
        if pairs is not None
    ]
    return all(pairs is not None and speaks_of_error(pairs, caught, _about(operation)) for pairs in given)


def _given(value: ast.expr, call: ast.Call, helper: Function) -> ast.expr:
    """What stands for a parameter of the helper in this call."""
    bound = bound_argument(value, call, helper)
    parameter = helper.parameter(value.id) if isinstance(value, ast.Name) else None
    if bound is value and parameter is not None and parameter.default is not None:
        return parameter.default
    return bound if bound is not None else value


def _content(reply: Reply, call: ast.Call, helper: Function, project: Project) -> Pairs | None:
    """Keys and values of a reply that has status 200; None for any other."""
    if any(store.attribute == "status_code" for store in reply.function.stores):
        return None
    response = json_reply(reply.value, reply.function, project)
    if response is None:
        is_known = not isinstance(reply.value, ast.Call) or _is_model(reply.value, reply, project)
        return pairs_of(reply.value) if is_known else None
    status = argument(response, 1, "status_code")
    if status is not None and reply.function is helper:
        status = _given(status, call, helper)
    content = argument(response, 0, "content")
    is_success = status is None or status_of(status, reply.function, project) == 200
    return pairs_of(written(content, reply.function)) if is_success and content is not None else None


def _is_named_failure(name: str) -> bool:
    """`fail`, `error_response`, `json_error`: what is there to say that something went wrong, and for nothing else."""
    words = {word for word in re.split(r"[_\W]+", name.lower()) if word}
    return bool(words & _FAILURES) and words <= _FAILURES | _REPLY_WORDS


_FAILURES = frozenset({"fail", "failed", "failure", "error", "err"})
_REPLY_WORDS = frozenset({
    "response", "resp", "res", "result", "reply", "answer", "json", "api", "http", "make", "build", "create", "return", "send",
    "to", "message", "msg", "custom", "base", "common", "model", "schema", "body", "detail", "details", "info", "dto", "out", "standard",
    "generic",
})  # fmt: skip


def _about(operation: Operation) -> str:
    return f"{operation.path or ''} {operation.function.name.rpartition('.')[2]}"


def _sets_error_status(operation: Operation, project: Project) -> bool:
    status = status_of(operation.keyword("status_code"), operation.scope, project)
    return status is not None and status >= 400


def _is_error(reply: Reply, operation: Operation, project: Project) -> bool:
    if any(store.attribute == "status_code" for store in reply.function.stores):
        return False
    value = reply.value
    inside = caught_in(reply.function)
    caught = excepted = inside.get(id(reply.statement), set())
    if is_caught_text(value, caught) or (id(reply.statement) in inside and is_text_of_failure(value)):
        return reply.function is operation.function and not is_question(_about(operation))
    if _is_bare_text_of_failure(reply, operation, project):
        return True
    if not _WRONG.search(_about(operation).replace("-", "_").replace("/", "_")):
        caught = caught | _found_wrong(reply)
    call = json_reply(value, reply.function, project)
    if call is not None:
        given = argument(call, 1, "status_code")
        if given is not None and status_of(given, reply.function, project) != 200:
            return False
        if any(k.arg is None for k in call.keywords):
            return False
        content = argument(call, 0, "content")
        if content is None:
            return False
        value = _undumped(content)
    elif isinstance(value, ast.Call) and not _is_model(value, reply, project):
        dumped = _dumped_by_hand(value, reply, project)
        if dumped is None:
            return False
        value = dumped
    if _is_error_model(value, reply, project):
        return not (is_question(_about(operation)) or is_told_elsewhere(_about(operation)))
    pairs = pairs_of(value) or pairs_beside_opened(value)
    if pairs is None:
        return False
    told = without_echoes(
        [(key, _text_behind(one, reply)) for key, one in pairs], caught, _about(operation), reply.function
    )
    usual = {
        ast.unparse(one)
        for statement in reply.function.returns
        if statement is not reply.statement and statement.value is not None
        for _, one in pairs_of(statement.value) or ()
    }
    if is_report_of_caught(pairs, excepted, usual, _about(operation), reply.function):
        return not is_about_health(reply.function, operation)
    if id(reply.statement) in inside and is_apology(pairs, _about(operation)):
        return not is_about_health(reply.function, operation)
    changes = bool(operation.methods) and not set(operation.methods) & {"GET", "HEAD"}
    about = _about(operation)
    return (
        speaks_of_error(told, caught, about)
        or (changes and (is_bare_refusal(pairs, about) or is_flat_failure(pairs, about)))
        or (reply.function is operation.function and is_refusal_with_reason(pairs, about))
    )


def _dumped_by_hand(value: ast.Call, reply: Reply, project: Project) -> ast.Dict | None:
    """What `Response(json.dumps({...}))` answers with status 200."""
    made = project.names.evaluate(value.func, reply.function)
    if made is None or made.name != "fastapi.responses.Response":
        return None
    status = argument(value, 1, "status_code")
    content = argument(value, 0, "content")
    if status is not None and status_of(status, reply.function, project) != 200:
        return None
    match written(content, reply.function) if content is not None else None:
        case ast.Call(func=ast.Attribute(attr="dumps"), args=[ast.Dict() as told, *_]):
            return told
    return None


def _undumped(content: ast.expr) -> ast.expr:
    """`Failure(...)` of `Failure(...).model_dump()`."""
    match content:
        case ast.Call(func=ast.Attribute(value=ast.Call() as made, attr="model_dump" | "dict")):
            return made
        case ast.Call(func=ast.Name(id="jsonable_encoder"), args=[ast.Call() as made]):
            return _undumped(made)
    return content


def _is_error_model(value: ast.expr, reply: Reply, project: Project) -> bool:
    """`ErrorResponse(...)`: a model that is there to say that something went wrong; `ErrorLog` is a thing like others."""
    if not isinstance(value, ast.Call):
        return False
    made = project.names.evaluate(value.func, reply.function)
    return (
        made is not None
        and not made.instance
        and isinstance(made.item, Class)
        and _is_model(value, reply, project)
        and _is_named_failure(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", made.item.name.rpartition(".")[2]))
    )


def _is_bare_text_of_failure(reply: Reply, operation: Operation, project: Project) -> bool:
    """`if user is None: return Response("login failed")`, `return "Tool not found"`, where other ways answer something else."""
    function = reply.function
    if function is not operation.function or len(function.returns) < 2:
        return False
    value = reply.value
    says_so = is_text_of_refusal
    if isinstance(value, ast.Call):
        says_so = is_text_of_failure
        answer = answer_of(value, function, project)
        if answer is None or answer.content is None or answer.body.form is not Form.TEXT:
            return False
        if answer.status is not None and status_of(answer.status, function, project) != 200:
            return False
        value = written(answer.content, function)
    about = _about(operation)
    return says_so(value) and not is_question(about) and not is_told_elsewhere(about)


def _found_wrong(reply: Reply) -> set[str]:
    """`error` of `if error: return {"message": error}`: what a condition around the reply has found to be there."""
    return {
        test.id
        for test in map(_named, asked_before(reply))
        if test is not None and _WRONG.search(test.id) is not None
    }


_WRONG = re.compile(r"(^|_)(err|error|errors|exc|exception|failure|problem|problems)(_|$)")


def _named(test: ast.expr) -> ast.Name | None:
    """The name that a condition asks to be there: `error`, `error is not None`."""
    if isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.IsNot) and len(test.ops) == 1:
        test = test.left
    return test if isinstance(test, ast.Name) else None


def _text_behind(value: ast.expr, reply: Reply) -> ast.expr:
    """The text that a local name was last given before the reply, where it is given nothing but texts."""
    if not isinstance(value, ast.Name):
        return value
    function = reply.function
    bindings = function.bindings.get(value.id, [])
    texts = [b.value for b in bindings if b.kind is BindingKind.ASSIGN and b.value is not None]
    if (
        len(texts) != len(bindings)
        or function.parameter(value.id) is not None
        or not all(map(_is_written, texts))
    ):
        return value
    before = [text for text in texts if text.lineno < reply.statement.lineno]
    return before[-1] if before else value


def _is_written(value: ast.expr) -> bool:
    if isinstance(value, ast.Constant):
        return isinstance(value.value, str) and bool(value.value)
    return isinstance(value, ast.JoinedStr)


def _is_model(value: ast.Call, reply: Reply, project: Project) -> bool:
    made = project.names.evaluate(value.func, reply.function)
    if made is None or made.instance:
        return False
    if made.name == "builtins.dict":
        return True
    return isinstance(made.item, Class) and "pydantic.BaseModel" in project.names.lineage(made.item)[1]


def tuples_with_status(operation: Operation, project: Project) -> Iterator[tuple[Reply, int]]:
    """`return {...}, 404`: the replies that are tuples with an error status in them."""
    for reply in replies(operation.function, project):
        value = reply.value
        if isinstance(value, ast.Tuple) and 2 <= len(value.elts) <= 3:
            status = status_of(value.elts[1], reply.function, project)
            if status is not None and 400 <= status <= 599:
                yield reply, status


def returned_exceptions(project: Project) -> Iterator[tuple[Reply, str]]:
    """`return HTTPException(...)`, or what an `except` has caught, with what the function is to FastAPI."""
    for function, what in _called_by_fastapi(project):
        for reply in replies(function, project):
            value = reply.value
            is_caught = isinstance(value, ast.Name) and value.id in caught_in(reply.function).get(
                id(reply.statement), set()
            )
            if is_caught or is_exception(project.names.evaluate(value, reply.function), project):
                yield reply, what


def _called_by_fastapi(project: Project) -> Iterator[tuple[Function, str]]:
    framework = project.framework
    for operation in framework.operations:
        if not operation.websocket:
            yield operation.function, "path operation"
    for function in framework.dependencies:
        yield function, "dependency"
    for function in framework.exception_handlers:
        yield function, "handler"
    for function in framework.middleware:
        yield function, "middleware"


def exceptions_with_success(project: Project) -> Iterator[tuple[Call, int]]:
    """Every `HTTPException` that is made with a status which says that all went well."""
    for module in project.modules:
        for call in () if is_aside_module(module) else module.calls:
            status = status_of(call.argument(0, "status_code"), call.scope, project)
            # 204 ends a stream for good, with nothing that a client could take for data.
            if call.target == HTTP_EXCEPTION and status is not None and status in range(200, 204):
                yield call, status
