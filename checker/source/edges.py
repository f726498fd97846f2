"""From one function to the next: what runs with it, what it hands on, and what only the first call runs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from checker.source.constants import NOTHING, Constants, Given
from checker.source.declaring import function_of
from checker.source.decorating import calls_what_it_decorates, gives_back, hands_on, nested, registers
from checker.source.model import Call, Class, Function, Place, Scope
from checker.source.names import Names
from checker.source.off_loop import off_loop
from checker.source.once import is_made_once, once_lines
from checker.source.properties import Access, Properties
from checker.source.written import uncalled

_STREAMS = frozenset({
    "fastapi.responses.StreamingResponse", "fastapi.concurrency.iterate_in_threadpool",
    "sse_starlette.sse.EventSourceResponse", "sse_starlette.EventSourceResponse",
})  # fmt: skip
HARMLESS = frozenset({
    "builtins.staticmethod", "builtins.classmethod", "builtins.property", "functools.cache", "functools.lru_cache",
    "functools.cached_property", "functools.wraps", "contextlib.contextmanager", "contextlib.asynccontextmanager",
    "abc.abstractmethod", "typing.override", "typing.no_type_check", "typing.overload",
})  # fmt: skip
"""Decorators that leave a function what it is."""
_CALLBACKS = frozenset(
    {"call_soon", "call_later", "call_at", "call_soon_threadsafe", "add_done_callback", "start_soon", "start"}
)
_INLINE = frozenset({
    "builtins.map", "builtins.filter", "builtins.sorted", "builtins.min", "builtins.max", "functools.reduce",
})  # fmt: skip
_MAKING = (".__init__", ".__post_init__", ".__new__")
_NO_CALLBACKS = frozenset({"__init__", "__call__"})
_RUNNERS = frozenset({
    "asyncio.run", "anyio.run", "uvloop.run", "asyncio.Runner.run", "trio.run", "asyncer.runnify",
})  # fmt: skip
_ON_THE_LOOP = frozenset(
    {"asyncio", "anyio", "trio", "fastapi", "starlette", "apscheduler", "builtins", "functools"}
)
_WHEN = frozenset({"interval", "delay", "cron", "trigger", "every", "run_once", "run_at"})
"""Arguments that say when work is to be done."""
_ENQUEUING = frozenset({"huey.Huey.task", "huey.RedisHuey.task", "huey.SqliteHuey.task"})


@dataclass(frozen=True, slots=True)
class Edge:
    """What a run of a function leads to; the call is missing where none is written, as for a decorator's wrapper."""

    callee: Function
    call: Call | Access | None
    given: Given


class Edges:
    """Answers about one project; every answer is remembered."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._constants = Constants(names, self.decorators, HARMLESS)
        self._properties = Properties(names)
        self._once: dict[Function, list[tuple[int, int]]] = {}
        self._single: dict[Class, bool] = {}
        self._handed: dict[Function, list[tuple[Function, Call]]] = {}
        self._decorators: dict[Function, list[str]] = {}
        self._off_loop: dict[Function, frozenset[int]] = {}
        self._calling: dict[Function, list[tuple[int, Call]]] = {}
        """Where a function calls what it was given itself, each with the position of the parameter."""

    def called(self, function: Function, given: Given = NOTHING) -> Iterator[Edge]:
        """The project's functions that run when a function does, where `given` is constant in it."""
        dead = self._constants.dead(function, given)
        for call in function.calls:
            if call.target in _INLINE and id(call.node) not in dead:
                for target in self._given(call):
                    yield Edge(target, call, self._constants.inherited(target, given))
            if call.callees and id(call.node) not in dead:
                for callee in call.callees:
                    if callee.is_generator and not callee.is_async and self._is_begun(call):
                        yield from self._beginning(callee, call)
                    elif self.runs_with(call, callee):
                        yield Edge(callee, call, self._constants.given(call, callee, given))
                        for target in self._called_back(call, callee, given):
                            yield Edge(target, call, self._constants.inherited(target, given))
        for access in self._properties.read_in(function):
            if id(access.node) not in dead:
                for callee in access.callees:
                    yield Edge(callee, access, NOTHING)
        yield from self._wrappers(function)

    def happens(self, node: ast.AST, function: Function, given: Given) -> bool:
        """Whether a run of a function can come to a node of it."""
        return id(node) not in self._constants.dead(function, given)

    def may_be_on_loop(self, node: ast.AST, function: Function) -> bool:
        """Whether a node is more than what a function does where no loop runs."""
        if function not in self._off_loop:
            self._off_loop[function] = off_loop(function)
        return id(node) not in self._off_loop[function]

    def runs_with(self, call: Call, callee: Function) -> bool:
        """Whether calling a function of the project runs its body there and then."""
        if callee.is_generator and not callee.is_async and self._is_streamed(call):
            return False  # Starlette iterates a plain generator in a thread.
        if callee.is_async:
            # `asyncio.run(work())` has a loop of its own.
            return call.argument_of is None or not is_runner(call.argument_of, call, self._names)
        if callee.owner is not None and callee.name.endswith(_MAKING) and self._is_made_once(call):
            return False
        if not callee.decorators:
            return True
        decorators = self.decorators(callee)
        if call.awaited and any(name not in HARMLESS for name in decorators):
            # A decorator that is not known may have made something awaitable of it.
            return self.made_async(callee)
        if not callee.parameters and self.is_remembered(callee):
            return False  # `get_settings`: the second call does nothing.
        return not self._is_moved(callee)

    def _is_made_once(self, call: Call) -> bool:
        """Whether a call makes the only object of its class, which the second call gives again."""
        value = self._names.evaluate(call.node.func, call.scope)
        made = value.item if value is not None and not value.instance else None
        if not isinstance(made, Class):
            return False
        if made not in self._single:
            self._single[made] = is_made_once(made, self._names)
        return self._single[made]

    def is_remembered(self, function: Function) -> bool:
        """Whether what a function gives is kept by its arguments, so that it runs once for each of them."""
        return bool({"functools.cache", "functools.lru_cache"} & set(self.decorators(function)))

    def runs_once(self, call: Place) -> bool:
        """Whether only the first call of its function in the life of the process comes to a call."""
        function = call.function
        if function is None:
            return False
        if function not in self._once:
            self._once[function] = once_lines(function)
        return any(first <= call.line <= last for first, last in self._once[function])

    def handed_over(self, function: Function) -> list[tuple[Function, Call]]:
        """The project's functions that a function gives to others as arguments."""
        if function not in self._handed:
            self._handed[function] = [
                (target, call)
                for call in function.calls
                for argument in [*call.node.args, *(k.value for k in call.node.keywords)]
                if isinstance(argument, (ast.Name, ast.Attribute, ast.Lambda))
                and (target := function_of(argument, function, self._names)) is not None
                and target.name.rpartition(".")[2] != "__call__"
            ]
        return self._handed[function]

    def handed_on(self, function: Function, given: Given) -> Iterator[Edge]:
        """The same as edges, for runs in which something is constant."""
        for target, call in self.handed_over(function):
            if self.happens(call.node, function, given):
                yield Edge(target, call, self._constants.inherited(target, given))

    def kept_on_loop(self, function: Function, given: Given = NOTHING) -> Iterator[Edge]:
        """What runs on the loop without being called: callbacks, coroutines that are handed on or defined inside."""
        for inner in function.functions.values():
            if inner.is_async and self.happens(inner.node, function, given):
                yield Edge(inner, None, self._constants.inherited(inner, given))
        for edge in self.handed_on(function, given):
            target, call = edge.callee, edge.call
            if not isinstance(call, Call) or is_timer(call):
                continue
            name = call.node.func.attr if isinstance(call.node.func, ast.Attribute) else ""
            if target.is_async or name in _CALLBACKS:
                yield edge

    def decorators(self, function: Function) -> list[str]:
        """Canonical names of a function's decorators, empty where they could not be told."""
        if function not in self._decorators:
            scope = function.parent or function.module.scope
            self._decorators[function] = [
                self._names.qualify(uncalled(d), scope) for d in function.decorators
            ]
        return self._decorators[function]

    def _is_streamed(self, call: Call) -> bool:
        """Whether the generator that a call makes is given to a response, directly or through a name."""
        scope = call.scope
        if call.argument_of is not None and self._names.qualify(call.argument_of.func, scope) in _STREAMS:
            return True
        statement = call.statement
        if not (isinstance(statement, ast.Assign) and statement.value is call.node):
            return False
        given = {t.id for t in statement.targets if isinstance(t, ast.Name)}
        return any(
            isinstance(argument, ast.Name) and argument.id in given
            for other in scope.calls
            if other.target in _STREAMS
            for argument in [*other.node.args, *(k.value for k in other.node.keywords)]
        )

    def _is_begun(self, call: Call) -> bool:
        """`next(get_db())`, `gen = get_db(); db = next(gen)`: the generator comes to its first `yield`, and no further."""
        scope = call.scope
        if call.argument_of is not None:
            return self._names.qualify(call.argument_of.func, scope) == "builtins.next"
        statement = call.statement
        if not (isinstance(statement, ast.Assign) and statement.value is call.node):
            return False
        given = {t.id for t in statement.targets if isinstance(t, ast.Name)}
        used = [
            node
            for node in ast.walk(scope.node)
            if isinstance(node, ast.Name) and node.id in given and isinstance(node.ctx, ast.Load)
        ]
        stepped = {id(a) for c in scope.calls if c.target == "builtins.next" for a in c.node.args[:1]}
        closed = {
            id(node.value)
            for node in ast.walk(scope.node)
            if isinstance(node, ast.Attribute) and node.attr == "close"
        }
        return len(stepped & {id(n) for n in used}) == 1 and all(id(n) in stepped | closed for n in used)

    def _beginning(self, callee: Function, call: Call) -> Iterator[Edge]:
        """What a generator calls before its first `yield`, as if it were written at the call."""
        first = min((y.lineno for y in callee.yields), default=0)
        for inner in callee.calls:
            if inner.line <= first:
                for target in inner.callees:
                    if self.runs_with(inner, target):
                        yield Edge(target, call, NOTHING)

    def made_async(self, function: Function) -> bool:
        """Whether a decorator of the project makes a coroutine of a plain function that calls it on the loop."""
        if function.is_async or not function.decorators:
            return False
        return any(
            inner.is_async and calls_what_it_decorates(inner)
            for decorator in self.own_decorators(function)
            for inner in nested(decorator)
        )

    def _called_back(self, call: Call, callee: Function, given: Given) -> Iterator[Function]:
        """`retry(fetch)`: the plain functions which a call hands over and which the function itself calls."""
        if not (call.node.args or call.node.keywords):
            return
        if callee not in self._calling:
            held = {p.name: n for n, p in enumerate(callee.parameters) if not p.variadic}
            self._calling[callee] = [
                (held[c.node.func.id], c)
                for c in callee.calls
                if isinstance(c.node.func, ast.Name) and c.node.func.id in held and not c.awaited
                if c.node.func.id not in callee.bindings
            ]
        run = self._constants.given(call, callee, given) if self._calling[callee] else NOTHING
        for position in sorted({n for n, c in self._calling[callee] if self.happens(c.node, callee, run)}):
            name = callee.parameters[position].name
            is_bound = callee.owner is not None and "builtins.staticmethod" not in self.decorators(callee)
            argument = call.argument(position - is_bound, name) if position >= is_bound else None
            if argument is not None:
                yield from self._plain(argument, call)

    def _given(self, call: Call) -> Iterator[Function]:
        """The plain functions that a call is given: `sorted(tools, key=price)`."""
        for argument in [*call.node.args, *(k.value for k in call.node.keywords)]:
            yield from self._plain(argument, call)

    def _plain(self, argument: ast.expr, call: Call) -> Iterator[Function]:
        if isinstance(argument, (ast.Name, ast.Attribute, ast.Lambda)):
            target = function_of(argument, call.scope, self._names)
            if (
                target is not None
                and not target.is_async
                and target.name.rpartition(".")[2] not in _NO_CALLBACKS
            ):
                yield target

    def _is_moved(self, function: Function) -> bool:
        """A decorator that puts the function on a queue, or hands it to a thread and never calls it itself."""
        if any(name in _ENQUEUING for name in self.decorators(function)):
            return True
        return any(hands_on(decorator) for decorator in self.own_decorators(function))

    def is_registered(self, function: Function) -> bool:
        """Whether a decorator may have given the function to somebody who calls it."""
        own = {id(node): decorator for decorator, node in self._own_decorators(function)}
        return any(
            registers(own[id(node)]) if id(node) in own else name and name not in HARMLESS
            for node, name in zip(function.decorators, self.decorators(function), strict=True)
        )

    def own_decorators(self, function: Function) -> Iterator[Function]:
        """A function's decorators that are functions of the project."""
        return (decorator for decorator, _ in self._own_decorators(function))

    def _own_decorators(self, function: Function) -> Iterator[tuple[Function, ast.expr]]:
        scope = function.parent or function.module.scope
        for decorator in function.decorators:
            value = self._names.evaluate(uncalled(decorator), scope)
            if value is not None and isinstance(value.item, Function):
                yield value.item, decorator

    def _wrappers(self, function: Function) -> Iterator[Edge]:
        """The project's own decorators: what they define around the function runs with it."""
        for decorator, node in self._own_decorators(function):
            for inner in nested(decorator):
                if gives_back(inner):
                    continue
                # A plain wrapper around a coroutine returns it; around a plain function it runs where that does.
                if inner.is_async == function.is_async or (inner.is_async and self.made_async(function)):
                    yield Edge(inner, None, self._constants.captured(node, decorator))


def is_runner(node: ast.Call, call: Call, names: Names) -> bool:
    """Whether a call runs the coroutine that it is given on another loop than the server's."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    if name in _GIVEN_LOOP and isinstance(node.func, ast.Attribute):
        loop = node.func.value if name == "create_task" else call_argument(node, 1, "loop")
        return loop is not None and _is_loop_of_thread(loop, call.scope, names)
    return name == "run_until_complete" or names.qualify(node.func, call.scope) in _RUNNERS


def is_timer(call: Call) -> bool:
    """`scheduler.add_task(work, interval=60)` of a library of which nothing says that it uses the loop: such ones have threads."""
    library = call.target.partition(".")[0]
    if call.awaited or call.callees or "." not in call.target or library in _ON_THE_LOOP:
        return False
    is_async = any(mark in part.lower() for part in call.target.split(".") for mark in ("async", "aio"))
    return not is_async and any(keyword.arg in _WHEN for keyword in call.node.keywords)


_GIVEN_LOOP = frozenset({"run_coroutine_threadsafe", "create_task"})


def call_argument(node: ast.Call, position: int, name: str) -> ast.expr | None:
    """An argument given by position or by name."""
    if position < len(node.args):
        return node.args[position]
    return next((k.value for k in node.keywords if k.arg == name), None)


def _is_loop_of_thread(loop: ast.expr, scope: Scope, names: Names) -> bool:
    """Whether a loop was made by `asyncio.new_event_loop()` in a file that starts a thread, which then runs it."""
    given: list[tuple[ast.expr | None, Scope]] = []
    variable = names.variable(loop, scope)
    if variable is not None:
        given = [(b.value, variable.module.scope) for b in variable.bindings]
    elif isinstance(loop, ast.Name):
        home: Scope | None = scope
        while home is not None and loop.id not in home.bindings:
            home = home.parent
        given = [(b.value, home) for b in home.bindings[loop.id]] if home is not None else []
    elif isinstance(loop, ast.Attribute):
        owner = names.evaluate(loop.value, scope)
        if owner is not None and isinstance(owner.item, Class):
            for step in names.lineage(owner.item)[0]:
                given += [(b.value, where) for b, where in step.attributes.get(loop.attr, [])]
    return any(
        isinstance(value, ast.Call)
        and names.qualify(value.func, where) == "asyncio.new_event_loop"
        and any(c.target == "threading.Thread" for c in where.module.calls)
        for value, where in given
    )
