"""What is constant in one run of a function, as far as its caller tells, and what therefore does not happen in it.

`def fetch(key, refresh=False)` called as `fetch(key)` never comes to what stands behind `if refresh:`, and
`parse(name, text=page["text"])` not to what stands behind `if text is None:`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from checker.source.conditions import SOMETHING, UNKNOWN, Something, Unknown, buried, read
from checker.source.model import Call, Class, Function
from checker.source.names import Names

Plain = str | int | float | None


@dataclass(frozen=True, slots=True)
class Fact:
    """A parameter of a function that holds one value throughout a run."""

    function: Function
    name: str
    value: Plain
    kind: str
    """The type of the value: `True` and `1` are two things."""


Given = frozenset[Fact]
NOTHING: Given = frozenset()
_ALL_HAPPENS: frozenset[int] = frozenset()


_HELD = (str, int, float, type(None))
_OWN_ARGUMENTS = frozenset({"__enter__", "__exit__", "__aenter__", "__aexit__", "__post_init__"})
"""What a call of something else runs: the arguments are not theirs."""
_MADE = (ast.JoinedStr, ast.Dict, ast.List, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.Subscript)
"""What is there where it is written out, `page["text"]` included: who hands that over has seen that it is there."""
_NOT_NONE = "not None"
_LONGEST = 60
"""Texts longer than this are not compared with anything."""


class Constants:
    """Answers about one project; every answer is remembered."""

    def __init__(
        self, names: Names, decorators: Callable[[Function], Iterable[str]], harmless: frozenset[str]
    ) -> None:
        self._names = names
        self._decorators = decorators
        self._harmless = harmless
        self._asked: dict[Function, frozenset[str]] = {}
        self._dead: dict[tuple[Function, Given], frozenset[int]] = {}

    def given(self, call: Call, callee: Function, held: Given) -> Given:
        """What is constant in a function when a call runs it, where `held` is so in the function that calls."""
        inherited = self.inherited(callee, held)
        asked = self._tested(callee)
        if not asked or callee.name.rpartition(".")[2] in _OWN_ARGUMENTS:
            return inherited
        return inherited | frozenset(self._facts(call.node, call.function, callee, asked, held, call))

    def captured(self, node: ast.expr, factory: Function) -> Given:
        """What is constant in the functions inside a decorator's factory: `@retry(wait=0)`."""
        asked = self._tested(factory)
        if not asked or not isinstance(node, ast.Call):
            return NOTHING
        return frozenset(self._facts(node, None, factory, asked, NOTHING, None))

    @staticmethod
    def inherited(callee: Function, held: Given) -> Given:
        """What a function inside another one sees of it."""
        if not held:
            return NOTHING
        around = set(_around(callee))
        return frozenset(fact for fact in held if fact.function in around)

    def dead(self, function: Function, held: Given) -> frozenset[int]:
        """The nodes of a function, by identity, that a run of it does not come to."""
        if not function.tests:
            return _ALL_HAPPENS
        key = (function, held)
        if key not in self._dead:
            self._dead[key] = (
                frozenset(buried(function, _lookup(function, held)))
                if _has_literal(function) or self._mentions(function, held)
                else _ALL_HAPPENS
            )
        return self._dead[key]

    @staticmethod
    def _mentions(function: Function, held: Given) -> bool:
        names = {fact.name for fact in held}
        return any(
            isinstance(n, ast.Name) and n.id in names for test in function.tests for n in ast.walk(test)
        )

    # Parameters that matter

    def _tested(self, function: Function) -> frozenset[str]:
        """Parameters that a test asks for, here, in a function inside, or in a function that they are handed to."""
        if function in self._asked:
            return self._asked[function]
        plain = {p.name for p in function.parameters if not p.variadic}
        inside = [function, *_within(function)]
        for one in inside:
            plain -= {n for n in one.bindings if one is not function or not _is_filled_in(n, function)}
        self._asked[function] = frozenset()  # A function that calls itself.
        if not plain:
            return self._asked[function]
        asked = {
            node.id
            for one in inside
            for test in one.tests
            for node in ast.walk(test)
            if isinstance(node, ast.Name) and node.id in plain
        }
        self._asked[function] = frozenset(asked)
        for one in inside:
            for call in one.calls:
                asked |= self._handed_on(call, plain - asked)
        self._asked[function] = frozenset(asked)
        return self._asked[function]

    def _handed_on(self, call: Call, names: set[str]) -> set[str]:
        """Which of the names a call hands to a function that asks for them."""
        arguments = [*call.node.args, *(k.value for k in call.node.keywords)]
        handed = {a.id for a in arguments if isinstance(a, ast.Name) and a.id in names}
        if not handed:
            return handed
        found: set[str] = set()
        for callee in call.callees:
            asked = self._tested(callee)
            if asked:
                for name, argument in self._arguments(call.node, callee, call).items():
                    if name in asked and isinstance(argument, ast.Name) and argument.id in handed:
                        found.add(argument.id)
        return found

    # Arguments

    def _facts(
        self,
        node: ast.Call,
        caller: Function | None,
        callee: Function,
        asked: frozenset[str],
        held: Given,
        call: Call | None,
    ) -> Iterator[Fact]:
        arguments = self._arguments(node, callee, call)
        open_ended = any(k.arg is None for k in node.keywords) or any(
            isinstance(a, ast.Starred) for a in node.args
        )
        # A decorator that is not known may give values of its own.
        keeps_defaults = not open_ended and self._harmless.issuperset(self._decorators(callee))
        for parameter in callee.parameters:
            if parameter.name not in asked:
                continue
            if parameter.name in arguments:
                value = self._value(arguments[parameter.name], caller, held)
            elif keeps_defaults and parameter.default is not None:
                value = self._value(parameter.default, None, NOTHING)
            else:
                continue
            if isinstance(value, Something):
                yield Fact(callee, parameter.name, None, _NOT_NONE)
            elif parameter.name in callee.bindings:
                continue
            elif not isinstance(value, Unknown) and isinstance(value, _HELD):
                yield Fact(callee, parameter.name, value, type(value).__name__)

    def _value(self, expression: ast.expr, caller: Function | None, held: Given) -> object:
        if isinstance(expression, _MADE) or self._makes_object(expression, caller):
            return SOMETHING
        found = read(expression, _lookup(caller, held) if caller is not None else {})
        if isinstance(found, str) and len(found) > _LONGEST:
            return UNKNOWN
        return found

    def _makes_object(self, expression: ast.expr, caller: Function | None) -> bool:
        """`Client()`: an object of a class."""
        if not isinstance(expression, ast.Call) or caller is None:
            return False
        made = self._names.evaluate(expression.func, caller)
        return made is not None and not made.instance and isinstance(made.item, Class)

    def _arguments(self, node: ast.Call, callee: Function, call: Call | None) -> dict[str, ast.expr]:
        """The arguments of a call by the names of the parameters, as far as they are written out."""
        positional: list[str] = []
        for parameter in callee.parameters:
            if parameter.variadic:
                break
            positional.append(parameter.name)
        if callee.owner is not None and call is not None and self._is_bound(call, callee):
            positional = positional[1:]
        found: dict[str, ast.expr] = {}
        for name, argument in zip(positional, node.args, strict=False):
            if isinstance(argument, ast.Starred):
                break
            found[name] = argument
        found.update({k.arg: k.value for k in node.keywords if k.arg is not None})
        return found

    def _is_bound(self, call: Call, callee: Function) -> bool:
        """Whether the first parameter is the object and no argument: not in `Base.__init__(self, name)`."""
        decorators = self._decorators(callee)
        if "builtins.staticmethod" in decorators:
            return False
        function = call.node.func
        if "builtins.classmethod" in decorators or not isinstance(function, ast.Attribute):
            return True
        if function.attr != callee.name.rpartition(".")[2]:
            return True  # The constructor of `shop.Client(...)`, the `__call__` of `self.client(...)`.
        receiver = self._names.evaluate(function.value, call.scope)
        return receiver is None or receiver.instance or not isinstance(receiver.item, Class)


def _is_filled_in(name: str, function: Function) -> bool:
    """Whether a parameter is given another value only where it is None: `if text is None: text = read()`."""
    if function.parameter(name) is None:
        return False
    branches = [
        node.body
        for node in ast.walk(function.node)
        if isinstance(node, ast.If)
        and isinstance(node.test, ast.Compare)
        and isinstance(node.test.left, ast.Name)
        and node.test.left.id == name
        and isinstance(node.test.ops[0], ast.Is)
        and isinstance(node.test.comparators[0], ast.Constant)
        and node.test.comparators[0].value is None
    ]
    return all(
        any(body[0].lineno <= b.line <= (body[-1].end_lineno or 0) for body in branches)
        for b in function.bindings.get(name, [])
    )


def _has_literal(function: Function) -> bool:
    """`if found and False:`: code that has been switched off by hand."""
    return any(
        isinstance(side, ast.Constant) and side.value is not True
        for test in function.tests
        for side in (test.values if isinstance(test, ast.BoolOp) else [test])
    )


def _around(function: Function) -> Iterator[Function]:
    scope = function.parent
    while scope is not None:
        if isinstance(scope, Function):
            yield scope
        scope = scope.parent


def _within(function: Function) -> Iterator[Function]:
    for inner in function.functions.values():
        yield inner
        yield from _within(inner)


def _lookup(function: Function, held: Given) -> Mapping[str, object]:
    """The names that a function can read, with their values."""
    found: dict[str, object] = {}
    hidden: set[str] = set()
    for one in (function, *_around(function)):
        own = {
            fact.name: SOMETHING if fact.kind == _NOT_NONE else fact.value
            for fact in held
            if fact.function is one and fact.name not in hidden
        }
        found.update(own)
        hidden |= {p.name for p in one.parameters} | one.bindings.keys()
    return found
