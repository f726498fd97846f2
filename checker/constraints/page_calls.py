"""Where the client's offset goes next: the functions that a call runs, with what it hands to each of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from checker.constraints.flow import last_name
from checker.constraints.inputs import Place, inputs_of
from checker.constraints.page_values import Given, is_holder, is_no_number, is_number, is_start_name, may_hold
from checker.constraints.sql_offsets import has_place_held
from checker.source import Call, Class, Function, Project
from checker.source.declaring import function_of

HANDS_ON = {
    "fastapi.concurrency.run_in_threadpool": 1, "asyncio.to_thread": 1, "anyio.to_thread.run_sync": 1, "functools.partial": 1,
}  # fmt: skip
"""Calls that run a function with arguments, and how many of their own come first."""
_WRAPS = frozenset(
    {"asgiref.sync.sync_to_async", "asgiref.sync.async_to_sync", "asyncer.asyncify", "asyncer.syncify"}
)

_HANDED_OUT = ("fastapi.FastAPI.", "fastapi.Request.", "starlette.")
"""What is kept on the app or on the request is of a class that nobody wrote down."""


class PageCalls:
    """Follows calls in one project, by what is known of their objects and, for the others, by name."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._methods: dict[str, list[Function]] = {}
        self._below: dict[Class, list[Class]] = {}
        for module in project.modules:
            for made in module.classes if not module.is_test else ():
                for base in project.names.lineage(made)[0]:
                    self._below.setdefault(base, []).append(made)
                for name, method in made.functions.items():
                    if not is_abstract(method):
                        self._methods.setdefault(name, []).append(method)

    def next(self, call: Call, given: Given) -> Iterator[tuple[Function, Given]]:
        """The functions that a call may run, with what it hands them, as far as their annotations allow."""
        for callee, theirs in self._next(call, given):
            yield callee, self._credible(callee, theirs)

    def _credible(self, callee: Function, theirs: Given) -> Given:
        if not theirs:
            return theirs
        names, holders = set(theirs.numbers), set(theirs.holders)
        for parameter in callee.parameters:
            known = (
                parameter.name in names or parameter.name in holders
            ) and parameter.annotation is not None
            if known and is_no_number(parameter.annotation, callee, self._project):
                names.discard(parameter.name)
            if known and not may_hold(self._project.names.parameter_type(parameter, callee), self._project):
                holders.discard(parameter.name)
        return replace(theirs, numbers=frozenset(names), holders=frozenset(holders))

    def _next(self, call: Call, given: Given) -> Iterator[tuple[Function, Given]]:
        handed = self._handed_over(call)
        if handed is not None:
            yield handed[0], handed_on(call, handed[0], given, shift=handed[1])
            return
        callee = call.callee
        if callee is not None:
            theirs = handed_on(call, callee, given)
            if last_name(call.node) in {"offset", "skip"} and has_place_held(call, given):
                # The project's own query builder.
                theirs = replace(theirs, numbers=theirs.numbers | {p.name for p in callee.parameters[1:2]})
            yield callee, theirs
        known = set(self._below.get(callee.owner, ())) if callee is not None and callee.owner else set()
        by_name = callee is None or is_abstract(callee)
        for candidate in self._injected(call) if by_name else ():
            yield candidate, handed_on(call, candidate, given)
        if callee is None and isinstance(call.node.func, ast.Name):
            # `read_page(size, offset)` of a parameter: every function that was handed in under that name.
            for candidate in call.callees:
                yield candidate, handed_on(call, candidate, given)
        known_elsewhere = call.target and not call.target.startswith(_HANDED_OUT)
        if not isinstance(call.node.func, ast.Attribute) or (callee is None and known_elsewhere):
            return
        for candidate in self._methods.get(last_name(call.node), ()):
            if candidate is callee or not (by_name or candidate.owner in known):
                continue
            theirs = handed_on(call, candidate, given)
            if not (candidate.owner in known):
                # An object of unknown type: only a parameter that is called so takes the number.
                theirs = replace(theirs, numbers=frozenset(n for n in theirs.numbers if is_start_name(n)))
            yield candidate, theirs

    def _handed_over(self, call: Call) -> tuple[Function, int] | None:
        """The function that a thread, an executor or a wrapper is given to run: `to_thread(f, skip)`, `sync_to_async(f)(skip)`."""
        names, scope = self._project.names, call.scope
        shift = HANDS_ON.get(call.target, 2 if last_name(call.node) == "run_in_executor" else 0)
        if shift and len(call.node.args) >= shift:
            callee = function_of(call.node.args[shift - 1], scope, names)
            return (callee, shift) if callee is not None else None
        wrapped = call.node.func
        if isinstance(wrapped, ast.Call) and wrapped.args and names.qualify(wrapped.func, scope) in _WRAPS:
            callee = function_of(wrapped.args[0], scope, names)
            return (callee, 0) if callee is not None else None
        return None

    def _injected(self, call: Call) -> Iterator[Function]:
        """What runs when a parameter is called whose dependency gives a function: `paginate=Depends(get_paginator)`."""
        function, called = call.function, call.node.func
        while function is not None and isinstance(called, ast.Name) and function.parameter(called.id) is None:
            function = function.parent if isinstance(function.parent, Function) else None
        if function is None or not isinstance(called, ast.Name):
            return
        names = self._project.names
        for item in inputs_of(function, self._project):
            if item.name != called.id or item.place is not Place.DEPENDENCY:
                continue
            for mark in item.metadata:
                asked = mark.args[0] if isinstance(mark, ast.Call) and mark.args else None
                maker = function_of(asked, item.scope, names)
                for given_back in maker.returns if maker is not None else ():
                    inner = function_of(given_back.value, maker, names) if maker is not None else None
                    if inner is not None:
                        yield inner

    def stored(self, function: Function, known: Given) -> Iterator[tuple[Function, Given]]:
        """The other methods of an object that a method has put the number into: `self.skip = skip`."""
        owner = function.owner
        if owner is None or not function.parameters:
            return
        own = f"{function.parameters[0].name}."
        numbers = {name.removeprefix(own) for name in known.numbers if name.startswith(own)}
        holders = {name.removeprefix(own) for name in known.holders if name.startswith(own)}
        if not (numbers or holders):
            return
        for made in {*self._project.names.lineage(owner)[0], *self._below.get(owner, ())}:
            for method in made.functions.values():
                if method is not function and method.parameters and not _is_static(method):
                    self_ = method.parameters[0].name
                    yield (
                        method,
                        Given(
                            frozenset(f"{self_}.{name}" for name in numbers),
                            frozenset(f"{self_}.{name}" for name in holders),
                        ),
                    )


def is_abstract(function: Function) -> bool:
    """A body that only says that there is one elsewhere: `...`, `pass`, `raise NotImplementedError`."""
    return not function.is_lambda and all(
        isinstance(statement, (ast.Pass, ast.Raise))
        or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
        for statement in function.body
    )


def inner_functions(function: Function) -> Iterator[Function]:
    """Functions and lambdas that stand in a function."""
    yield from function.functions.values()
    for inner in function.module.lambdas.values():
        if inner.parent is function:
            yield inner


def handed_on(call: Call, callee: Function, given: Given, *, shift: int = 0) -> Given:
    """What a call hands to the function that it runs; `shift` arguments are not for that function."""
    parameters = list(callee.parameters)
    numbers: set[str] = set()
    holders: set[str] = set()
    if callee.owner is not None and not _is_static(callee) and parameters:
        receiver = call.node.func.value if isinstance(call.node.func, ast.Attribute) else None
        if is_holder(receiver, given) and not shift:
            holders.add(parameters[0].name)
        parameters = parameters[1:]
    plain = [p for p in parameters if not p.variadic]
    open_end = next((p.name for p in reversed(parameters) if p.variadic), None)
    rest = callee.node.args.vararg.arg if callee.node.args.vararg is not None else None
    pairs: list[tuple[str, ast.expr]] = []
    for parameter, argument in zip(plain, call.node.args[shift:], strict=False):
        if isinstance(argument, ast.Starred):
            break
        pairs.append((parameter.name, argument))
    for position, argument in enumerate(call.node.args[shift:]):
        if isinstance(argument, ast.Starred):
            # `page(session, *args)`: what came in `*args` goes on in its order, to the parameters that are left.
            if is_holder(argument.value, given):
                numbers |= {p.name for p in plain[position:] if is_start_name(p.name)}
            break
        if position >= len(plain) and rest is not None and _is_start(argument, given):
            holders.add(rest)
    names = {p.name for p in plain}
    for keyword in call.node.keywords:
        if keyword.arg in names:
            pairs.append((keyword.arg or "", keyword.value))
        elif keyword.arg is None and is_holder(keyword.value, given):
            numbers |= {name for name in names if is_start_name(name)}
            holders |= {open_end} if open_end is not None else set()
        elif (
            open_end is not None
            and keyword.arg
            and is_start_name(keyword.arg)
            and is_number(keyword.value, given)
        ):
            holders.add(open_end)
    for name, argument in pairs:
        if is_number(argument, given):
            numbers.add(name)
        if is_holder(argument, given) or (
            isinstance(argument, (ast.Call, ast.Dict)) and is_number(argument, given)
        ):
            holders.add(name)
    return Given(frozenset(numbers), frozenset(holders), _switches(call, callee, pairs, given))


def _switches(
    call: Call, callee: Function, pairs: list[tuple[str, ast.expr]], given: Given
) -> frozenset[tuple[str, bool]]:
    """Which parameters of the callee are True or False for sure, by the call or by their default."""
    known = dict(given.switches)
    found: dict[str, bool] = {}
    if not any(isinstance(a, ast.Starred) for a in call.node.args) and all(k.arg for k in call.node.keywords):
        passed = {name for name, _ in pairs}
        for parameter in callee.parameters:
            default = parameter.default
            if (
                parameter.name not in passed
                and isinstance(default, ast.Constant)
                and isinstance(default.value, bool)
            ):
                found[parameter.name] = default.value
    for name, argument in pairs:
        if isinstance(argument, ast.Constant) and isinstance(argument.value, bool):
            found[name] = argument.value
        elif isinstance(argument, ast.Name) and argument.id in known:
            found[name] = known[argument.id]
    return frozenset(found.items())


def _is_start(argument: ast.expr, given: Given) -> bool:
    """A number that is called an offset where it is handed on."""
    return isinstance(argument, ast.Name) and is_start_name(argument.id) and is_number(argument, given)


def _is_static(function: Function) -> bool:
    return any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in function.decorators)


def without_parameters(given: Given, inner: Function) -> Given:
    """What an inner function sees of the function around it."""
    own = {p.name for p in inner.parameters}
    return Given(
        given.numbers - own,
        given.holders - own,
        frozenset((name, on) for name, on in given.switches if name not in own),
    )
