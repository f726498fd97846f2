"""From one function to the next: what runs with it, what it hands on, and what only the first call runs."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from checker.source.framework import function_of
from checker.source.model import Call, Function
from checker.source.names import Names
from checker.source.once import once_lines

Edge = tuple[Function, Call | None]

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
_INLINE = frozenset({"builtins.map", "builtins.filter", "builtins.sorted", "builtins.min", "builtins.max"})
_RUNNERS = frozenset({
    "asyncio.run", "anyio.run", "uvloop.run", "asyncio.Runner.run", "trio.run", "asyncer.runnify",
})  # fmt: skip
_ENQUEUING = frozenset({"huey.Huey.task", "huey.RedisHuey.task", "huey.SqliteHuey.task"})


class Edges:
    """Answers about one project; every answer is remembered."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._once: dict[Function, list[tuple[int, int]]] = {}
        self._handed: dict[Function, list[tuple[Function, Call]]] = {}
        self._decorators: dict[Function, list[str]] = {}

    def called(self, function: Function) -> Iterator[Edge]:
        """The project's functions that run when a function does."""
        for call in function.calls:
            for callee in call.callees:
                if self.runs_with(call, callee):
                    yield callee, call
        yield from self._wrappers(function)

    def runs_with(self, call: Call, callee: Function) -> bool:
        """Whether calling a function of the project runs its body there and then."""
        if callee.is_generator and not callee.is_async and self._is_streamed(call):
            return False  # Starlette iterates a plain generator in a thread.
        if callee.is_async:
            # `asyncio.run(work())` has a loop of its own.
            return call.argument_of is None or not is_runner(call.argument_of, call, self._names)
        if not callee.decorators:
            return True
        decorators = self.decorators(callee)
        if call.awaited and any(name not in HARMLESS for name in decorators):
            return False  # A decorator that is not known may have made something awaitable of it.
        if not callee.parameters and self.is_remembered(callee):
            return False  # `get_settings`: the second call does nothing.
        return not self._is_moved(callee)

    def is_remembered(self, function: Function) -> bool:
        """Whether what a function gives is kept by its arguments, so that it runs once for each of them."""
        return bool({"functools.cache", "functools.lru_cache"} & set(self.decorators(function)))

    def runs_once(self, call: Call) -> bool:
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

    def kept_on_loop(self, function: Function) -> Iterator[Edge]:
        """What runs on the loop without being called: callbacks, coroutines that are handed on or defined inside."""
        for inner in function.functions.values():
            if inner.is_async:
                yield inner, None
        for target, call in self.handed_over(function):
            name = call.node.func.attr if isinstance(call.node.func, ast.Attribute) else ""
            if target.is_async or call.target in _INLINE or name in _CALLBACKS:
                yield target, call

    def decorators(self, function: Function) -> list[str]:
        """Canonical names of a function's decorators, empty where they could not be told."""
        if function not in self._decorators:
            scope = function.parent or function.module.scope
            self._decorators[function] = [self._names.qualify(_plain(d), scope) for d in function.decorators]
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

    def _is_moved(self, function: Function) -> bool:
        """A decorator that puts the function on a queue, or hands it to a thread and never calls it itself."""
        if any(name in _ENQUEUING for name in self.decorators(function)):
            return True
        return any(_hands_on(decorator) for decorator in self.own_decorators(function))

    def own_decorators(self, function: Function) -> Iterator[Function]:
        """A function's decorators that are functions of the project."""
        scope = function.parent or function.module.scope
        for decorator in function.decorators:
            value = self._names.evaluate(_plain(decorator), scope)
            if value is not None and isinstance(value.item, Function):
                yield value.item

    def _wrappers(self, function: Function) -> Iterator[Edge]:
        """The project's own decorators: what they define around the function runs with it."""
        for decorator in self.own_decorators(function):
            for inner in _nested(decorator):
                # A plain wrapper around a coroutine returns it; around a plain function it runs where that does.
                if inner.is_async == function.is_async:
                    yield inner, None


def is_runner(node: ast.Call, call: Call, names: Names) -> bool:
    """Whether a call runs the coroutine that it is given on another loop than the server's."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    return name == "run_until_complete" or names.qualify(node.func, call.scope) in _RUNNERS


def _hands_on(decorator: Function) -> bool:
    """Whether a decorator's wrapper gives the function to something else and does not call it."""
    inner = _nested(decorator)
    held = {p.name for f in [decorator, *inner] for p in f.parameters}
    given = False
    for function in inner:
        for call in function.calls:
            if isinstance(call.node.func, ast.Name) and call.node.func.id in held:
                return False
            targets = [k.value for k in call.node.keywords if k.arg in {"target", "func", "fn"}]
            given = given or any(
                isinstance(a, ast.Name) and a.id in held for a in [*call.node.args, *targets]
            )
    return given


def _nested(function: Function) -> list[Function]:
    found: list[Function] = []
    for inner in function.functions.values():
        found += [inner, *inner.functions.values()]
    return found


def _plain(decorator: ast.expr) -> ast.expr:
    return decorator.func if isinstance(decorator, ast.Call) else decorator
