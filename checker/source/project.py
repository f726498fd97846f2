"""`read_project`: a folder becomes a `Project` that rules ask questions of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from checker.source.composition import Composition
from checker.source.dispatch import link_calls
from checker.source.edges import Edges
from checker.source.framework import Framework, Operation, read_framework
from checker.source.garbage import without_collector
from checker.source.loop import Reach, functions_in_requests, functions_on_loop
from checker.source.model import Function, Module, Unreadable
from checker.source.names import Names
from checker.source.reached import homes, modules_reached
from checker.source.reading import read_modules


@dataclass(kw_only=True, eq=False)
class Project:
    """A code base that has been parsed once. Rules read it and change nothing."""

    folder: Path
    modules: tuple[Module, ...]
    unreadable: tuple[Unreadable, ...]
    names: Names
    framework: Framework
    _by_path: dict[str, Module] = field(init=False)

    def __post_init__(self) -> None:
        self._by_path = {module.path: module for module in self.modules}

    @property
    def operations(self) -> list[Operation]:
        """Path operations and WebSocket handlers, in the order of the files."""
        return self.framework.operations

    @cached_property
    def edges(self) -> Edges:
        """What leads from one function to the next."""
        return Edges(self.names)

    @cached_property
    def on_loop(self) -> Reach:
        """Functions that the event loop runs, with how each was reached."""
        return functions_on_loop(self.framework, self.names, self.edges, self.modules, self.service_modules)

    @cached_property
    def in_requests(self) -> Reach:
        """Functions that run because of a request, on the loop or in a thread."""
        return functions_in_requests(self.framework, self.edges)

    @cached_property
    def composition(self) -> Composition:
        """The apps with the routes that each one serves."""
        return Composition(self.modules, self.framework, self.names)

    @cached_property
    def service_modules(self) -> tuple[Module, ...]:
        """Modules that the app loads; all but the tests where no app was found."""
        return modules_reached(self.modules, self.unreadable, self.framework, self.names)

    @cached_property
    def _homes(self) -> tuple[str, ...]:
        return tuple(home for home in homes(self.framework) if home)

    def is_of_service(self, module: Module) -> bool:
        """Whether the app loads a file, or it lies below the app's own folder: a plug-in, a class that others choose."""
        return module in self.service_modules or module.path.startswith(self._homes)

    def module_at(self, path: str) -> Module | None:
        """The module of a relative path."""
        return self._by_path.get(path)

    def function_at(self, path: str, line: int) -> Function | None:
        """The innermost function at a place."""
        module = self._by_path.get(path)
        return module.function_at(line) if module is not None else None


def read_project(place: Path, exclude: Sequence[str] = ()) -> Project:
    """Parse every Python file below a folder, or one file alone; what cannot be read is named in `unreadable`.

    `exclude` holds patterns as in a `.gitignore`.
    """
    with without_collector():
        modules, unreadable = read_modules(place, exclude)
        names = Names(modules)
        link_calls(modules, names)
        framework = read_framework(modules, names)
        return Project(
            folder=place.parent if place.is_file() else place,
            modules=tuple(modules),
            unreadable=tuple(unreadable),
            names=names,
            framework=framework,
        )
