"""Which apps and routers an expression may stand for: through names, attributes, factories, parameters and loops.

An app or a router is known by the call that makes it.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from checker.source.declaring import ROUTERS, function_of
from checker.source.displays import Displays, Element
from checker.source.framework import APPS
from checker.source.model import Binding, BindingKind, Call, Class, Function, Module, Parameter, Scope
from checker.source.names import Names
from checker.source.values import Value

MAX_DEPTH = 40


@dataclass(frozen=True, slots=True)
class Traced:
    """What an expression may stand for."""

    parts: frozenset[Call] = frozenset()
    foreign: frozenset[str] = frozenset()
    """Canonical names of what a library made."""
    unknown: bool = False
    """It may also be something that could not be followed."""

    def __or__(self, other: Traced) -> Traced:
        return Traced(self.parts | other.parts, self.foreign | other.foreign, self.unknown or other.unknown)


_NOTHING = Traced()
_UNKNOWN = Traced(unknown=True)


@dataclass(slots=True)
class _Known:
    """What is looked up again and again."""

    calls: dict[int, Call] = field(default_factory=dict)
    callers: dict[Function, list[Call]] = field(default_factory=dict)
    makers: dict[Class, list[Call]] = field(default_factory=dict)
    lifespans: dict[Function, set[Call]] = field(default_factory=dict)
    """Functions that get the app itself, because they are its lifespan."""
    packages: set[str] = field(default_factory=set)


class Parts:
    """Follows expressions to the calls that make apps and routers; every answer is remembered."""

    def __init__(self, modules: Iterable[Module], names: Names) -> None:
        self._names = names
        self._known = _Known()
        self._answers: dict[int, Traced] = {}
        self._given: dict[tuple[Function, str], Traced] = {}
        self._depth = 0
        self._displays = Displays(names, self._containers_given)
        self.made: list[Call] = []
        """Every call that makes an app or a router, in the order of the files."""
        for module in modules:
            self._known.packages.update(module.name.split("."))
            for call in module.calls:
                self._known.calls[id(call.node)] = call
                if module.is_test:
                    continue
                self._displays.note(call)
                if call.callee is not None:
                    self._known.callers.setdefault(call.callee, []).append(call)
                value = names.evaluate(call.node.func, call.scope)
                if value is None or value.instance or not names.is_a(value, *ROUTERS):
                    continue
                self.made.append(call)
                if isinstance(value.item, Class):
                    for step in names.lineage(value.item)[0]:
                        self._known.makers.setdefault(step, []).append(call)
                lifespan = function_of(call.keyword("lifespan"), call.scope, names)
                if lifespan is not None:
                    self._known.lifespans.setdefault(lifespan, set()).add(call)

    def call_of(self, node: ast.Call) -> Call | None:
        """The call behind a node."""
        return self._known.calls.get(id(node))

    def is_app(self, part: Call) -> bool:
        """Whether a part is an app and not a router."""
        return self._names.is_a(self._names.evaluate(part.node.func, part.scope), *APPS)

    def kept_as(self, part: Call) -> set[str]:
        """The names under which a part can be asked for: its variable, its attribute, the function that makes it."""
        found: set[str] = set()
        statement = part.statement
        targets: list[ast.expr] = []
        if isinstance(statement, ast.Assign):
            targets = list(statement.targets)
        elif isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        for target in targets:
            if isinstance(target, ast.Attribute):
                found.add(target.attr)
            elif isinstance(target, ast.Name):
                found.add(target.id)
        if isinstance(part.scope, Function):
            names = {target.id for target in targets if isinstance(target, ast.Name)}
            handed_back = [r.value for r in part.scope.returns]
            if part.node in handed_back or any(
                isinstance(v, ast.Name) and v.id in names for v in handed_back
            ):
                found.add(part.scope.name.rpartition(".")[2])
            for store in part.scope.stores:
                if isinstance(store.value, ast.Name) and store.value.id in names:
                    found.add(store.attribute)
        return found

    def trace(self, expression: ast.expr, scope: Scope) -> Traced:
        """The apps and routers that an expression may stand for."""
        key = id(expression)
        if key in self._answers:
            return self._answers[key]
        if self._depth > MAX_DEPTH:
            return _UNKNOWN
        # What leads back to itself adds nothing.
        self._answers[key] = _NOTHING
        self._depth += 1
        try:
            found = self._trace(expression, scope)
        finally:
            self._depth -= 1
        self._answers[key] = found
        return found

    def _trace(self, expression: ast.expr, scope: Scope) -> Traced:
        match expression:
            case ast.Await() | ast.NamedExpr():
                return self.trace(expression.value, scope)
            case ast.IfExp():
                return self.trace(expression.body, scope) | self.trace(expression.orelse, scope)
            case ast.BoolOp():
                return _union(self.trace(value, scope) for value in expression.values)
            case ast.Constant(value=None):
                return _NOTHING
            case ast.Name():
                return self._name(expression, scope)
            case ast.Attribute():
                return self._attribute(expression, scope)
            case ast.Call():
                return self._call(expression, scope)
            case ast.Subscript():
                return self._each(self._displays.member(expression, scope))
        return _UNKNOWN

    def _each(self, elements: list[Element] | None) -> Traced:
        return _UNKNOWN if elements is None else _union(self.trace(e, where) for e, where in elements)

    def _name(self, expression: ast.Name, scope: Scope) -> Traced:
        variable = self._names.variable(expression, scope)
        if variable is not None and variable.bindings:
            return self._bound(variable.bindings, variable.module.scope)
        current: Scope | None = scope
        while current is not None:
            found = current.bindings.get(expression.id, [])
            parameter = current.parameter(expression.id) if isinstance(current, Function) else None
            if found or parameter is not None:
                given = (
                    self._parameter(parameter, current)
                    if parameter is not None and isinstance(current, Function)
                    else _NOTHING
                )
                return given | self._bound(found, current)
            current = current.parent
        return self._foreign(self._names.evaluate(expression, scope))

    def _bound(self, bindings: Iterable[Binding], scope: Scope) -> Traced:
        found = _NOTHING
        for binding in bindings:
            if binding.part is not None:
                found |= self._each(self._displays.parts(binding.part, scope))
            elif binding.value is None:
                if binding.annotation is None:
                    found |= _UNKNOWN
            elif binding.kind is BindingKind.LOOP:
                found |= self._each(self.elements(binding.value, scope))
            else:
                found |= self.trace(binding.value, scope)
        return found

    def elements(self, expression: ast.expr, scope: Scope) -> list[Element] | None:
        """The members of a container that is written out; None where it is not."""
        return self._displays.elements(expression, scope)

    def _parameter(self, parameter: Parameter, function: Function) -> Traced:
        key = (function, parameter.name)
        if key not in self._given:
            self._given[key] = _NOTHING
            self._given[key] = self._given_to(parameter, function)
        return self._given[key]

    def _given_to(self, parameter: Parameter, function: Function) -> Traced:
        """What the callers hand over for a parameter."""
        if parameter.variadic:
            return _UNKNOWN
        bound_first = self._is_bound(function)
        if bound_first and function.parameters[0] is parameter and function.owner is not None:
            return Traced(frozenset(self._known.makers.get(function.owner, [])))
        callers = self._known.callers.get(function, [])
        position = function.parameters.index(parameter) - (1 if bound_first else 0)
        found = Traced(frozenset(self._known.lifespans.get(function, ()) if position == 0 else ()))
        if not callers and not found.parts:
            return _UNKNOWN
        for caller in callers:
            argument = caller.argument(position, parameter.name)
            if argument is not None:
                found |= self.trace(argument, caller.scope)
            elif any(k.arg is None for k in caller.node.keywords) or any(
                isinstance(a, ast.Starred) for a in caller.node.args
            ):
                found |= _UNKNOWN
            elif parameter.default is not None:
                found |= self.trace(parameter.default, function)
        return found

    def _containers_given(self, name: str, function: Function) -> list[Element] | None:
        """The members of what all callers hand over for a parameter: `include_all(app, [tools.router])`."""
        parameter = function.parameter(name)
        callers = self._known.callers.get(function, [])
        if parameter is None or not callers:
            return None
        is_rest = parameter.variadic
        if is_rest and (function.node.args.vararg is None or function.node.args.vararg.arg != name):
            return None
        position = function.parameters.index(parameter) - (1 if self._is_bound(function) else 0)
        found: list[Element] = []
        for caller in callers:
            if is_rest:
                rest = ast.Tuple(elts=caller.node.args[position:], ctx=ast.Load())
                members = self.elements(self._displays.keep(rest), caller.scope)
            else:
                argument = caller.argument(position, name) or parameter.default
                members = self.elements(argument, caller.scope) if argument is not None else None
            if members is None:
                return None
            found += members
        return found

    def _is_bound(self, function: Function) -> bool:
        return function.owner is not None and not any(
            self._names.qualify(d, function.owner) == "builtins.staticmethod" for d in function.decorators
        )

    def _attribute(self, expression: ast.Attribute, scope: Scope) -> Traced:
        if self._displays.means_member(expression.value, scope):
            # `for shop in (garden, desk): app.include_router(shop.router)`
            listed = self._displays.member(expression.value, scope)
            own = [(ast.Attribute(value=e, attr=expression.attr, ctx=ast.Load()), w) for e, w in listed or ()]
            kept = [(self._displays.keep(node), where) for node, where in own]
            return self._each(kept if listed is not None else None)
        variable = self._names.variable(expression, scope)
        if variable is not None and variable.bindings:
            return self._bound(variable.bindings, variable.module.scope)
        owner = self._names.evaluate(expression.value, scope)
        if owner is not None and isinstance(owner.item, Class):
            found = self._member(owner.item, expression.attr)
            if found is not None:
                return found
        if expression.attr == "router" and self._names.is_a(owner, *APPS):
            return self.trace(expression.value, scope)
        return self._foreign(self._names.evaluate(expression, scope))

    def _member(self, made: Class, attribute: str) -> Traced | None:
        for step in self._names.lineage(made)[0]:
            written = [(b, step) for b in step.bindings.get(attribute, [])]
            stored = step.attributes.get(attribute, [])
            if written or stored:
                return _union(self._bound([b], scope) for b, scope in [*written, *stored])
            if attribute in step.functions:
                return self._returned(step.functions[attribute])
        return None

    def _returned(self, function: Function) -> Traced:
        if function.is_generator:
            return _UNKNOWN
        return _union(self.trace(r.value, function) for r in function.returns if r.value is not None)

    def _read_by_name(self, expression: ast.Call, scope: Scope) -> Traced | None:
        """`getattr(module, "router", None)`, also where `module` is one of several; None for every other call."""
        if not (
            isinstance(expression.func, ast.Name)
            and expression.func.id == "getattr"
            and len(expression.args) > 1
        ):
            return None
        holder, name = expression.args[:2]
        if not (isinstance(name, ast.Constant) and isinstance(name.value, str)):
            return None
        held = (
            self._displays.member(holder, scope)
            if self._displays.means_member(holder, scope)
            else [(holder, scope)]
        )
        found: list[tuple[ast.expr, Scope]] = []
        for element, where in held or ():
            owner = self._names.evaluate(element, where)
            if not (len(expression.args) > 2 and owner is not None and self._lacks(owner, name.value)):
                own = ast.Attribute(value=element, attr=name.value, ctx=ast.Load())
                found.append((self._displays.keep(own), where))
        return self._each(found if held is not None else None)

    def _lacks(self, owner: Value, name: str) -> bool:
        """Whether a module of the project has no such name, so that a default is taken."""
        return isinstance(owner.item, Module) and self._names.member(owner, name) is None

    def _call(self, expression: ast.Call, scope: Scope) -> Traced:
        read = self._read_by_name(expression, scope)
        if read is not None:
            return read
        value = self._names.evaluate(expression.func, scope)
        call = self.call_of(expression)
        if value is None:
            return _UNKNOWN
        if not value.instance and self._names.is_a(value, *ROUTERS):
            return Traced(frozenset({call})) if call is not None else _UNKNOWN
        return _union(self._given_by(one) for one in value.possibilities)

    def _given_by(self, value: Value) -> Traced:
        """What calling something gives."""
        if isinstance(value.item, Function):
            return self._returned(value.item)
        if isinstance(value.item, Class):
            theirs = self._names.lineage(value.item)[1]
            return Traced(foreign=frozenset(theirs)) if theirs else _UNKNOWN
        return self._foreign(value)

    def _foreign(self, value: Value | None) -> Traced:
        if value is None or value.item is not None or not value.name:
            return _UNKNOWN
        if value.instance and value.name in ROUTERS:
            # Of a library's class, and nobody knows where it was made.
            return _UNKNOWN
        # A name below one of the project's own packages is a module that could not be read; what Python's own library gives
        # (`import_module(...).router`, `getattr(...)`) may be anything.
        first = value.name.partition(".")[0]
        if first in self._known.packages or first in sys.stdlib_module_names or first == "builtins":
            return _UNKNOWN
        return Traced(foreign=frozenset({value.name}))


def _union(found: Iterable[Traced]) -> Traced:
    whole = _NOTHING
    for one in found:
        whole |= one
    return whole


def text_of(expression: ast.expr | None, scope: Scope, names: Names) -> str:
    """A path as far as it is written; what cannot be read stands in angle brackets: `<HEALTH_PATH>`."""
    match expression:
        case None:
            return ""
        case ast.Constant():
            return expression.value if isinstance(expression.value, str) else ""
        case ast.JoinedStr():
            return "".join(text_of(value, scope, names) for value in expression.values)
        case ast.FormattedValue():
            return text_of(expression.value, scope, names)
        case ast.BinOp(op=ast.Add()):
            return text_of(expression.left, scope, names) + text_of(expression.right, scope, names)
        case ast.Attribute(attr="value"):
            return text_of(expression.value, scope, names)
        case ast.Name() | ast.Attribute():
            written = next(_constants(expression, scope, names), None)
            last = expression.attr if isinstance(expression, ast.Attribute) else expression.id
            return written if written is not None else f"<{last}>"
    return "<>"


def _constants(expression: ast.Name | ast.Attribute, scope: Scope, names: Names) -> Iterator[str]:
    variable = names.variable(expression, scope)
    bindings = list(variable.bindings) if variable is not None else []
    if not bindings and isinstance(expression, ast.Attribute):
        owner = names.evaluate(expression.value, scope)
        if owner is not None and isinstance(owner.item, Class):
            bindings = owner.item.bindings.get(expression.attr, [])
    elif not bindings and isinstance(expression, ast.Name):
        bindings = scope.bindings.get(expression.id, [])
    if len(bindings) == 1:
        value = bindings[0].value
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield value.value
