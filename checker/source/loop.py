"""Which functions run on the event loop, and which while a request is being answered.

Roots are what FastAPI awaits itself; everything that they call directly runs there too, also plain `def` helpers.
What is handed to a thread is a reference and not a call, so it stays away by itself.
"""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from checker.source.framework import Framework, function_of
from checker.source.model import Call, Function
from checker.source.names import Names

_STREAMS = frozenset({"fastapi.responses.StreamingResponse", "fastapi.concurrency.iterate_in_threadpool"})
_HARMLESS = frozenset({
    "builtins.staticmethod", "builtins.classmethod", "builtins.property", "functools.cache", "functools.lru_cache",
    "functools.cached_property", "functools.wraps", "contextlib.contextmanager", "contextlib.asynccontextmanager",
    "abc.abstractmethod", "typing.override", "typing.no_type_check", "typing.overload",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """How a function came to run: what it is to FastAPI, or the call that leads to it."""

    role: str
    caller: Function | None = None
    call: Call | None = None


Reach = dict[Function, Step]


def functions_on_loop(framework: Framework, names: Names) -> Reach:
    """Every function that the event loop runs while the app serves."""
    roots = _request_roots(framework)
    roots += [(f, "task started in the lifespan") for f in framework.started_tasks]
    return _spread([(f, role) for f, role in roots if f.is_async], framework, names, references=False)


def functions_in_requests(framework: Framework, names: Names) -> Reach:
    """Every function that runs because of a request, on the loop or in a thread."""
    return _spread(_request_roots(framework), framework, names, references=True)


def _request_roots(framework: Framework) -> list[tuple[Function, str]]:
    """What FastAPI itself calls because of a request, each with its role."""
    roots: list[tuple[Function, str]] = [
        (o.function, f"path operation `{o.label}`") for o in framework.operations
    ]
    roots += [(f, "dependency") for f in framework.dependencies]
    roots += [(f, role) for f, role in framework.middleware.items()]
    roots += [(f, "exception handler") for f in framework.exception_handlers]
    roots += [(f, "background task") for f, _ in framework.background]
    return roots


def _spread(
    roots: Iterable[tuple[Function, str]], framework: Framework, names: Names, *, references: bool
) -> Reach:
    excepted = set(framework.lifespans) | {f for _, f in framework.event_handlers if f is not None}
    reach: Reach = {}
    waiting: deque[Function] = deque()
    for function, role in roots:
        if function not in reach and function not in excepted:
            reach[function] = Step(role)
            waiting.append(function)
    while waiting:
        function = waiting.popleft()
        following = [*_called(function, names), *_wrappers(function, names)]
        if references:
            following += _handed_over(function, names)
        for callee, call in following:
            if callee not in reach and callee not in excepted:
                reach[callee] = Step("", function, call)
                waiting.append(callee)
    return reach


def _called(function: Function, names: Names) -> Iterable[tuple[Function, Call | None]]:
    streamed = {id(c.node) for c in function.calls if c.target in _STREAMS}
    for call in function.calls:
        callee = call.callee
        if callee is None:
            continue
        if callee.is_generator and not callee.is_async and id(call.argument_of) in streamed:
            continue  # Starlette iterates a plain generator in a thread.
        if call.awaited and not callee.is_async and _is_transformed(callee, names):
            continue
        if not callee.parameters and _runs_once(callee, names):
            continue
        yield callee, call


def _is_transformed(function: Function, names: Names) -> bool:
    """Whether a decorator that is not known may have made something awaitable of a plain function."""
    scope = function.parent or function.module.scope
    for decorator in function.decorators:
        plain = decorator.func if isinstance(decorator, ast.Call) else decorator
        if names.qualify(plain, scope) not in _HARMLESS:
            return True
    return False


def _runs_once(function: Function, names: Names) -> bool:
    """A cached function without parameters, `get_settings`: the second call does nothing."""
    scope = function.parent or function.module.scope
    plain = [d.func if isinstance(d, ast.Call) else d for d in function.decorators]
    return any(names.qualify(d, scope) in {"functools.cache", "functools.lru_cache"} for d in plain)


def _wrappers(function: Function, names: Names) -> Iterable[tuple[Function, Call | None]]:
    """The project's own decorators: what they define around the function runs with it."""
    scope = function.parent or function.module.scope
    for decorator in function.decorators:
        plain = decorator.func if isinstance(decorator, ast.Call) else decorator
        value = names.evaluate(plain, scope)
        if value is None or not isinstance(value.item, Function) or not function.is_async:
            continue
        for inner in _nested(value.item):
            if inner.is_async:
                yield inner, None


def _nested(function: Function) -> Iterable[Function]:
    for inner in function.functions.values():
        yield inner
        yield from inner.functions.values()


def _handed_over(function: Function, names: Names) -> Iterable[tuple[Function, Call | None]]:
    for call in function.calls:
        for argument in [*call.node.args, *(k.value for k in call.node.keywords)]:
            if isinstance(argument, (ast.Name, ast.Attribute, ast.Lambda)):
                target = function_of(argument, function, names)
                if target is not None and target.name.rpartition(".")[2] != "__call__":
                    yield target, call
