"""What is put into a module's empty containers later: `HANDLERS = {}`, and then `HANDLERS[name] = lend` or `@handles("lend")`."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from checker.source.model import Class, Function, Module, Scope
from checker.source.values import Value, joined
from checker.source.written import last_name, uncalled

if TYPE_CHECKING:
    from checker.source.names import Names

_ADDING = frozenset({"append", "add", "appendleft"})
_ADDING_MANY = frozenset({"update", "extend"})
_MADE_EMPTY = frozenset({"dict", "list", "OrderedDict"})
_MOST_WRITERS = 12
_MOST_DECORATED = 40


class Registries:
    """Answers about the containers of one project's modules; everything is looked up once."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._put: dict[int, list[tuple[ast.expr, Scope]]] | None = None
        """By the literal that makes the container: what is put in, and where that is written."""
        self._decorated: dict[str, list[tuple[ast.expr, Scope, Function | Class]]] | None = None
        """By the last name of a decorator: all that it stands above."""

    def held(self, literal: ast.expr) -> Value | None:
        """What an empty container of a module holds once the project has been imported; None where that is not plain."""
        if self._put is None:
            self._put = {}
            self._put = self._read()
        writers = self._put.get(id(literal), [])
        if len(writers) > _MOST_WRITERS:
            return None
        return joined([self._value(value, scope) for value, scope in writers])

    def _read(self) -> dict[int, list[tuple[ast.expr, Scope]]]:
        modules = [module for module in self._names.modules if not module.is_test]
        made: dict[tuple[Module, str], ast.expr] = {}
        for module in modules:
            for name, bindings in module.scope.bindings.items():
                value = bindings[0].value if len(bindings) == 1 else None
                if value is not None and is_empty_literal(value):
                    made[module, name] = value
        known = {name for _, name in made}
        found: dict[int, list[tuple[ast.expr, Scope]]] = {}
        for module in modules:
            for target, value, scope in _written(module):
                if not isinstance(target, ast.Name) or target.id not in known:
                    continue
                variable = self._names.variable(target, scope)
                literal = made.get((variable.module, variable.name)) if variable is not None else None
                if literal is not None:
                    found.setdefault(id(literal), []).append((value, scope))
        return found

    def _value(self, value: ast.expr, scope: Scope) -> Value | None:
        first = scope.parameters[0].name if isinstance(scope, Function) and scope.parameters else ""
        if isinstance(scope, Function) and isinstance(value, ast.Name) and value.id == first:
            decorated = list(self._under(scope))
            if decorated:
                return joined(decorated) if len(decorated) <= _MOST_DECORATED else None
        return self._names.look(value, scope)

    def _under(self, decorator: Function) -> Iterator[Value]:
        """What stands under `@decorator`, or under `@factory(...)` where the decorator is the function inside it."""
        maker = decorator.parent if isinstance(decorator.parent, Function) else None
        if maker is not None and not any(
            isinstance(r.value, ast.Name) and r.value.id == decorator.name.rpartition(".")[2]
            for r in maker.returns
        ):
            return
        wanted = maker or decorator
        for written, scope, below in self._by_decorator().get(wanted.name.rpartition(".")[2], []):
            if isinstance(written, ast.Call) is not (maker is not None):
                continue
            value = self._names.evaluate(uncalled(written), scope)
            if value is not None and value.item is wanted:
                yield Value(below.qualified, item=below)

    def _by_decorator(self) -> dict[str, list[tuple[ast.expr, Scope, Function | Class]]]:
        if self._decorated is None:
            self._decorated = {}
            for module in self._names.modules:
                if module.is_test:
                    continue
                for function in module.functions:
                    self._add(function.decorators, function)
                for made in module.classes:
                    self._add(made.node.decorator_list, made)
        return self._decorated

    def _add(self, decorators: Iterable[ast.expr], below: Function | Class) -> None:
        for decorator in decorators:
            under = self._by_decorator().setdefault(last_name(decorator), [])
            under.append((decorator, below.parent or below.module.scope, below))


def is_empty_literal(value: ast.expr) -> bool:
    """`{}` and `[]`, `dict()` and `defaultdict(list)`."""
    if isinstance(value, ast.Call):
        made = last_name(value.func)
        return not value.keywords and (made == "defaultdict" or (made in _MADE_EMPTY and not value.args))
    return (isinstance(value, ast.Dict) and not value.keys) or (
        isinstance(value, ast.List) and not value.elts
    )


def _written(module: Module) -> Iterator[tuple[ast.expr, ast.expr, Scope]]:
    """Every `container[key] = value`, `container.append(value)` and `container.update(key=value)`: the container, the value, the place."""
    for store in module.stores:
        if not store.attribute and store.value is not None:
            yield store.target, store.value, store.scope
    for call in module.calls:
        on = call.node.func
        if isinstance(on, ast.Attribute) and last_name(on) in _ADDING and len(call.node.args) == 1:
            yield on.value, call.node.args[0], call.scope
        elif isinstance(on, ast.Attribute) and on.attr in _ADDING_MANY:
            for value in _members(call.node):
                yield on.value, value, call.scope


def _members(call: ast.Call) -> Iterator[ast.expr]:
    """What `HANDLERS.update({"lend": lend}, note=note)` and `ALL.extend([lend, note])` put in, as far as it is written out."""
    for argument in (*call.args, *(k.value for k in call.keywords if k.arg is None)):
        if isinstance(argument, (ast.List, ast.Tuple)):
            yield from argument.elts
        elif isinstance(argument, ast.Dict):
            yield from argument.values
    yield from (k.value for k in call.keywords if k.arg is not None)
