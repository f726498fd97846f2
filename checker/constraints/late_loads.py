"""Models that the first request loads: the process does it once, and everybody waits for seconds meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

from checker.constraints.resources import is_model
from checker.source import Call, Function, Project
from checker.source.tasks import outside_of_serving


def loads_late(call: Call, project: Project) -> bool:
    """`if _model is None: _model = SentenceTransformer(name)`, which nothing does before requests are served."""
    value = project.names.evaluate(call.node, call.scope)
    return value is not None and is_model(value) and call.function not in _before_serving(project)


def remembered_loads(function: Function, project: Project) -> Iterator[tuple[Call, Function]]:
    """The calls of a function to `@cache def get_model(): return SentenceTransformer(name)`."""
    for call in function.calls:
        for loader in call.callees:
            if loader.is_async or loader.parameters or not project.edges.is_remembered(loader):
                continue
            if not project.on_loop.happens(call.node, function):
                continue
            if any(loads_late(inner, project) for inner in loader.calls):
                yield call, loader


def _before_serving(project: Project) -> set[Function]:
    """What start-up, an import, a command or a worker may have run."""
    if project not in _KNOWN:
        _KNOWN[project] = outside_of_serving(
            project.framework, project.modules, project.service_modules, project.names, project.edges
        )
    return _KNOWN[project]


_KNOWN: WeakKeyDictionary[Project, set[Function]] = WeakKeyDictionary()
