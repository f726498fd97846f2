"""The keys at the top of what functions answer, where they are written: dictionaries, models, and what helpers make of them."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from checker.constraints.handmade import is_none
from checker.constraints.replies import Reply, argument, followed, json_reply, replies, was_changed, written
from checker.source import Class, Function, Project, Scope, Value

_DEEPEST = 4
_DEFAULT_HANDLERS = frozenset({
    "fastapi.exception_handlers.http_exception_handler", "fastapi.exception_handlers.request_validation_exception_handler",
})  # fmt: skip
_DUMPS = frozenset({"model_dump", "dict"})
_LEFT_OUT = frozenset({"exclude_none", "exclude_unset", "exclude_defaults"})
"""Options that leave out what has its default."""
DEFAULT_KEYS = frozenset({"detail"})
"""The keys of FastAPI's own answer to an error."""


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
    content, scope = _kept(content, scope, project)
    if isinstance(content, ast.Dict):
        keys = _keys_written(content, scope, project, depth, opened)
        return keys | further if keys is not None else None
    if not isinstance(content, ast.Call):
        return None
    target = project.names.qualify(content.func, scope)
    if target == "builtins.dict" and not content.args:
        names = [k.arg for k in content.keywords if k.arg is not None]
        return frozenset(names) if len(names) == len(content.keywords) else None
    options = {k.arg for k in content.keywords}
    encoded = argument(content, 0, "obj") if target.endswith("jsonable_encoder") else None
    if encoded is not None and not options & _LEFT_OUT:
        return keys_of(encoded, scope, project, depth + 1)
    if isinstance(content.func, ast.Attribute) and content.func.attr in _DUMPS:
        encoded = content.func.value
    if encoded is not None:
        if not options <= {"obj", "mode", "by_alias"} | _LEFT_OUT:
            return None
        model = project.names.evaluate(encoded, scope)
        return fields_of(model, project, required=bool(options & _LEFT_OUT))
    made = project.names.evaluate(content, scope)
    if made is not None and made.instance and isinstance(made.item, Class):
        return fields_of(made, project)
    inner = followed(content, scope, project) if isinstance(scope, Function) else None
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
    if not isinstance(made, ast.Dict) or any(was_changed(call.node, plain.id) for call in scope.calls):
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


def _kept(content: ast.expr, scope: Scope, project: Project) -> tuple[ast.expr, Scope]:
    """The dictionary of a module, `content=TOO_MANY_REQUESTS`, with where it is written; anything else as it is."""
    variable = (
        project.names.variable(content, scope) if isinstance(content, ast.Name | ast.Attribute) else None
    )
    if variable is None or len(variable.bindings) != 1:
        return content, scope
    made = variable.bindings[0].value
    return (made, variable.module.scope) if isinstance(made, ast.Dict) else (content, scope)


def fields_of(value: Value | None, project: Project, *, required: bool = False) -> frozenset[str] | None:
    """The fields of a Pydantic model of the project, or those of them that are never left out."""
    if value is None or not isinstance(value.item, Class):
        return None
    ours, theirs = project.names.lineage(value.item)
    if "pydantic.BaseModel" not in theirs:
        return None
    return frozenset(
        name
        for step in ours
        for name, bindings in step.bindings.items()
        if name != "model_config"
        and any(b.annotation is not None and not (required and _has_default(b.value)) for b in bindings)
    )


def _has_default(value: ast.expr | None) -> bool:
    """`= None`, `= Field(default=...)`, and not `= ...` or `= Field(description="...")`."""
    if isinstance(value, ast.Call):
        value = argument(value, 0, "default") or argument(value, 0, "default_factory")
    return value is not None and not (isinstance(value, ast.Constant) and value.value is ...)
