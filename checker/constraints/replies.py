"""What functions hand back as a reply: followed through helpers and services, with status and keys where they are written."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from http import HTTPStatus

from checker.constraints.handmade import is_none, status_number
from checker.constraints.shapes import is_json_response
from checker.source import Class, Function, Project, Scope, Value

HTTP_EXCEPTION = "fastapi.HTTPException"
_DEEPEST = 4
_DEFAULT_HANDLERS = frozenset({
    "fastapi.exception_handlers.http_exception_handler", "fastapi.exception_handlers.request_validation_exception_handler",
})  # fmt: skip
_DUMPS = frozenset({"model_dump", "dict"})
DEFAULT_KEYS = frozenset({"detail"})
"""The keys of FastAPI's own answer to an error."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One expression that becomes a reply, in the function where it is written."""

    value: ast.expr
    function: Function
    statement: ast.Return
    way: tuple[Reply, ...] = ()
    """The `return`s that hand it on, from the outside."""


def replies(function: Function, project: Project, depth: int = 0) -> Iterator[Reply]:
    """What a function hands back; `return service.read()` is followed into the service."""
    for statement in function.returns:
        for value in _leaves(statement.value):
            inner = None
            if depth < _DEEPEST and not _is_looked_at(value, function):
                inner = _followed(_made(value, function), function, project)
            value = written(value, function)
            if inner is None:
                yield Reply(value, function, statement)
            else:
                here = Reply(value, function, statement)
                for reply in replies(inner, project, depth + 1):
                    yield replace(reply, way=(here, *reply.way))


def _is_looked_at(value: ast.expr, function: Function) -> bool:
    """`if "error" in result: raise ...` before `return result`: the errors among what a helper gives do not get so far."""
    if not isinstance(value, ast.Name):
        return False
    return any(
        isinstance(node, ast.If) and _asks_inside(node.test, value.id) and not _gives(node.body[-1], value.id)
        for node in ast.walk(function.node)
    )


def _asks_inside(test: ast.expr, name: str) -> bool:
    """Whether a condition reads what is in a value: `"error" in result`, `result.get("error")`, not `not result` alone."""

    def is_it(node: ast.AST) -> bool:
        return isinstance(node, ast.Name) and node.id == name

    for node in ast.walk(test):
        match node:
            case ast.Subscript(value=inner) | ast.Attribute(value=inner) if is_it(inner):
                return True
            case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[inner]) if is_it(inner):
                return True
            case ast.Call(func=ast.Name(id="isinstance"), args=[inner, *_]) if is_it(inner):
                return True
    return False


def _gives(statement: ast.stmt, name: str) -> bool:
    """Whether a branch ends without leaving, or hands back the name itself."""
    if isinstance(statement, ast.Return):
        return isinstance(statement.value, ast.Name) and statement.value.id == name
    return not isinstance(statement, ast.Raise)


def _made(value: ast.expr, function: Function) -> ast.expr:
    """What a local name was last given, also where keys are put into it or taken out later."""
    if not isinstance(value, ast.Name):
        return value
    bindings = [b for b in function.bindings.get(value.id, []) if b.line < value.lineno]
    answers = any(
        s.attribute and isinstance(s.target, ast.Name) and s.target.id == value.id for s in function.stores
    )
    last = max(bindings, key=lambda binding: binding.line, default=None)
    if last is None or last.value is None or last.kind.value != "assign" or answers:
        return value
    return last.value.value if isinstance(last.value, ast.Await) else last.value


def _leaves(value: ast.expr | None) -> Iterator[ast.expr]:
    if isinstance(value, ast.IfExp):
        yield from _leaves(value.body)
        yield from _leaves(value.orelse)
    elif isinstance(value, ast.BoolOp) and isinstance(value.op, ast.Or):
        for one in value.values:
            yield from _leaves(one)
    elif isinstance(value, ast.Await):
        yield from _leaves(value.value)
    elif value is not None:
        yield value


def written(value: ast.expr, scope: Scope) -> ast.expr:
    """The expression behind a local name that is given a value once and not changed after."""
    if not isinstance(value, ast.Name):
        return value
    bindings = scope.bindings.get(value.id, [])
    changed = any(isinstance(s.target, ast.Name) and s.target.id == value.id for s in scope.stores) or any(
        _changes(call.node, value.id) for call in scope.calls
    )
    if len(bindings) != 1 or changed or bindings[0].value is None or bindings[0].kind.value != "assign":
        return value
    inner = bindings[0].value
    return inner.value if isinstance(inner, ast.Await) else inner


def _changes(call: ast.Call, name: str) -> bool:
    """`content.update(...)`"""
    function = call.func
    return (
        isinstance(function, ast.Attribute)
        and function.attr in {"update", "pop", "setdefault", "clear", "popitem"}
        and isinstance(function.value, ast.Name)
        and function.value.id == name
    )


def _followed(value: ast.expr, function: Function, project: Project) -> Function | None:
    if not isinstance(value, ast.Call):
        return None
    found = project.names.evaluate(value.func, function)
    if found is None or found.instance or not isinstance(found.item, Function):
        return None
    inner = found.item
    return None if inner.is_generator or not inner.returns or _is_overridable(inner) else inner


def _is_overridable(function: Function) -> bool:
    """An abstract method: what runs is written elsewhere."""
    return any(ast.unparse(d).endswith("abstractmethod") for d in function.decorators)


def status_of(value: ast.expr | None, scope: Scope, project: Project) -> int | None:
    """A status code that is written as a number or by one of its names."""
    found = status_number(value, scope, project)
    if found is None and isinstance(value, ast.Attribute):
        if value.attr == "value":
            return status_of(value.value, scope, project)
        if project.names.qualify(value.value, scope) == "http.HTTPStatus":
            member = HTTPStatus.__members__.get(value.attr)
            return int(member) if member is not None else None
    return found


def json_reply(value: ast.expr, scope: Scope, project: Project) -> ast.Call | None:
    """The call, where an expression makes a JSON response."""
    if not isinstance(value, ast.Call):
        return None
    made = project.names.evaluate(value.func, scope)
    if made is None or made.instance:
        return None
    return value if is_json_response(made, project) else None


def argument(call: ast.Call, position: int, name: str) -> ast.expr | None:
    """An argument given by position or by name."""
    if position < len(call.args):
        return call.args[position]
    return next((k.value for k in call.keywords if k.arg == name), None)


def keys_of_reply(function: Function | None, project: Project) -> frozenset[str] | None:
    """The keys at the top of what a function answers; None unless all its answers are JSON with the same known keys."""
    shapes = shapes_of_reply(function, project)
    return next(iter(shapes)) if len(shapes) == 1 else None


def shapes_of_reply(function: Function | None, project: Project) -> frozenset[frozenset[str]]:
    """The different keys that a function's answers have; empty unless all of them are JSON with known keys."""
    if function is None or function.is_generator:
        return frozenset()
    found = {
        keys_of_response(reply, project)
        for reply in replies(function, project)
        if not _is_page(reply, project)
    }
    known = frozenset(keys for keys in found if keys is not None)
    return known if len(known) == len(found) else frozenset()


def _is_page(reply: Reply, project: Project) -> bool:
    """What browsers are shown beside the JSON that programs get, and the `None` of a helper that leaves it to others."""
    if is_none(reply.value):
        return True
    made = project.names.evaluate(reply.value, reply.function)
    return made is not None and made.instance and made.name.removesuffix("()").endswith(_PAGES)


_PAGES = ("HTMLResponse", "RedirectResponse", "FileResponse", "TemplateResponse")


def keys_of_response(reply: Reply, project: Project) -> frozenset[str] | None:
    """The keys of one answer; None where it is no JSON or they are not all known."""
    call = json_reply(reply.value, reply.function, project)
    if call is None:
        if isinstance(reply.value, ast.Call):
            target = project.names.qualify(reply.value.func, reply.function)
            return DEFAULT_KEYS if target in _DEFAULT_HANDLERS else None
        return None
    made = project.names.evaluate(call.func, reply.function)
    if made is not None and isinstance(made.item, Class) and rewrites(made.item):
        return None
    content = argument(call, 0, "content")
    return keys_of(content, reply.function, project) if content is not None else None


def rewrites(made: Class) -> bool:
    """A response class that puts its content into something else."""
    render = made.functions.get("render")
    wraps = render is not None and any(isinstance(node, ast.Dict) for node in ast.walk(render.node))
    return "__init__" in made.functions or wraps


def keys_of(
    content: ast.expr, scope: Scope, project: Project, depth: int = 0, *, opened: Opened | None = None
) -> frozenset[str] | None:
    """The keys of a mapping or of a dumped model; None where they are not all known.

    `opened` tells what stands for `**options` in a function that was followed from its call.
    """
    if depth > _DEEPEST:
        return None
    content, further = _filled(content, scope)
    if isinstance(content, ast.Dict):
        keys = _keys_written(content, scope, project, depth, opened)
        return keys | further if keys is not None else None
    if not isinstance(content, ast.Call):
        return None
    target = project.names.qualify(content.func, scope)
    if target == "builtins.dict" and not content.args:
        names = [k.arg for k in content.keywords if k.arg is not None]
        return frozenset(names) if len(names) == len(content.keywords) else None
    if target.endswith("jsonable_encoder") and content.args:
        return keys_of(content.args[0], scope, project, depth + 1)
    if isinstance(content.func, ast.Attribute) and content.func.attr in _DUMPS:
        if any(k.arg not in {"mode", "by_alias"} for k in content.keywords):
            return None
        return fields_of(project.names.evaluate(content.func.value, scope), project)
    made = project.names.evaluate(content, scope)
    if made is not None and made.instance and isinstance(made.item, Class):
        return fields_of(made, project)
    inner = _followed(content, scope, project) if isinstance(scope, Function) else None
    if inner is None:
        return None
    opened = Opened.by(content, inner)
    found = {
        keys_of(
            reply.value,
            reply.function,
            project,
            depth + 1,
            opened=opened if reply.function is inner else None,
        )
        for reply in replies(inner, project)
    }
    return found.pop() if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class Opened:
    """What a call puts into `**options` of the function that it calls."""

    name: str
    keys: frozenset[str]

    @staticmethod
    def by(call: ast.Call, callee: Function) -> Opened | None:
        """None where the callee has no such parameter, or the call opens a mapping of its own."""
        collected = callee.node.args.kwarg
        if collected is None or any(k.arg is None for k in call.keywords):
            return None
        own = {p.name for p in callee.parameters if not p.variadic}
        return Opened(collected.arg, frozenset(k.arg for k in call.keywords if k.arg and k.arg not in own))


def _keys_written(
    content: ast.Dict, scope: Scope, project: Project, depth: int, opened: Opened | None
) -> frozenset[str] | None:
    """The keys of a dictionary that is written out, with those of the mappings that it opens: `{**base, "code": 1}`."""
    found: set[str] = set()
    for key, value in zip(content.keys, content.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            found.add(key.value)
        elif key is None and isinstance(value, ast.Name) and opened is not None and value.id == opened.name:
            found |= opened.keys
        else:
            inner = keys_of(value, scope, project, depth + 1) if key is None else None
            if inner is None:
                return None
            found |= inner
    return frozenset(found)


def _filled(content: ast.expr, scope: Scope) -> tuple[ast.expr, frozenset[str]]:
    """`body` of `body = {"code": 1}` with the keys that it gets one by one after, `body["data"] = data`."""
    plain = written(content, scope)
    if not isinstance(plain, ast.Name) or not isinstance(scope, Function):
        return plain, frozenset()
    bindings = scope.bindings.get(plain.id, [])
    made = bindings[0].value if len(bindings) == 1 else None
    if not isinstance(made, ast.Dict) or any(_changes(call.node, plain.id) for call in scope.calls):
        return plain, frozenset()
    further: set[str] = set()
    for node in ast.walk(scope.node):
        for target in node.targets if isinstance(node, ast.Assign) else ():
            if not (isinstance(target, ast.Subscript) and ast.unparse(target.value) == plain.id):
                continue
            if not (isinstance(target.slice, ast.Constant) and isinstance(target.slice.value, str)):
                return plain, frozenset()
            further.add(target.slice.value)
    return made, frozenset(further)


def fields_of(value: Value | None, project: Project) -> frozenset[str] | None:
    """The fields of a Pydantic model of the project."""
    if value is None or not isinstance(value.item, Class):
        return None
    ours, theirs = project.names.lineage(value.item)
    if "pydantic.BaseModel" not in theirs:
        return None
    return frozenset(
        name
        for step in ours
        for name, bindings in step.bindings.items()
        if name != "model_config" and any(b.annotation is not None for b in bindings)
    )


def is_exception(value: Value | None, project: Project) -> bool:
    """Whether a value is an exception object."""
    if value is None or not value.instance:
        return False
    names = [value.name]
    if isinstance(value.item, Class):
        names = list(project.names.lineage(value.item)[1])
    return any(name == HTTP_EXCEPTION or _is_builtin_exception(name) for name in names)


def _is_builtin_exception(name: str) -> bool:
    owner, _, last = name.rpartition(".")
    kind = getattr(builtins, last, None) if owner == "builtins" else None
    return isinstance(kind, type) and issubclass(kind, BaseException)


def caught_in(function: Function) -> dict[int, set[str]]:
    """For each `return` in an `except`, by identity: the names of what was caught there."""
    found: dict[int, set[str]] = {}

    def walk(statements: Iterable[ast.stmt], names: set[str], *, inside: bool) -> None:
        for statement in statements:
            if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                continue
            if isinstance(statement, ast.Return) and inside:
                found[id(statement)] = names
            for part in ("body", "orelse", "finalbody"):
                walk(getattr(statement, part, []), names, inside=inside)
            for case in getattr(statement, "cases", []):
                walk(case.body, names, inside=inside)
            for handler in getattr(statement, "handlers", []):
                walk(handler.body, names | {handler.name} if handler.name else names, inside=True)

    walk(function.body, set(), inside=False)
    return found


def asked_before(reply: Reply) -> list[ast.expr]:
    """The conditions of the branches in which a reply stands, innermost last; what `else` is for is not among them."""
    found: list[ast.expr] = []
    for node in ast.walk(reply.function.node):
        if isinstance(node, ast.If) and any(
            inner is reply.statement for one in node.body for inner in ast.walk(one)
        ):
            found.append(node.test)
    return found
