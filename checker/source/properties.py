"""Reading an attribute that is a property runs a function; found only where a property does more than hand something out."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from checker.source.classes import PROPERTIES
from checker.source.model import Class, Function, Module, Scope
from checker.source.names import Names
from checker.source.values import Value
from checker.source.written import last_name, uncalled

_LAST_NAMES = frozenset(name.rpartition(".")[2] for name in PROPERTIES)
_KEPT = "cached_property"


@dataclass(frozen=True, slots=True, eq=False)
class Access:
    """One place where an attribute is read that is a property; what a call of the getter would be."""

    node: ast.Attribute
    scope: Scope
    statement: ast.stmt
    callees: tuple[Function, ...]
    target: str = ""

    @property
    def line(self) -> int:
        """Where the name of the attribute stands."""
        return self.node.end_lineno or self.node.lineno

    @property
    def callee(self) -> Function | None:
        """The getter, where it is one."""
        return self.callees[0] if len(self.callees) == 1 else None

    @property
    def function(self) -> Function | None:
        """The function whose body holds the access."""
        return self.scope if isinstance(self.scope, Function) else None


class Properties:
    """Answers about one project; every answer is remembered."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._working: set[str] | None = None
        self._lines: dict[Module, list[int]] = {}
        self._read: dict[Function, list[Access]] = {}

    def read_in(self, function: Function) -> list[Access]:
        """Where the body of a function reads properties of objects whose class is known."""
        if function not in self._read:
            working = self._names_of_working()
            lines = self._naming(function, working) if working else []
            self._read[function] = list(self._accesses(function, working, lines)) if lines else []
        return self._read[function]

    def _naming(self, function: Function, working: set[str]) -> list[int]:
        """The lines of a function that have such a name behind a dot; most functions have none and are not walked over."""
        module = function.module
        if module not in self._lines:
            wanted = re.compile(rf"\.(?:{'|'.join(sorted(working))})\b")
            self._lines[module] = [n for n, line in enumerate(module.lines, start=1) if wanted.search(line)]
        lines = self._lines[module]
        return lines[bisect_left(lines, function.line) : bisect_right(lines, function.last_line)]

    def _names_of_working(self) -> set[str]:
        """The names of all properties whose getter calls something, or asks another property that does."""
        if self._working is None:
            getters = [
                (name, method)
                for module in self._names.modules
                if not module.is_test
                for made in module.classes
                for name, method in made.functions.items()
                if not method.is_async and _may_be_property(method)
            ]
            found: set[str] = {name for name, method in getters if method.calls}
            waiting = [(name, method) for name, method in getters if not method.calls]
            while found:
                more = {name for name, method in waiting if _reads_any(method, found)} - found
                if not more:
                    break
                found |= more
            self._working = found
        return self._working

    def _accesses(self, function: Function, working: set[str], lines: list[int]) -> Iterator[Access]:
        kept: set[str] = set()
        found = sorted(
            _own_attributes(function, lines), key=lambda one: (one[0].lineno, one[0].end_col_offset or 0)
        )
        for node, statement in found:
            if node.attr in working and isinstance(node.ctx, ast.Load):
                owner = self._names.look(node.value, function)
                getters = [self._getter(one, node, function) for one in owner.possibilities] if owner else []
                known = dict.fromkeys(getter for getter in getters if getter is not None)
                if known and None not in getters:
                    text = ast.unparse(node)
                    if text in kept:
                        continue  # The object has it since the line before.
                    if all(self._is_kept(getter) for getter in known):
                        kept.add(text)
                    yield Access(node, function, statement, tuple(known))

    def _is_kept(self, getter: Function) -> bool:
        """Whether an object keeps what the getter gave the first time."""
        scope = getter.parent or getter.module.scope
        return any(self._names.qualify(decorator, scope).endswith(_KEPT) for decorator in getter.decorators)

    def _getter(self, owner: Value, node: ast.Attribute, function: Function) -> Function | None:
        """The function that reading the attribute of such an object runs."""
        if not owner.instance or not isinstance(owner.item, Class):
            return None
        method = self._names.method(owner.item, node.attr)
        if method is None or method.owner is None or method.is_async:
            return None
        scope = method.parent or method.module.scope
        names = {self._names.qualify(decorator, scope) for decorator in method.decorators}
        if not names & PROPERTIES:
            return None
        if self._is_kept(method) and self._names.variable(node.value, function) is not None:
            return None  # Kept for as long as the module lives.
        if method.is_abstract:
            real = self._names.implementations(owner.item, method)
            return real[0] if len(real) == 1 else None
        return method


def _may_be_property(method: Function) -> bool:
    return any(last_name(uncalled(decorator)) in _LAST_NAMES for decorator in method.decorators)


def _reads_any(function: Function, names: set[str]) -> bool:
    return any(node.attr in names for node, _ in _own_attributes(function))


def _own_attributes(
    function: Function, lines: list[int] | None = None
) -> Iterator[tuple[ast.Attribute, ast.stmt]]:
    """The attributes in a function's body, each with its statement, without those of functions and classes inside.

    With `lines`, statements that have none of them are passed over.
    """
    if isinstance(function.node, ast.Lambda):
        return
    waiting: list[tuple[ast.AST, ast.stmt]] = [
        (statement, statement) for statement in reversed(function.body)
    ]
    while waiting:
        node, statement = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            continue
        if lines is not None and node is statement and not _holds_any(statement, lines):
            continue
        if isinstance(node, ast.Attribute):
            yield node, statement
        for child in ast.iter_child_nodes(node):
            waiting.append((child, child if isinstance(child, ast.stmt) else statement))


def _holds_any(statement: ast.stmt, lines: list[int]) -> bool:
    position = bisect_left(lines, statement.lineno)
    return position < len(lines) and lines[position] <= (statement.end_lineno or statement.lineno)
