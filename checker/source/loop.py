"""Which functions run on the event loop, and which while a request is being answered.

Roots are what FastAPI awaits itself; everything that they call directly runs there too, also plain `def` helpers.
What is handed to a thread is a reference and not a call, so it stays away by itself. A coroutine of the service that nothing
visible calls runs on the loop as well, unless only start-up, scripts or workers can have called it.
"""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from checker.source.constants import NOTHING, Given
from checker.source.edges import Edges
from checker.source.framework import Framework
from checker.source.model import Call, Class, Function, Module
from checker.source.names import Names
from checker.source.properties import Access
from checker.source.tasks import outside_of_serving, started_coroutines
from checker.source.validating import validators_of
from checker.source.written import last_name

_MOST_RUNS = 12
"""A function that is called in more ways than this is followed once more, with nothing known."""
_ENTERED = frozenset({"__aenter__", "__aexit__"})
"""Called by name by nobody but other wrappers of the same kind; who enters an object is followed."""
UNSEEN = "function"
"""The role of a coroutine of the service of which nobody sees who calls it."""
_PLAIN_BASES = frozenset({
    "builtins", "abc", "typing", "enum", "pydantic", "pydantic_settings", "sqlalchemy", "sqlmodel", "dataclasses", "contextlib",
    "collections",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """How a function came to run: what it is to FastAPI, or the call that leads to it."""

    role: str
    caller: Function | None = None
    call: Call | Access | None = None


class Reach(dict[Function, Step]):
    """The functions that run, each with how it was first reached, and the runs of it that differ.

    `on_loop` leaves out what a function does only where no loop runs.
    """

    def __init__(self, edges: Edges, *, on_loop: bool) -> None:
        super().__init__()
        self._edges = edges
        self._on_loop = on_loop
        self._runs: dict[Function, dict[Given, None]] = {}

    def runs(self, function: Function) -> Iterable[Given]:
        """What is constant in each kind of run of a function."""
        return self._runs.get(function, {})

    def run(self, function: Function, given: Given) -> Given:
        """The run that a call with these constants belongs to; one in which nothing is known where there are too many."""
        return given if given in self._runs.get(function, {}) else NOTHING

    def add(self, function: Function, given: Given) -> Given | None:
        """Note a run; what is to be followed, None where that has been done."""
        runs = self._runs.setdefault(function, {})
        if len(runs) >= _MOST_RUNS:
            given = NOTHING
        if given in runs:
            return None
        runs[given] = None
        return given

    def begins(self, function: Function) -> bool:
        """Whether a way on the loop begins here: in a coroutine, or in a plain function that FastAPI calls on the loop itself."""
        return function.is_async or (function in self and bool(self[function].role))

    def happens(self, node: ast.AST, function: Function) -> bool:
        """Whether any run of a function comes to a node of it; a function that was not reached may do everything."""
        if not self.comes_to(node, function):
            return False
        runs = self._runs.get(function)
        return not runs or any(self._edges.happens(node, function, given) for given in runs)

    def comes_to(self, node: ast.AST, function: Function) -> bool:
        """Whether a function comes to a node of it where it runs here, whatever is constant."""
        return not self._on_loop or self._edges.may_be_on_loop(node, function)


def functions_on_loop(
    framework: Framework,
    names: Names,
    edges: Edges,
    modules: tuple[Module, ...],
    service: tuple[Module, ...],
) -> Reach:
    """Every function that the event loop runs while the app serves."""
    started = started_coroutines(framework, modules, names, edges)
    roots = [*_request_roots(framework), *framework.handlers.items(), *started]
    checks = validators_of(framework, names)
    excepted = set(framework.lifespans) | {f for _, f in framework.event_handlers if f is not None}
    excepted -= {function for function, _ in started}
    reach = Reach(edges, on_loop=True)
    called = [
        (f, role) for f, role in roots if f.is_async or _is_dispatch(f, framework) or edges.made_async(f)
    ]
    _spread(reach, [*called, *checks.items()], excepted, edges, serving=True)
    if reach or framework.apps:
        left = _left(reach, names, edges, service)
        if left:
            elsewhere = outside_of_serving(framework, modules, service, names, edges)
            roots = [(function, UNSEEN) for function in left if function not in elsewhere]
            _spread(reach, roots, excepted, edges, serving=True)
    return reach


def _is_dispatch(function: Function, framework: Framework) -> bool:
    """Whether a plain function is called on the loop as `dispatch(request, call_next)`."""
    return function in framework.middleware and len(function.parameters) == 2 + (function.owner is not None)


def _left(reach: Reach, names: Names, edges: Edges, service: tuple[Module, ...]) -> list[Function]:
    """Coroutines of the service that nothing on the loop was seen to call, though something may.

    What another coroutine was seen to call runs where that does.
    """
    called = {
        callee
        for module in service
        for call in module.calls
        if call.function is not None and call.function.is_async
        for callee in call.callees
        if callee is not call.function
    }
    left = [
        function
        for module in service
        for function in module.functions
        if function.is_async and function not in reach and function not in called
    ]
    used = _names_used(service, {_own_name(function) for function in left}, names)
    return [function for function in left if _may_be_called(function, used, names, edges)]


def _own_name(function: Function) -> str:
    return function.name.rpartition(".")[2]


def _names_used(modules: Iterable[Module], wanted: set[str], names: Names) -> set[str]:
    """Those of the names that are called on something unknown, or handed on to a library or to something unknown.

    What the project hands to itself, `Job(run=lend)`, would have been seen where it is called, or it is not.
    """
    found: set[str] = set()
    for module in modules:
        for call in module.calls:
            # What a coroutine calls runs with it; a plain function may call in a thread, for the loop to run it.
            if call.callees and (call.function is None or call.function.is_async):
                continue
            found.update(
                {last_name(call.node.func), *(one.name.rpartition(".")[2] for one in call.callees)} & wanted
            )
            arguments = [*call.node.args, *(k.value for k in call.node.keywords)]
            given = {last_name(a) for a in arguments if isinstance(a, (ast.Attribute, ast.Name))} & wanted
            if given and not _is_of_project(call, names):
                found |= given
    return found


def _is_of_project(call: Call, names: Names) -> bool:
    made = names.look(call.node.func, call.scope)
    return made is not None and all(isinstance(one.item, (Class, Function)) for one in made.possibilities)


def _may_be_called(function: Function, used: set[str], names: Names, edges: Edges) -> bool:
    """Whether a coroutine is used by name somewhere, registered by a decorator, or a hook of a library's class."""
    name = _own_name(function)
    if (name in used and name not in _ENTERED) or isinstance(function.parent, Function):
        return True
    if function.owner is not None:
        libraries = names.lineage(function.owner)[1]
        if any(library.partition(".")[0] not in _PLAIN_BASES for library in libraries):
            return True
    return edges.is_registered(function)


def functions_in_requests(framework: Framework, edges: Edges) -> Reach:
    """Every function that runs because of a request, on the loop or in a thread."""
    excepted = set(framework.lifespans) | {f for _, f in framework.event_handlers if f is not None}
    reach = Reach(edges, on_loop=False)
    _spread(reach, _request_roots(framework), excepted, edges, serving=False)
    return reach


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
    reach: Reach,
    roots: Iterable[tuple[Function, str]],
    excepted: set[Function],
    edges: Edges,
    *,
    serving: bool,
) -> None:
    """Add to `reach` the roots and all that they lead to, the shortest way first.

    `serving` asks what the loop runs again and again; without it, what is handed on counts, and what runs only once.
    """
    waiting: deque[tuple[Function, Given]] = deque()
    for function, role in roots:
        if function not in reach and function not in excepted:
            reach[function] = Step(role)
            reach.add(function, NOTHING)
            waiting.append((function, NOTHING))
    while waiting:
        function, given = waiting.popleft()
        for edge in (
            *edges.called(function, given),
            *(edges.kept_on_loop(function, given) if serving else edges.handed_on(function, given)),
        ):
            callee, call = edge.callee, edge.call
            if callee in excepted or (serving and call is not None and edges.runs_once(call)):
                continue
            if call is not None and not reach.comes_to(call.node, function):
                continue
            run = reach.add(callee, edge.given)
            if run is None:
                continue
            if callee not in reach:
                reach[callee] = Step("", function, call)
            waiting.append((callee, run))
