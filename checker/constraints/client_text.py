"""Texts that a client sends, and where they go: to a parser of JSON, to whatever another rule looks for."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import TypeVar

from checker.constraints.flow import (
    carriers,
    holds_line,
    is_caught,
    is_checked,
    last_name,
    parameter_for,
    reads,
    statements,
)
from checker.constraints.inputs import Input, Place
from checker.constraints.validation import checks_by_hand, is_validated, names_given_to, validates
from checker.source import Call, Function, Project, Scope
from checker.source.model import BindingKind

_LOADS = frozenset({
    "json.loads", "orjson.loads", "ujson.loads", "simplejson.loads", "ast.literal_eval", "yaml.safe_load", "yaml.load", "json5.loads",
    "tomllib.loads", "toml.loads",
})  # fmt: skip
_LISTS = frozenset(
    {"builtins.list", "typing.List", "typing.Sequence", "builtins.set", "typing.Set", "typing.Iterable"}
)
TEXT_CALLS = frozenset({"str", "strip", "lower", "upper", "replace", "split"})
"""Calls that hand a text on as it is."""
_FURTHEST = 3
_Found = TypeVar("_Found")


def is_text(given: Input, project: Project) -> bool:
    """Whether a parameter is any text, `str | None` included; a pattern or a validator says more.

    A part of the path without a type is a text.
    """
    untyped = given.type is None and given.place is Place.PATH
    return _is_open(given) and (untyped or _is_str(given.type, given.scope, project))


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
        isinstance(item, ast.Call)
        and not any(k.arg in {"pattern", "regex", None} for k in item.keywords)
        and not last_name(item).endswith("Validator")
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
    """The call that parses JSON from a parameter, where no model checks it and nothing catches it.

    Where what is no JSON is refused, it is still any JSON, unless something looks at it then.
    """

    def parses(within: Function, names: set[str]) -> Call | None:
        for call in within.calls:
            if call.target not in _LOADS or not given_plainly(call, names):
                continue
            if is_validated(within, call.node, project):
                continue
            if not is_caught(within, call.node):
                return call
            if within is function and _is_only_refused(within, call.node):
                return call
        return None

    return reached(function, source, parses)


def hands_back(function: Function, parsed: Call) -> bool:
    """Whether a function returns what a call in it parsed, or a helper of it that the call stands in does."""
    names = names_given_to(function, parsed.node)
    return parsed.scope is not function or any(
        r.value is parsed.node or (isinstance(r.value, ast.Name) and r.value.id in names)
        for r in function.returns
    )


def run_as_code(function: Function, source: str) -> Call | None:
    """The call that runs a text as Python, `eval(metadata)`, before anything has looked at it."""
    names = carriers(function, source, through=TEXT_CALLS)
    for call in function.calls:
        if call.target not in _RUNS or not call.node.args or not reads(call.node.args[0], names, TEXT_CALLS):
            continue
        if not is_checked(function, {source}, before=call.line):
            return call
    return None


_RUNS = frozenset({"builtins.eval", "builtins.exec"})


def parsed_upload(function: Function, source: str, project: Project) -> Call | None:
    """The call that parses JSON from a file that the client sends, where nothing looks at what was in it."""
    names = carriers(function, source, through=_FILE_CALLS)
    for call in function.calls:
        given = call.node.args[0] if call.node.args else None
        if call.target not in _LOADS | {"json.load"} or given is None or not reads(given, names, _FILE_CALLS):
            continue
        found = names_given_to(function, call.node)
        carried = {name for one in found for name in carriers(function, one)}
        carried |= elements(function, carried)
        if not found or is_validated(function, call.node, project) or is_checked(function, carried):
            continue
        if validates(function, carried, project):
            continue
        if not checks_by_hand(function, found) and (
            not is_caught(function, call.node) or _is_only_refused(function, call.node)
        ):
            return call
    return None


_FILE_CALLS = frozenset({"read", "decode", "getvalue", "BytesIO", "StringIO", "TextIOWrapper", "str"})


def _is_only_refused(function: Function, parsed: ast.expr) -> bool:
    """`try: found = json.loads(text)`, `except ValueError: raise ...`, and then nothing that looks at what was found."""
    around = [s for s in statements(function) if isinstance(s, ast.Try) and holds_line(s, parsed)]
    if not all(any(isinstance(n, ast.Raise) for n in h.body) for s in around for h in s.handlers):
        return False
    names = names_given_to(function, parsed)
    if not names:
        return any(r.value is parsed for r in function.returns)
    carried = {name for one in names for name in carriers(function, one)}
    return not is_checked(function, carried) and not checks_by_hand(function, names)


def given_plainly(call: Call, names: set[str]) -> list[ast.expr]:
    """The arguments of a call that are one of these names, `body.name` among them."""
    given = [*call.node.args, *(k.value for k in call.node.keywords)]
    return [a for a in given if isinstance(a, (ast.Name, ast.Attribute)) and ast.unparse(a) in names]


def reached(
    function: Function,
    source: str,
    wanted: Callable[[Function, set[str]], _Found | None],
    depth: int = 0,
    *,
    through: frozenset[str] = TEXT_CALLS,
) -> _Found | None:
    """What `wanted` finds where a text goes, here or in a helper of the project, where nothing checks or catches it.

    `wanted` is given a function and the names that carry the text there; calls named in `through` hand it on.
    """
    names = carriers(function, source, through=through)
    names |= elements(function, names)
    if is_checked(function, names, lookups=False):
        return None
    found = wanted(function, names)
    if found is not None or depth >= _FURTHEST:
        return found
    for call in function.calls:
        callee = call.callee
        if callee is None or callee.name.endswith("__init__"):
            continue
        if is_caught(function, call.node) or _was_found(function, names, call):
            continue
        for below_source in _received(call, callee, names, source):
            below = reached(callee, below_source, wanted, depth + 1, through=through)
            if below is not None:
                return below
    return None


def _was_found(function: Function, names: set[str], call: Call) -> bool:
    """`tool = await find(name)` and `if tool is None: raise`, above the call: what is there is no text of any kind."""
    found = {
        target.id
        for earlier in function.calls
        if earlier.line < call.line
        and given_plainly(earlier, names)
        and isinstance(earlier.statement, ast.Assign)
        for target in earlier.statement.targets
        if isinstance(target, ast.Name)
    }
    return any(
        isinstance(statement, ast.If)
        and statement.lineno < call.line
        and _asks_absence(statement.test) in found
        and isinstance(statement.body[-1], ast.Raise | ast.Return)
        for statement in (statements(function) if found else ())
    )


def _asks_absence(test: ast.expr) -> str:
    """The name of `not tool` and `tool is None`; empty for any other question."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=name)):
            return name
        case ast.Compare(left=ast.Name(id=name), ops=[ast.Is()], comparators=[ast.Constant(value=None)]):
            return name
    return ""


def _received(call: Call, callee: Function, names: set[str], source: str) -> Iterator[str]:
    """The name under which a helper gets the text, or the body that it is a field of."""
    holder, _, field = source.rpartition(".")
    passed = given_plainly(call, names)
    if passed:
        parameter = parameter_for(passed[0], call, callee)
        yield from [parameter] if parameter else []
    for whole in given_plainly(call, {holder}) if holder else []:
        parameter = parameter_for(whole, call, callee)
        yield from [f"{parameter}.{field}"] if parameter else []


def elements(function: Function, names: set[str]) -> set[str]:
    """`one` of `for one in ids`, in loops and comprehensions."""
    return {
        name
        for name, bindings in function.bindings.items()
        for binding in bindings
        if binding.kind is BindingKind.LOOP
        and binding.value is not None
        and reads(binding.value, names, TEXT_CALLS)
    }
