"""Texts that a client sends, and what a path operation makes of them: JSON, file paths."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import TypeVar

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
from checker.constraints.validation import is_validated
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
_LOADS = frozenset({"json.loads", "orjson.loads", "ujson.loads", "simplejson.loads"})
_LISTS = frozenset(
    {"builtins.list", "typing.List", "typing.Sequence", "builtins.set", "typing.Set", "typing.Iterable"}
)
_TEXT_CALLS = frozenset({"str", "strip", "lower", "upper", "replace", "split"})
_FURTHEST = 3
_Found = TypeVar("_Found")


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


def parsed_json(function: Function, source: str, project: Project) -> Call | None:
    """The call that parses JSON from a parameter, where no model checks it and nothing catches it."""

    def parses(within: Function, names: set[str]) -> Call | None:
        for call in within.calls:
            wanted = call.target in _LOADS and given_plainly(call, names)
            if wanted and not is_caught(within, call.node) and not is_validated(within, call.node, project):
                return call
        return None

    return reached(function, source, parses)


def given_plainly(call: Call, names: set[str]) -> list[ast.Name]:
    """The arguments of a call that are one of these names."""
    given = [*call.node.args, *(k.value for k in call.node.keywords)]
    return [a for a in given if isinstance(a, ast.Name) and a.id in names]


def reached(
    function: Function, source: str, wanted: Callable[[Function, set[str]], _Found | None], depth: int = 0
) -> _Found | None:
    """What `wanted` finds where a text goes, here or in a helper of the project, where nothing checks or catches it.

    `wanted` is given a function and the names that carry the text there.
    """
    names = carriers(function, source, through=_TEXT_CALLS)
    names |= _elements(function, names)
    if is_checked(function, names, lookups=False):
        return None
    found = wanted(function, names)
    if found is not None or depth >= _FURTHEST:
        return found
    for call in function.calls:
        callee = call.callee
        if callee is None or callee.name.endswith("__init__"):
            continue
        passed = given_plainly(call, names)
        if not passed or is_caught(function, call.node):
            continue
        parameter = parameter_for(passed[0], call, callee)
        below = reached(callee, parameter, wanted, depth + 1) if parameter else None
        if below is not None:
            return below
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
