"""Texts that a client sends, and what a path operation makes of them: ids, JSON, file paths."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from checker.constraints.flow import (
    carriers,
    is_caught,
    is_checked,
    own_expressions,
    parameter_for,
    reads,
    statements,
)
from checker.constraints.inputs import Input, Place
from checker.constraints.raw import is_validated
from checker.source import Call, Function, Project, Scope
from checker.source.model import BindingKind

_FILE_CALLS = frozenset({
    "builtins.open", "io.open", "aiofiles.open", "anyio.open_file", "fastapi.responses.FileResponse", "os.path.join",
    "os.listdir", "os.scandir", "os.remove", "os.unlink", "shutil.rmtree", "os.walk", "os.makedirs",
})  # fmt: skip
PATH_CALLS = frozenset({
    "Path", "PurePath", "join", "joinpath", "str", "resolve", "absolute", "expanduser", "with_suffix", "with_name", "format",
    "strip", "lstrip", "rstrip", "removeprefix", "removesuffix", "lower", "upper", "replace", "abspath", "normpath", "realpath",
    "unquote", "fspath", "open",
})  # fmt: skip
_IDS = frozenset({"bson.ObjectId", "bson.objectid.ObjectId", "uuid.UUID", "beanie.PydanticObjectId"})
_LOADS = frozenset({"json.loads", "orjson.loads", "ujson.loads", "simplejson.loads"})
_LISTS = frozenset(
    {"builtins.list", "typing.List", "typing.Sequence", "builtins.set", "typing.Set", "typing.Iterable"}
)
_ID_ENDINGS = ("_id", "_ids", "Id", "Ids", "_pk")
_TEXT_CALLS = frozenset({"str", "strip", "lower", "upper", "replace", "split"})
_FURTHEST = 2


def free_text(given: Input, project: Project) -> str | None:
    """The name of a text that may become a file path: a parameter, or the file name of an upload."""
    if given.place is Place.FILE and given.type_name.endswith("UploadFile"):
        return f"{given.name}.filename"
    if given.place not in {Place.PATH, Place.QUERY, Place.FORM} or not is_text(given, project):
        return None
    return given.name


def is_text(given: Input, project: Project) -> bool:
    """Whether a parameter is any text, `str | None` included; a pattern or a validator says more."""
    return _is_open(given) and _is_str(given.type, given.scope, project)


def is_texts(given: Input, project: Project) -> bool:
    """Whether a parameter is a list of any texts."""
    inner = given.type
    if isinstance(inner, ast.BinOp):
        inner = inner.right if _is_none(inner.left) else inner.left
    if (
        isinstance(inner, ast.Subscript)
        and project.names.qualify(inner.value, given.scope) == "typing.Optional"
    ):
        inner = inner.slice
    if not isinstance(inner, ast.Subscript) or not _is_open(given):
        return False
    outer = project.names.qualify(inner.value, given.scope)
    return outer in _LISTS and _is_str(inner.slice, given.scope, project)


def _is_open(given: Input) -> bool:
    return all(
        isinstance(item, ast.Call) and not any(k.arg in {"pattern", "regex", None} for k in item.keywords)
        for item in given.metadata
    )


def _is_str(type_: ast.expr | None, scope: Scope, project: Project) -> bool:
    if type_ is None:
        return False
    if isinstance(type_, ast.BinOp):
        sides = [side for side in (type_.left, type_.right) if not _is_none(side)]
        return len(sides) == 1 and _is_str(sides[0], scope, project)
    if isinstance(type_, ast.Subscript):
        return project.names.qualify(type_.value, scope) == "typing.Optional" and _is_str(
            type_.slice, scope, project
        )
    return project.names.qualify(type_, scope) in {"builtins.str", "pathlib.Path"}


def _is_none(expression: ast.expr) -> bool:
    return isinstance(expression, ast.Constant) and expression.value is None


def made_id(function: Function, source: str) -> Call | None:
    """The call that makes an id of a parameter, here or in a helper of the project, where nothing checks or catches it."""
    wanted = (
        _IDS | {"builtins.int"} if source in {"id", "ids", "pk"} or source.endswith(_ID_ENDINGS) else _IDS
    )
    return _reached(function, source, lambda call: call.target.removesuffix(".__init__") in wanted, 0)


def parsed_json(function: Function, source: str) -> Call | None:
    """The call that parses JSON from a parameter, where no model checks it and nothing catches it."""

    def is_wanted(call: Call) -> bool:
        within = call.function
        return call.target in _LOADS and within is not None and not is_validated(within, call.node)

    return _reached(function, source, is_wanted, 0)


def _reached(function: Function, source: str, wanted: Callable[[Call], bool], depth: int) -> Call | None:
    names = carriers(function, source, through=_TEXT_CALLS)
    names |= _elements(function, names)
    if is_checked(function, names):
        return None
    for call in function.calls:
        given = [*call.node.args, *(k.value for k in call.node.keywords)]
        passed = [a for a in given if isinstance(a, ast.Name) and a.id in names]
        if not passed or is_caught(function, call.node):
            continue
        if wanted(call):
            return call
        callee = call.callee
        if callee is None or depth >= _FURTHEST or callee.name.endswith("__init__"):
            continue
        parameter = parameter_for(passed[0], call, callee)
        found = _reached(callee, parameter, wanted, depth + 1) if parameter else None
        if found is not None:
            return found
    return None


def _elements(function: Function, names: set[str]) -> set[str]:
    """`one` of `for one in ids`, in loops and comprehensions."""
    return {
        name
        for name, bindings in function.bindings.items()
        for binding in bindings
        if binding.kind is BindingKind.LOOP
        and binding.value is not None
        and reads(binding.value, names, _TEXT_CALLS)
    }


def file_uses(function: Function, names: set[str], project: Project) -> Iterator[ast.expr]:
    """Where one of these names becomes part of a file path."""
    for call in function.calls:
        values = [*call.node.args, *(k.value for k in call.node.keywords if k.arg in {"path", "file", None})]
        if call.target in _FILE_CALLS and any(reads(value, names, PATH_CALLS) for value in values):
            yield call.node
    for statement in statements(function):
        for expression in own_expressions(statement):
            for node in ast.walk(expression):
                if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Div):
                    continue
                if (
                    reads(node.right, names, PATH_CALLS)
                    and project.names.type_name(node.left, function) == "pathlib.Path"
                ):
                    yield node
