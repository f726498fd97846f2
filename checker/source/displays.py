"""What stands in lists, tuples, sets and mappings that are written out, wherever a name or a function leads to them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator

from checker.source.model import Binding, BindingKind, Call, Class, Function, Part, Scope
from checker.source.names import Names
from checker.source.values import Variable

Element = tuple[ast.expr, Scope]
"""A member with the scope in which it is to be read."""
_DEEPEST = 12
_MOST_BINDINGS = 20
_ADDS_ONE = {"append": 0, "add": 0, "appendleft": 0, "insert": 1}
_ADDS_ALL = frozenset({"extend", "extendleft"})
_OTHER_CHANGES = frozenset({"update", "setdefault", "pop", "remove", "clear", "__setitem__"})
_SAME = frozenset({
    "builtins.list", "builtins.tuple", "builtins.set", "builtins.frozenset", "builtins.sorted", "builtins.reversed", "builtins.iter",
})  # fmt: skip


class Displays:
    """Answers which expressions a container may hold; None where that is not written out."""

    def __init__(self, names: Names, given: Callable[[str, Function], list[Element] | None]) -> None:
        self._names = names
        self._given = given
        """What callers hand over under the name of a parameter, as containers."""
        self._written: list[ast.expr] = []
        self._changes: dict[str, list[Call]] = {}
        self._asking: set[tuple[Scope, str]] = set()

    def note(self, call: Call) -> None:
        """Remember a call that may put something into a container: `ROUTERS.append(router)`."""
        function = call.node.func
        if isinstance(function, ast.Attribute) and (
            function.attr in _ADDS_ONE or function.attr in _ADDS_ALL or function.attr in _OTHER_CHANGES
        ):
            self._changes.setdefault(_last(function.value), []).append(call)

    def keep(self, node: ast.expr) -> ast.expr:
        """Let a node that was made here live on: answers are remembered by identity."""
        self._written.append(node)
        return node

    def elements(self, expression: ast.expr, scope: Scope, depth: int = 0) -> list[Element] | None:
        """The members of a container."""
        if depth > _DEEPEST:
            return None
        match expression:
            case ast.NamedExpr(value=value) | ast.Await(value=value):
                return self.elements(value, scope, depth + 1)
            case (
                ast.IfExp(body=first, orelse=second)
                | ast.BinOp(left=first, op=ast.Add() | ast.BitOr(), right=second)
            ):
                return self._all([(first, scope), (second, scope)], depth)
            case ast.BoolOp(values=values):
                return self._all([(value, scope) for value in values], depth)
            case ast.ListComp(elt=element) | ast.SetComp(elt=element) | ast.GeneratorExp(elt=element):
                return [(element, scope)]
            case ast.Dict(keys=keys):
                return [(key, scope) for key in keys if key is not None] if all(keys) else None
            case ast.List(elts=members) | ast.Tuple(elts=members) | ast.Set(elts=members):
                return self._members(members, scope, depth)
            case ast.Call():
                return self._called(expression, scope, depth)
            case ast.Name() | ast.Attribute():
                return self._named(expression, scope, depth)
        return None

    def parts(self, part: Part, scope: Scope) -> list[Element] | None:
        """What an unpacked name may be: `for prefix, shop in SHOPS.items()`, `api, admin = APIRouter(), APIRouter()`."""
        found: list[Element] | None = [(part.whole, scope)]
        if part.kind is BindingKind.LOOP:
            found = self.elements(part.whole, scope)
        for position in part.positions if found is not None else ():
            inner: list[Element] = []
            for element, where in found or ():
                if not isinstance(element, (ast.Tuple, ast.List)) or position >= len(element.elts):
                    return None
                if any(isinstance(e, ast.Starred) for e in element.elts):
                    return None
                inner.append((element.elts[position], where))
            found = inner
        return found

    def means_member(self, expression: ast.expr, scope: Scope) -> bool:
        """Whether an expression is the name of a loop or a look-up by a key, so that one type says nothing of the others."""
        if not isinstance(expression, ast.Name):
            return isinstance(expression, ast.Subscript)
        current: Scope | None = scope
        while current is not None and expression.id not in current.bindings:
            current = current.parent
        return current is not None and any(
            binding.kind is BindingKind.LOOP
            or (binding.part is not None and binding.part.kind is BindingKind.LOOP)
            for binding in current.bindings[expression.id]
        )

    def member(self, expression: ast.expr, scope: Scope) -> list[Element] | None:
        """What an expression may be that means a member of a container: the name of a loop, `SHOPS["garden"]`."""
        if isinstance(expression, ast.Name):
            return self._looped(expression.id, scope)
        return self._keyed(expression, scope) if isinstance(expression, ast.Subscript) else None

    def _looped(self, name: str, scope: Scope) -> list[Element] | None:
        """What the name of a loop goes through, where it is nothing else: `for shop in SHOPS`."""
        current: Scope | None = scope
        while current is not None and name not in current.bindings:
            if isinstance(current, Function) and current.parameter(name) is not None:
                return None
            current = current.parent
        if current is None:
            return None
        found: list[Element] = []
        for binding in current.bindings[name]:
            if binding.part is not None:
                members = self.parts(binding.part, current)
            elif binding.kind is BindingKind.LOOP and binding.value is not None:
                members = self.elements(binding.value, current)
            else:
                return None
            if members is None:
                return None
            found += members
        return found

    def _keyed(self, expression: ast.Subscript, scope: Scope) -> list[Element] | None:
        """What `SHOPS["garden"]` or `entry["router"]` may be."""
        key = expression.slice
        if not isinstance(key, ast.Constant):
            return None
        holders: list[Element] | None = None
        if isinstance(expression.value, ast.Name):
            holders = self._looped(expression.value.id, scope)
        if holders is None:
            held = self._display(expression.value, scope)
            holders = [held] if held is not None else None
        found: list[Element] = []
        for holder, where in holders or ():
            if isinstance(holder, ast.Dict):
                found += [
                    (value, where)
                    for name, value in zip(holder.keys, holder.values, strict=True)
                    if isinstance(name, ast.Constant) and name.value == key.value
                ]
            elif (
                isinstance(holder, (ast.List, ast.Tuple))
                and isinstance(key.value, int)
                and -len(holder.elts) <= key.value < len(holder.elts)
                and not any(isinstance(e, ast.Starred) for e in holder.elts)
            ):
                found.append((holder.elts[key.value], where))
            else:
                return None
        return found or None

    def _all(self, containers: Iterable[Element], depth: int) -> list[Element] | None:
        found: list[Element] = []
        for container, scope in containers:
            members = self.elements(container, scope, depth + 1)
            if members is None:
                return None
            found += members
        return found

    def _members(self, members: list[ast.expr], scope: Scope, depth: int) -> list[Element] | None:
        found: list[Element] = []
        for member in members:
            if not isinstance(member, ast.Starred):
                found.append((member, scope))
                continue
            inner = self.elements(member.value, scope, depth + 1)
            if inner is None:
                return None
            found += inner
        return found

    def _called(self, call: ast.Call, scope: Scope, depth: int) -> list[Element] | None:
        if isinstance(call.func, ast.Attribute) and call.func.attr in {"values", "items", "copy"}:
            return self._view(call.func, scope, depth)
        value = self._names.evaluate(call.func, scope)
        if value is None:
            return None
        if isinstance(value.item, Function) and not value.instance:
            made = value.item
            if not made.is_generator:
                return self._all([(r.value, made) for r in made.returns if r.value is not None], depth)
            if any(isinstance(node, ast.YieldFrom) for node in ast.walk(made.node)):
                return None
            return [(y.value, made) for y in made.yields if y.value is not None]
        if value.name in _SAME and call.args:
            return self.elements(call.args[0], scope, depth + 1)
        if value.name == "itertools.chain":
            return self._all([(a, scope) for a in call.args], depth)
        if value.name in {"builtins.enumerate", "builtins.zip"}:
            return self._rows(call, scope, value.name == "builtins.enumerate", depth)
        return None

    def _rows(self, call: ast.Call, scope: Scope, counted: bool, depth: int) -> list[Element] | None:
        """`enumerate(ROUTERS)`, `zip(ROUTERS, PREFIXES)`."""
        columns = [self.elements(a, scope, depth + 1) for a in call.args[: 1 if counted else None]]
        if not columns or any(column is None for column in columns):
            return None
        rows: list[Element] = []
        for cells in zip(*[column or [] for column in columns], strict=False):
            if len({id(where) for _, where in cells}) > 1:
                return None
            number: list[ast.expr] = [ast.Constant(value=0)] if counted else []
            row = ast.Tuple(elts=[*number, *(cell for cell, _ in cells)], ctx=ast.Load())
            rows.append((self.keep(row), cells[0][1]))
        return rows

    def _view(self, function: ast.Attribute, scope: Scope, depth: int) -> list[Element] | None:
        if function.attr == "copy":
            return self.elements(function.value, scope, depth + 1)
        whole, home = self._display(function.value, scope) or (None, scope)
        if not isinstance(whole, ast.Dict) or not all(whole.keys):
            return None
        if function.attr == "values":
            return [(value, home) for value in whole.values]
        pairs = [
            ast.Tuple(elts=[key, value], ctx=ast.Load())
            for key, value in zip(whole.keys, whole.values, strict=True)
            if key is not None
        ]
        return [(self.keep(pair), home) for pair in pairs]

    def _display(self, expression: ast.expr, scope: Scope) -> Element | None:
        """The one mapping or list behind a name that nothing is added to."""
        if isinstance(expression, (ast.Name, ast.Attribute)):
            found = self._bindings(expression, scope)
            if found is None or len(found[0]) != 1 or found[0][0].value is None:
                return None
            if any(True for _ in self._changed(expression, scope)):
                return None
            expression, scope = found[0][0].value, found[1]
        return (expression, scope) if isinstance(expression, (ast.Dict, ast.List, ast.Tuple)) else None

    def _bindings(
        self, expression: ast.Name | ast.Attribute, scope: Scope
    ) -> tuple[list[Binding], Scope] | None:
        variable = self._names.variable(expression, scope)
        if variable is not None and variable.bindings:
            return variable.bindings, variable.module.scope
        if isinstance(expression, ast.Name):
            current: Scope | None = scope
            while current is not None and expression.id not in current.bindings:
                current = current.parent
            return (current.bindings[expression.id], current) if current is not None else None
        owner = self._names.evaluate(expression.value, scope)
        if owner is None or not isinstance(owner.item, Class):
            return None
        for step in self._names.lineage(owner.item)[0]:
            stored = step.attributes.get(expression.attr, [])
            written = step.bindings.get(expression.attr, [])
            if written and not stored:
                return written, step
            if len(stored) == 1 and not written:
                return [stored[0][0]], stored[0][1]
        return None

    def _named(self, expression: ast.Name | ast.Attribute, scope: Scope, depth: int) -> list[Element] | None:
        function = _taking(expression.id, scope) if isinstance(expression, ast.Name) else None
        known = self._bindings(expression, scope) if function is None else ([], function)
        if known is None or len(known[0]) > _MOST_BINDINGS:
            return None
        key = (known[1], _last(expression))
        if key in self._asking:
            return []  # What leads back to itself adds nothing.
        self._asking.add(key)
        try:
            if function is not None:
                return self._given(key[1], function)
            return self._bound(expression, scope, *known, depth)
        finally:
            self._asking.discard(key)

    def _bound(
        self,
        expression: ast.Name | ast.Attribute,
        scope: Scope,
        bindings: list[Binding],
        home: Scope,
        depth: int,
    ) -> list[Element] | None:
        added = {node.lineno: node.value for node in _augmented(_last(expression), home)}
        containers: list[Element] = []
        for binding in bindings:
            value = binding.value if binding.value is not None else added.get(binding.line)
            if value is None or binding.kind is BindingKind.LOOP:
                return None
            containers.append((value, home))
        found = self._all(containers, depth)
        for call in self._changed(expression, scope) if found is not None else ():
            more = self._added(call, depth)
            if more is None or found is None:
                return None
            found += more
        return found

    def _changed(self, expression: ast.Name | ast.Attribute, scope: Scope) -> Iterator[Call | None]:
        """What changes a container under its name, None where it is a key that is set."""
        name = _last(expression)
        variable = self._names.variable(expression, scope)
        home = variable.module if variable is not None else scope.module
        if any(_last(store.target) == name and not store.attribute for store in home.stores):
            yield None
        for call in self._changes.get(name, []):
            function = call.node.func
            if isinstance(function, ast.Attribute) and self._is_same(function.value, call, variable, scope):
                yield call

    def _is_same(self, changed: ast.expr, call: Call, variable: Variable | None, scope: Scope) -> bool:
        if variable is None:
            return call.scope.module is scope.module
        return self._names.variable(changed, call.scope) == variable

    def _added(self, call: Call | None, depth: int) -> list[Element] | None:
        function = call.node.func if call is not None else None
        if call is None or not isinstance(function, ast.Attribute):
            return None
        position = _ADDS_ONE.get(function.attr)
        if position is not None and len(call.node.args) == position + 1:
            return [(call.node.args[position], call.scope)]
        if function.attr in _ADDS_ALL and len(call.node.args) == 1:
            return self.elements(call.node.args[0], call.scope, depth + 1)
        return None


def _last(expression: ast.expr) -> str:
    if isinstance(expression, ast.Attribute):
        return expression.attr
    return expression.id if isinstance(expression, ast.Name) else ""


def _taking(name: str, scope: Scope) -> Function | None:
    """The function whose parameter a name is, where nothing else is given to it."""
    current: Scope | None = scope
    while current is not None and name not in current.bindings:
        if isinstance(current, Function) and current.parameter(name) is not None:
            return current
        current = current.parent
    return None


def _augmented(name: str, scope: Scope) -> Iterator[ast.AugAssign]:
    for node in ast.walk(scope.node):
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) and node.target.id == name:
            yield node
