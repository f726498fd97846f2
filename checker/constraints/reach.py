"""Blocking calls on the event loop: at the line that blocks, and at the call on the loop that leads to it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from checker.constraints.blocking import Blocking, blocking_call
from checker.constraints.blocking_libraries import Kind
from checker.constraints.late_loads import loads_late, remembered_loads
from checker.constraints.waits_unsaid import Wait, waits_unsaid
from checker.source import Call, Function, Project
from checker.source.constants import NOTHING, Given
from checker.source.properties import Access

_LONGEST_TRACE = 12


@dataclass(frozen=True, slots=True)
class Blocked:
    """A call on the loop that blocks, or that ends in one that does; `trace` is the way between."""

    call: Call | Access | Wait
    blocking: Blocking
    function: Function
    trace: tuple[str, ...] = ()
    callers: int = 0
    """From how many calls on the loop a line in a plain function is reached."""
    helper: Function | None = None
    """The plain function that the call runs and that blocks further down."""


_Run = tuple[Function, Given]
"""A function, with what is constant in one kind of run of it."""


@dataclass(frozen=True, slots=True)
class _Next:
    """The first step from a plain function towards the line that blocks; into its own decorator no call leads."""

    call: Call | Access | Wait | None
    run: _Run | None
    blocking: Blocking


class _Blocks:
    """Everything in a project that blocks the loop, found once."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.sinks: dict[Function, list[tuple[Call | Wait, Blocking]]] = {}
        self.entries: list[tuple[Function, Call | Access, _Run]] = []
        """Calls that a coroutine makes to plain functions, properties that it reads among them."""
        callers: dict[_Run, list[tuple[_Run, Call | Access | None]]] = {}
        for function in project.on_loop:
            own = self._own_sinks(function)
            for given in project.on_loop.runs(function):
                for edge in project.edges.called(function, given):
                    callee, call = edge.callee, edge.call
                    if callee.is_async or callee not in project.on_loop:
                        continue
                    if call is not None and (id(call) in own or project.edges.runs_once(call)):
                        continue
                    run = (callee, project.on_loop.run(callee, edge.given))
                    if not function.is_async:
                        callers.setdefault(run, []).append(((function, given), call))
                    if call is not None and project.on_loop.begins(function):
                        self.entries.append((function, call, run))
            for call, loader in remembered_loads(function, project):
                self.sinks.setdefault(loader, self._loads(loader))
                if not function.is_async:
                    for given in project.on_loop.runs(function):
                        callers.setdefault((loader, NOTHING), []).append(((function, given), call))
                if project.on_loop.begins(function):
                    self.entries.append((function, call, (loader, NOTHING)))
        self.next = self._steps(callers)

    def _own_sinks(self, function: Function) -> set[int]:
        """Note the calls of a function that block by themselves."""
        own: set[int] = set()
        # The content of a file that is remembered by its name is read once for each file.
        remembered = self.project.edges.is_remembered(function)
        for call in function.calls:
            if not self.project.on_loop.happens(call.node, function):
                continue
            if self.project.edges.runs_once(call) and not loads_late(call, self.project):
                continue
            found = blocking_call(call, self.project)
            if found is not None and not (remembered and found.kind in {Kind.FILE, Kind.FOLDER}):
                own.add(id(call))
                self.sinks.setdefault(function, []).append((call, found))
        for wait, found in waits_unsaid(function, self.project):
            if not self.project.edges.runs_once(wait) and self.project.on_loop.happens(wait.node, function):
                self.sinks.setdefault(function, []).append((wait, found))
        return own

    def _loads(self, loader: Function) -> list[tuple[Call | Wait, Blocking]]:
        """What a function loads whose result is remembered; all else there is done once and for all."""
        late = (call for call in loader.calls if loads_late(call, self.project))
        found = ((call, blocking_call(call, self.project)) for call in late)
        return [(call, blocking) for call, blocking in found if blocking is not None]

    def _steps(self, callers: dict[_Run, list[tuple[_Run, Call | Access | None]]]) -> dict[_Run, _Next]:
        """For every run of a plain function that ends in a blocking line, the shortest way there."""
        steps: dict[_Run, _Next] = {}
        waiting: deque[_Run] = deque()
        for function, found in self.sinks.items():
            runs = self.project.on_loop.runs(function) or (NOTHING,)
            for given in runs if not function.is_async else ():
                # That a folder is made is I/O, and holds nobody up: it is told where it stands.
                slow = [f for f in found if f[1].kind is not Kind.FOLDER]
                first = next(
                    (f for f in slow if self.project.edges.happens(f[0].node, function, given)), None
                )
                if first is not None:
                    steps[function, given] = _Next(first[0], None, first[1])
                    waiting.append((function, given))
        while waiting:
            callee = waiting.popleft()
            for caller, call in callers.get(callee, ()):
                if caller not in steps:
                    steps[caller] = _Next(call, callee, steps[callee].blocking)
                    waiting.append(caller)
        return steps


_known: WeakKeyDictionary[Project, _Blocks] = WeakKeyDictionary()


def _blocks(project: Project) -> _Blocks:
    if project not in _known:
        _known[project] = _Blocks(project)
    return _known[project]


def direct_calls(project: Project) -> Iterator[Blocked]:
    """Blocking calls in every function that runs on the loop, plain helpers included."""
    blocks = _blocks(project)
    counts = _counts(blocks)
    for function, found in blocks.sinks.items():
        for call, blocking in found:
            if function.is_async:
                yield Blocked(call, blocking, function)
            else:
                trace = _way_to(function, call, blocking, project)
                yield Blocked(call, blocking, function, trace, counts.get(function, 0))


def _counts(blocks: _Blocks) -> dict[Function, int]:
    """From how many calls on the loop each function with a blocking line is the nearest."""
    counts: dict[Function, int] = {}
    for _, _, run in blocks.entries:
        current: _Run | None = run
        last = run
        while current is not None and current in blocks.next:
            last = current
            current = blocks.next[current].run
        if last[0] in blocks.sinks:
            counts[last[0]] = counts.get(last[0], 0) + 1
    return counts


def calls_through_helpers(project: Project) -> Iterator[Blocked]:
    """Calls that an `async def` on the loop makes to plain functions which block further down."""
    blocks = _blocks(project)
    seen: set[int] = set()
    for function, call, run in blocks.entries:
        step = blocks.next.get(run)
        if step is not None and id(call) not in seen:
            seen.add(id(call))
            yield Blocked(call, step.blocking, function, _way_from(call, run, blocks), helper=run[0])


def drives_a_library(callee: Function, project: Project) -> bool:
    """Whether a plain method belongs to a class that derives from a library's own client."""
    if callee.owner is None:
        return False
    return any(_is_client(library) for library in project.names.lineage(callee.owner)[1])


def _is_client(library: str) -> bool:
    first = library.partition(".")[0]
    # Rows of a table know no connection; a session of one's own does.
    return first not in _NO_CLIENTS and (first not in _ROWS or library.endswith("Session"))


_ROWS = frozenset({"sqlalchemy", "sqlmodel"})
_NO_CLIENTS = frozenset({
    "builtins", "abc", "typing", "enum", "pydantic", "pydantic_settings", "dataclasses", "collections", "fastapi", "starlette",
    "contextlib", "threading", "logging", "string", "json", "functools",
})  # fmt: skip


def _way_from(call: Call | Access, run: _Run, blocks: _Blocks) -> tuple[str, ...]:
    said = "is read" if isinstance(call, Access) else "is called"
    steps = [f"{_place(call)} `{run[0].short}` {said} on the event loop"]
    current: _Run | None = run
    while current is not None and len(steps) < _LONGEST_TRACE:
        step = blocks.next[current]
        if step.run is not None and step.call is not None:
            said = "reads" if isinstance(step.call, Access) else "calls"
            steps.append(f"{_place(step.call)} {said} `{step.run[0].short}`")
        elif step.call is not None:
            steps.append(f"{_place(step.call)} `{step.blocking.what}` blocks")
        current = step.run
    return tuple(steps)


def _way_to(function: Function, call: Call | Wait, blocking: Blocking, project: Project) -> tuple[str, ...]:
    """The way from the nearest call on the loop to a blocking line in a plain function."""
    steps = [f"{_place(call)} `{blocking.what}` blocks"]
    current = function
    while len(steps) < _LONGEST_TRACE:
        step = project.on_loop.get(current)
        if step is None or step.caller is None:
            break
        if step.call is not None:
            said = "is read" if isinstance(step.call, Access) else "is called"
            said += " on the event loop" if project.on_loop.begins(step.caller) else ""
            steps.append(f"{_place(step.call)} `{current.short}` {said}")
        current = step.caller
        if project.on_loop.begins(current):
            break
    return tuple(reversed(steps))


def _place(call: Call | Access | Wait) -> str:
    return f"{call.scope.module.path}:{call.line}"


def why_on_loop(function: Function, project: Project) -> str:
    """A few words for brackets: how a function came to run on the event loop."""
    step = project.on_loop.get(function)
    if step is None:
        return "on the event loop"
    if step.role:
        return f"async {step.role}" if function.is_async else step.role
    return (
        f"called on the event loop by `{step.caller.short}`"
        if step.caller is not None
        else "on the event loop"
    )
