"""The client's offsets and page numbers of one project, followed to the queries that they end in."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from checker.constraints.flow import parameter_for
from checker.constraints.inputs import Place, inputs_of, is_whole_number, takers_of
from checker.constraints.offset_queries import OffsetQueries, OffsetQuery
from checker.constraints.page_calls import PageCalls, inner_functions, is_abstract, without_parameters
from checker.constraints.page_values import (
    Given,
    given_to,
    is_holder,
    is_number,
    is_start_name,
    may_hold,
    spread,
    start_field,
    writes_start,
)
from checker.source import Call, Class, Function, Project, Value
from checker.source.conditions import buried
from checker.source.model import Binding, Parameter
from checker.source.places import is_away

_DEEPEST = 20
_JOBS = frozenset({
    "task", "shared_task", "periodic_task", "actor", "job", "command", "cron", "scheduled_job", "flow", "asset", "step", "activity",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Taken:
    """A parameter of a path operation or dependency whose number goes into a query elsewhere."""

    function: Function
    parameter: Parameter
    query: OffsetQuery
    calls: tuple[Call, ...] = ()
    """The calls in the function that hand the number on, where it leaves it so."""


@dataclass(frozen=True, slots=True)
class Field:
    """The field of a model in which the client's number comes in."""

    model: Class
    name: str
    binding: Binding
    query: OffsetQuery


@dataclass(frozen=True, slots=True)
class Paging:
    """Where a project pages by the client's numbers."""

    queries: tuple[OffsetQuery, ...]
    taken: tuple[Taken, ...]
    fields: tuple[Field, ...]
    at_zero: tuple[OffsetQuery, ...]
    """Queries of a request whose offset nobody sets: they pass over no rows yet."""


class _Paging:
    """Follows the numbers of one project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._calls = PageCalls(project)
        self._offsets = OffsetQueries(project)
        self._known: dict[tuple[Function, Given], OffsetQuery | None] = {}
        self._spreads: dict[tuple[Function, Given], Given] = {}
        self._given_back: dict[tuple[Function, Given], tuple[bool, bool]] = {}
        self._buried: dict[tuple[Function, frozenset[tuple[str, bool]]], set[int]] = {}
        self.queries: dict[tuple[str, int], OffsetQuery] = {}
        self.taken: list[Taken] = []
        self.fields: dict[tuple[str, int], Field] = {}
        self._takers = takers_of(project)
        takes_number = False
        roots = {o.function: o.path for o in project.operations if not o.websocket}
        for function in dict.fromkeys([*roots, *project.framework.dependencies, *_marked(project)]):
            if not function.module.is_test:
                given = given_to(function, project, roots.get(function))
                takes_number |= bool(given.numbers)
                self._query_below(function, given, 0)
                self.taken += self._taken(function, given)
        for query in self._clauses():
            self.queries.setdefault((query.module.path, query.line), query)
        if takes_number:
            for function, given in _named(list(_uncalled(project, set(roots))), project):
                self._query_below(function, given, 0)
        self.at_zero = [
            query
            for function, given in _never_given(project)
            for query in self._offsets.of(function, spread(function, given))
            if query.is_seen and (query.module.path, query.line) not in self.queries
        ]

    def _clauses(self) -> Iterator[OffsetQuery]:
        """`def pagination(self): return "LIMIT :limit OFFSET :offset"` of a model with a page number: what runs it may look it up by name."""
        for module in self._project.service_modules:
            for made in module.classes if not module.is_test else ():
                for method in made.functions.values():
                    clauses = list(self._offsets.clauses_of(method))
                    model = Value(made.qualified, item=made, instance=True)
                    if clauses and start_field(model, self._project) is not None:
                        yield from clauses

    def _spread(self, function: Function, given: Given) -> Given:
        """What a function knows after its own assignments, with what its calls give back."""
        key = (function, given)
        if key not in self._spreads:
            self._spreads[key] = given
            calls = {id(call.node): call for call in function.calls}
            self._spreads[key] = spread(
                function, given, lambda node, known: self._gives_back(calls.get(id(node)), known)
            )
        return self._spreads[key]

    def _gives_back(self, call: Call | None, known: Given) -> tuple[bool, bool]:
        """Whether a function of the project gives a number that it was handed, or an object with one: `criteria = criteria_of(params)`."""
        callee = call.callee if call is not None else None
        if call is None or callee is None or callee.is_lambda or callee.is_generator:
            return False, False
        theirs = next((given for one, given in self._calls.next(call, known) if one is callee), Given())
        key = (callee, theirs)
        if not theirs:
            return False, False
        if key not in self._given_back:
            self._given_back[key] = (False, False)  # Recursion ends here.
            inside = self._spread(callee, theirs)
            made = [r.value for r in callee.returns if r.value is not None and not _is_read(r.value)]
            self._given_back[key] = (
                any(is_number(value, inside) for value in made),
                any(is_holder(value, inside) or writes_start(value, inside) for value in made),
            )
        return self._given_back[key]

    def _taken(self, function: Function, given: Given) -> Iterator[Taken]:
        """The parameters whose number leaves the function, one of them where names do not tell; a query in it is reported there."""
        told = False
        for parameter in function.parameters:
            one = Given(given.numbers & {parameter.name}, given.holders & {parameter.name})
            if not one:
                continue
            here = self._query_in(function, one)
            handed = dict(self._handed_on(function, one)) if here is None else {}
            query = here or next(iter(handed.values()), None) or self._query_behind(function, one)
            if query is None:
                continue
            if one.holders:
                self._note_field(parameter, function, query)
            if told and not is_start_name(parameter.name):
                continue
            if here is None:
                told = True
                yield Taken(function, parameter, query, tuple(handed))
            elif not here.is_seen:
                told = True
                yield Taken(
                    function, parameter, query, tuple(c for c in function.calls if c.node is here.node)
                )

    def _note_field(self, parameter: Parameter, function: Function, query: OffsetQuery) -> None:
        found = start_field(self._project.names.parameter_type(parameter, function), self._project)
        if found is not None:
            model, name, binding = found
            self.fields.setdefault((model.module.path, binding.line), Field(model, name, binding, query))

    def _query_in(self, function: Function, given: Given) -> OffsetQuery | None:
        """The first query in the function itself, or in one that stands in it."""
        known = self._spread(function, given)
        own = next(self._queries(function, known), None)
        inner = (
            self._query_in(inner, without_parameters(known, inner)) for inner in inner_functions(function)
        )
        return own or next((query for query in inner if query is not None), None)

    def _queries(self, function: Function, given: Given) -> Iterator[OffsetQuery]:
        """The queries of a function that some request comes to."""
        never = self._never(function, given)
        for query in self._offsets.of(function, given):
            if id(query.node) not in never and self._project.in_requests.happens(query.node, function):
                yield query

    def _never(self, function: Function, given: Given) -> set[int]:
        """What this call of a function does not come to: `if is_page:` where it is called with `is_page=False`."""
        key = (function, given.switches)
        if key not in self._buried:
            self._buried[key] = buried(function, dict(given.switches)) if given.switches else set()
        return self._buried[key]

    def _made(self, function: Function, given: Given) -> Iterator[Call]:
        """The calls of a function that some request comes to: none behind `if paged:` where all leave `paged` False."""
        never = self._never(function, given)
        for call in function.calls:
            if id(call.node) not in never and self._project.in_requests.happens(call.node, function):
                yield call

    def _handed_on(self, function: Function, given: Given) -> Iterator[tuple[Call, OffsetQuery]]:
        """The calls that take the number out of a function, each with the first query that it comes to."""
        known = self._spread(function, given)
        for call in self._made(function, known):
            for callee, theirs in self._calls.next(call, known):
                query = self._query_below(callee, theirs, 1)
                if query is not None:
                    yield call, query
                    break
        for inner in inner_functions(function):
            yield from self._handed_on(inner, without_parameters(known, inner))

    def _query_behind(self, function: Function, given: Given) -> OffsetQuery | None:
        """The query that a dependency's result reaches in what takes it: `return Paging(page, size)`, `self.skip = skip`."""
        known = self._spread(function, given)
        made = [r.value for r in function.returns if is_number(r.value, known) or is_holder(r.value, known)]
        if not made and not any("." in name for name in known.numbers):
            return None
        plain = bool(made) and not any(isinstance(value, (ast.Call, ast.Dict, ast.Tuple)) for value in made)
        for taker, name in self._takers.get(function, ()):
            names = frozenset({name})
            query = self._query_below(taker, Given(names) if plain else Given(holders=names), 1)
            if query is not None:
                return query
        return None

    def _query_below(self, function: Function, given: Given, depth: int) -> OffsetQuery | None:
        """The first query that the offset reaches in a function or below; all of them are noted."""
        key = (function, given)
        if not given or depth > _DEEPEST:
            return None
        if key in self._known:
            return self._known[key]
        self._known[key] = None  # Recursion ends here.
        known = self._spread(function, given)
        found: OffsetQuery | None = None
        for query in self._queries(function, known):
            if query.is_seen:
                self.queries.setdefault((query.module.path, query.line), query)
            found = found or query
        following = [step for call in self._made(function, known) for step in self._calls.next(call, known)]
        following += self._calls.stored(function, known)
        following += [(inner, without_parameters(known, inner)) for inner in inner_functions(function)]
        for callee, theirs in following:
            below = self._query_below(callee, theirs, depth + 1)
            found = found or below
        self._known[key] = found
        return found


def _is_read(value: ast.expr) -> bool:
    """Whether what is given back is the rows and not their window: the result of a call on something."""
    plain = value.value if isinstance(value, ast.Await) else value
    return isinstance(plain, ast.Call) and isinstance(plain.func, ast.Attribute)


def _never_given(project: Project) -> Iterator[tuple[Function, Given]]:
    """Functions that serve a request and could begin at any row, where every call leaves the default."""
    calls: dict[Function, list[Call]] = {}
    for module in project.modules:
        for call in module.calls if not module.is_test else ():
            if call.callee is not None:
                calls.setdefault(call.callee, []).append(call)
    roots = {o.function for o in project.operations} | set(project.framework.dependencies)
    for function in project.in_requests:
        if function in roots or function.is_lambda or function.module.is_test or function not in calls:
            continue
        numbers = {
            p.name
            for p in function.parameters
            if is_start_name(p.name)
            and isinstance(p.default, ast.Constant)
            and is_whole_number(p.annotation, function, project)
            and not any(_passes(call, p, function) for call in calls[function])
        }
        if numbers:
            yield function, Given(frozenset(numbers))


def _passes(call: Call, parameter: Parameter, function: Function) -> bool:
    if any(k.arg in {parameter.name, None} for k in call.node.keywords):
        return True
    if any(isinstance(a, ast.Starred) for a in call.node.args):
        return True
    return any(parameter_for(argument, call, function) == parameter.name for argument in call.node.args)


def _marked(project: Project) -> Iterator[Function]:
    """Functions with a parameter that is marked as a query parameter: FastAPI calls them, whatever registers them."""
    for module in project.modules:
        if module.is_test or not any(name.partition(".")[0] == "fastapi" for name in module.imported):
            continue
        for function in module.functions:
            if any(
                isinstance(mark, ast.Call) and project.names.qualify(mark.func, scope) == "fastapi.Query"
                for item in inputs_of(function, project)
                if item.place is Place.QUERY
                for mark in item.metadata
                for scope in (item.scope, function)
            ):
                yield function


def _uncalled(project: Project, roots: set[Function]) -> Iterator[tuple[Function, Given]]:
    """Functions of the service that take an offset, where what calls them could not be told: containers, callables handed out."""
    called = {call.callee for module in project.modules if not module.is_test for call in module.calls}
    called |= roots | set(project.framework.dependencies)
    for module in project.service_modules:
        if is_away(module, project.framework):
            continue
        for function in module.functions:
            if function in called or function.is_lambda or is_abstract(function) or _is_job(function):
                continue
            if isinstance(function.parent, Function):
                continue  # What is handed to `read_all(fetch_from)` is asked for batch after batch.
            plain = [p for p in function.parameters if not p.variadic and not _is_text(p.annotation)]
            numbers = frozenset(p.name for p in plain if is_start_name(p.name))
            holders = frozenset(p.name for p in plain if _is_paging(p, function, project))
            if numbers or holders:
                yield function, Given(numbers, holders)


def _named(found: list[tuple[Function, Given]], project: Project) -> Iterator[tuple[Function, Given]]:
    """Those that something beside the tests so much as names: `get_members`, left over and called by nobody, pages nothing."""
    names = {function.name.rpartition(".")[2] for function, _ in found}
    if not names:
        return
    wanted = re.compile(rf"(?<!\bdef )\b({'|'.join(map(re.escape, names))})\b")
    used = {
        match.group(1)
        for module in project.modules
        if not module.is_test
        for line in module.lines
        for match in wanted.finditer(line)
    }
    for function, given in found:
        if function.decorators or function.name.rpartition(".")[2] in used:
            yield function, given


def _is_job(function: Function) -> bool:
    """Whether a decorator makes it the work of a queue, a clock or a command."""
    for decorator in function.decorators:
        plain = decorator.func if isinstance(decorator, ast.Call) else decorator
        last = (
            plain.attr
            if isinstance(plain, ast.Attribute)
            else plain.id
            if isinstance(plain, ast.Name)
            else ""
        )
        if last in _JOBS:
            return True
    return False


def _is_paging(parameter: Parameter, function: Function, project: Project) -> bool:
    """An object that says by its name or by its class's fields that it carries an offset."""
    if any(word in parameter.name.lower() for word in ("pagina", "paging")):
        return True
    if parameter.annotation is None or parameter is function.parameters[0]:
        return False
    value = project.names.annotation_type(parameter.annotation, function)
    return value is not None and value.item is not None and may_hold(value, project)


def _is_text(annotation: ast.expr | None) -> bool:
    return annotation is not None and "str" in {n.id for n in ast.walk(annotation) if isinstance(n, ast.Name)}


_KNOWN: WeakKeyDictionary[Project, Paging] = WeakKeyDictionary()


def paging_of(project: Project) -> Paging:
    """The paging of a project, followed once."""
    if project not in _KNOWN:
        found = _Paging(project)
        _KNOWN[project] = Paging(
            tuple(found.queries.values()),
            tuple(found.taken),
            tuple(found.fields.values()),
            tuple(found.at_zero),
        )
    return _KNOWN[project]
