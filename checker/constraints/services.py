"""The services of a project: each app that is served, with the modules that belong to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from checker.constraints.error_handlers import Handlers, Kind, handlers_of_apps
from checker.constraints.served import serves_nothing
from checker.source import Module, Operation, Project
from checker.source.composition import ServedApp


@dataclass(frozen=True, slots=True)
class Service:
    """An app that is not part of another one, with its handlers."""

    handlers: Handlers
    paths: frozenset[str] | None
    """The files that it imports, directly or not; None where the project has this app alone."""

    def holds(self, module: Module) -> bool:
        """Whether a module is part of it."""
        return self.paths is None or module.path in self.paths

    def serves(self, operation: Operation, project: Project) -> bool:
        """Whether a path operation is one of its own, as far as that can be seen."""
        if self.paths is None:
            return True
        routes = (app.routes for app in project.composition.apps if app.call is self.handlers.app.call)
        return any(route.operation is operation for some in routes for route in some)


def services(project: Project) -> Iterator[Service]:
    """Every service; two of them may share modules."""
    every = [
        handlers
        for handlers in handlers_of_apps(project)
        if handlers.app.call not in project.composition.within
        and (handlers.found or not serves_nothing(handlers.app, project))
    ]
    # Two apps that one scope makes are the branches of an `if`: one service, told once.
    by_home = {handlers.app.call.scope: handlers for handlers in reversed(every)}
    for handlers in by_home.values():
        yield Service(handlers, None if len(by_home) == 1 else _imported_by(handlers.app, project))


def reshaped_below(service: Service, project: Project) -> frozenset[str]:
    """The files whose `HTTPException`s only apps answer that are part of a service and reshape them with handlers of their own."""
    parts = {route.operation for route in service.handlers.app.routes}
    mounted = [
        handlers
        for handlers in handlers_of_apps(project)
        if handlers.app.call in project.composition.within
        and handlers.of(Kind.HTTP)
        and handlers.app.routes
        and parts.issuperset(route.operation for route in handlers.app.routes)
    ]
    below = {route.operation for handlers in mounted for route in handlers.app.routes}
    own = {operation.function.module.path for operation in parts - below if operation is not None}
    found = frozenset().union(*(_imported_by(handlers.app, project) for handlers in mounted))
    return found - own


def _imported_by(app: ServedApp, project: Project) -> frozenset[str]:
    seen: dict[str, Module] = {}
    waiting = [part.scope.module for part in app.parts]
    waiting += [route.operation.function.module for route in app.routes if route.operation is not None]
    while waiting:
        module = waiting.pop()
        if module.path in seen:
            continue
        seen[module.path] = module
        for dotted in module.imported:
            waiting += [m for m in project.names.modules_named(dotted, module) if m.path not in seen]
    return frozenset(seen)
