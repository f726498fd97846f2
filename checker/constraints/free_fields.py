"""Mappings without a type inside the model of a body, where the service reads keys of them as if they were declared."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from checker.constraints.body_fields import fields_of, model_named, type_beside_none, unvalidated_fields
from checker.constraints.client_text import elements
from checker.constraints.flow import (
    carriers,
    is_caught,
    is_checked,
    last_name,
    mentions,
    own_expressions,
    parameter_for,
    statements,
)
from checker.constraints.inputs import Input
from checker.constraints.shapes import Shape, shape_of
from checker.constraints.validation import checks_by_hand, fields_taken, helpers_given, validates_whole
from checker.source import Class, Function, Project, Scope
from checker.source.model import Binding

_LISTS = frozenset({"builtins.list", "typing.List", "typing.Sequence", "collections.abc.Sequence"})
_MAPPINGS = frozenset({"builtins.dict", "typing.Dict", "typing.Mapping", "typing.MutableMapping"})
_KEEPING = frozenset({"dict", "copy", "deepcopy", "cast"})
_ONLY_SAID = frozenset(
    {"debug", "info", "warning", "error", "exception", "print", "len", "bool", "isinstance", "str", "get"}
)
_KEEPS = frozenset({
    "create", "update", "upsert", "save", "store", "add", "insert", "put", "set", "patch", "enqueue", "delay", "apply", "send", "publish",
})  # fmt: skip
"""How the names of calls begin that keep a mapping, or hand it to somebody who looks at it there."""
_FURTHEST = 2
_MANY = 2
"""How many keys make a structure, where each of them may be missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeField:
    """A field that takes any mapping, and what the service reads of it."""

    name: str
    binding: Binding
    model: Class
    read: str
    """In words: "`resize` reads `width` and `height` of it"."""


def free_fields(given: Input, function: Function, project: Project) -> Iterator[FreeField]:
    """The mappings in a body's model that the path operation, or a helper that gets one, uses as a structure."""
    for source, name, binding, model in _fields(given, function, project):
        kind = _kind(binding, model, project)
        if kind is None:
            continue
        read = structure_read(function, source, project, listed=kind is _Kind.MANY)
        if (
            not read
            and _ACTED_ON.search(name)
            and _is_untyped(binding, model, project)
            and _is_handed_on(function, source, project)
        ):
            read = f"`{function.short}` hands it on as what to act by"
        if read:
            yield FreeField(name=name, binding=binding, model=model, read=read)


_ACTED_ON = re.compile(
    r"(^|_)(config|configuration|configurable|settings?|options?|env|environment|filters?|kwargs)$"
)
"""Names that say that the service acts on what stands in the mapping, and not only keeps it."""


def _fields(given: Input, function: Function, project: Project) -> Iterator[tuple[str, str, Binding, Class]]:
    """The fields of a body and of the models in it, each with what it is called in the function."""
    for name, binding, model in unvalidated_fields(given, project):
        source = f"{given.name}.{name}"
        yield source, name, binding, model
        found = type_beside_none(binding, model, project)
        if found is None:
            continue
        annotation, scope = found
        holders = {source}
        if isinstance(annotation, ast.Subscript) and project.names.qualify(annotation.value, scope) in _LISTS:
            annotation, holders = annotation.slice, elements(function, holders)
        inner = model_named(annotation, scope, project) if holders else None
        for below, declared, home in fields_of(inner, project) if inner is not None else ():
            for holder in sorted(holders):
                yield f"{holder}.{below}", below, declared, home


def _is_handed_on(function: Function, source: str, project: Project) -> bool:
    """Whether a mapping goes to a call that is no check and keeps nothing, and nothing checks it here."""
    if _KEEPS & set(function.short.lower().split("_")):
        return False
    names = carriers(function, source, through=_KEEPING)
    if _is_taken_apart(function, names, project, 0):
        return False
    return any(
        mentions(argument, names)
        for call in function.calls
        if last_name(call.node) not in _ONLY_SAID
        and not _KEEPS & set(last_name(call.node).lower().split("_"))
        for argument in [*call.node.args, *(k.value for k in call.node.keywords)]
    )


def _is_taken_apart(function: Function, names: set[str], project: Project, depth: int) -> bool:
    """Whether a mapping is checked, or becomes an object, `Config.load(body.config)`, here or in a function that gets it."""
    if (
        is_checked(function, names)
        or checks_by_hand(function, names)
        or validates_whole(function, names, project)
    ):
        return True
    for call in function.calls:
        on = call.node.func.value if isinstance(call.node.func, ast.Attribute) else None
        given = any(
            isinstance(a, (ast.Name, ast.Attribute)) and ast.unparse(a) in names for a in call.node.args
        )
        if given and isinstance(on, ast.Name) and on.id[:1].isupper():
            return True
        if depth < _FURTHEST and any(
            _is_taken_apart(helper, got, project, depth + 1) for helper, got in helpers_given(call, names)
        ):
            return True
    return False


def attributes_set(given: Input, function: Function, project: Project) -> Iterator[ast.Call]:
    """`setattr(tool, key, value)` with the keys of a mapping that the client sent, which nothing looks at."""
    sources = [
        s for s, _, field, model in _fields(given, function, project) if _has_free_keys(field, model, project)
    ]
    if given.type is not None and shape_of(given.type, given.scope, project) is Shape.FREE:
        sources.append(given.name)
    for source in sources:
        names = carriers(function, source, through=_KEEPING)
        if validates_whole(function, names, project) or checks_by_hand(function, names):
            continue
        yield from _attributes_set(function, names)


def _is_untyped(binding: Binding, model: Class, project: Project) -> bool:
    """`dict` and `dict[str, Any]`, not `dict[str, str]`."""
    found = type_beside_none(binding, model, project)
    if found is None or not isinstance(found[0], ast.Subscript):
        return found is not None
    inner = found[0].slice
    value = inner.elts[-1] if isinstance(inner, ast.Tuple) and inner.elts else inner
    return project.names.qualify(value, found[1]) in {"typing.Any", "builtins.object"}


def _has_free_keys(binding: Binding, model: Class, project: Project) -> bool:
    """`dict`, `dict[str, bool]`: whatever the values are, the keys may be any."""
    found = type_beside_none(binding, model, project)
    outer, scope = found if found is not None else (None, model)
    if isinstance(outer, ast.Subscript):
        key = outer.slice.elts[0] if isinstance(outer.slice, ast.Tuple) else outer.slice
        if project.names.qualify(key, scope) != "builtins.str":
            return False
        outer = outer.value
    return outer is not None and project.names.qualify(outer, scope) in _MAPPINGS


class _Kind(Enum):
    ONE = "one"
    MANY = "many"


def _kind(binding: Binding, model: Class, project: Project) -> _Kind | None:
    """`dict`, `Dict[str, Any]`, a list of either, any of them or None; what is in it may be anything."""
    found = type_beside_none(binding, model, project)
    if found is None:
        return None
    whole, scope = found
    if _is_mapping(whole, scope, project):
        return _Kind.ONE
    if not isinstance(whole, ast.Subscript) or project.names.qualify(whole.value, scope) not in _LISTS:
        return None
    return _Kind.MANY if _is_mapping(whole.slice, scope, project) else None


def _is_mapping(annotation: ast.expr, scope: Scope, project: Project) -> bool:
    if shape_of(annotation, scope, project) is not Shape.FREE:
        return False
    outer = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    return project.names.qualify(outer, scope) in _MAPPINGS


def structure_read(
    function: Function, source: str, project: Project, depth: int = 0, *, listed: bool = False
) -> str:
    """What a function reads of a mapping as if it were declared, in words; empty where it only hands the mapping on or checks it.

    `listed` says that the source is a list of mappings; what is read is then read of each.
    """
    whole = carriers(function, source, through=_KEEPING)
    names = elements(function, whole) if listed else whole
    if listed and (validates_whole(function, whole, project) or checks_by_hand(function, whole)):
        return ""
    spread = _spread_into(function, names, project)
    if spread:
        return f"`{function.short}` calls `{spread}(**...)` with it"
    if validates_whole(function, names, project) or checks_by_hand(function, names):
        return ""
    if any(True for _ in _attributes_set(function, names)):
        return f"`{function.short}` sets attributes by its keys"
    keys = fields_taken(function, names)
    if len(keys) >= _MANY or _required(function, names):
        shown = " and ".join(f"`{key}`" for key in sorted(keys)[:_MANY])
        return f"`{function.short}` reads {shown} of {'each' if listed else 'it'}"
    for call in function.calls if depth < _FURTHEST else ():
        callee = call.callee
        if callee is None or callee.is_abstract or callee.name.endswith("__init__"):
            continue
        for argument in [*call.node.args, *(k.value for k in call.node.keywords if k.arg is not None)]:
            given = parameter_for(argument, call, callee)
            for held, several in ((whole, listed), (names, False)):
                parameter = _received(argument, held, source, given)
                if parameter and (
                    below := structure_read(callee, parameter, project, depth + 1, listed=several)
                ):
                    return below
    return ""


def _attributes_set(function: Function, names: set[str]) -> Iterator[ast.Call]:
    """`for key, value in body.changes.items(): setattr(tool, key, value)`, with no look at the key."""
    for statement in statements(function):
        keys: set[str] = set()
        match statement:
            case ast.For(target=target, iter=value) | ast.Assign(targets=[target], value=value):
                if any(
                    isinstance(n, (ast.Name, ast.Attribute)) and ast.unparse(n) in names
                    for n in ast.walk(value)
                ):
                    keys = {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}
        if not keys or (
            isinstance(statement, ast.Assign) and not isinstance(statement.targets[0], ast.Tuple)
        ):
            continue
        if is_checked(function, keys):
            continue
        for call in function.calls:
            name = (
                call.node.args[1] if call.target == "builtins.setattr" and len(call.node.args) == 3 else None
            )
            if isinstance(name, ast.Name) and name.id in keys:
                yield call.node


def _received(argument: ast.expr, names: set[str], source: str, parameter: str) -> str:
    """The name under which a helper gets the mapping, or the body with it."""
    if isinstance(argument, ast.BoolOp) and isinstance(argument.op, ast.Or):
        argument = argument.values[0]  # `body.options or {}`
    elif isinstance(argument, ast.IfExp):
        argument = argument.body
    if not parameter or not isinstance(argument, (ast.Name, ast.Attribute)):
        return ""
    written = ast.unparse(argument)
    if written in names:
        return parameter
    holder, _, field = source.rpartition(".")
    return f"{parameter}.{field}" if holder and written == holder else ""


def _required(function: Function, names: set[str]) -> bool:
    """`data["name"]`: a key that has to be there."""
    for statement in statements(function):
        for part in own_expressions(statement):
            for node in ast.walk(part):
                if not isinstance(node, ast.Subscript) or not isinstance(node.ctx, ast.Load):
                    continue
                is_key = isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str)
                if is_key and ast.unparse(node.value) in names and not is_caught(function, node):
                    return True
    return False


def _spread_into(function: Function, names: set[str], project: Project) -> str:
    """`Action(**body.action)`: what is called with whatever keys the client sent; a model checks them, and is another matter."""
    for call in function.calls:
        if len(call.node.args) or not any(
            k.arg is None and ast.unparse(k.value) in names for k in call.node.keywords
        ):
            continue
        value = project.names.evaluate(call.node.func, call.scope)
        made = value.item if value is not None and not value.instance else None
        if not isinstance(made, (Class, Function)) or is_caught(function, call.node):
            continue
        if isinstance(made, Class) and (project.names.is_a(value, "pydantic.BaseModel") or _is_open(made)):
            continue
        if isinstance(made, Function) and any(p.variadic for p in made.parameters):
            continue
        return last_name(call.node)
    return ""


def _is_open(made: Class) -> bool:
    """A class whose `__init__` takes `**kwargs`."""
    init = made.functions.get("__init__")
    return init is not None and any(p.variadic for p in init.parameters)
