"""From where absolute imports are counted: which of them are the project's own, and which a library's."""

from __future__ import annotations

from collections.abc import Mapping

from checker.source.libraries import is_library
from checker.source.model import Module


class Roots:
    """Turns the name in an import into a name counted from the project's folder."""

    def __init__(self, modules: Mapping[str, Module]) -> None:
        self._modules = modules
        self._packages = {
            ".".join(parts[:length])
            for parts in (name.split(".") for name in modules)
            for length in range(1, len(parts) + 1)
        }
        self._known: dict[tuple[str, str], str | None] = {}

    def module_named(self, dotted: str, importer: Module) -> Module | None:
        """The project's own module behind an import."""
        absolute = self.absolute(dotted, importer)
        return self._modules.get(absolute) if absolute is not None else None

    def absolute(self, dotted: str, importer: Module) -> str | None:
        """The name counted from the folder, None for a library's."""
        if dotted.startswith("."):
            return dotted[1:]
        first = dotted.partition(".")[0]
        parts = importer.name.split(".") if importer.name else []
        package = ".".join(parts if importer.is_package else parts[:-1])
        key = (package, first)
        if key not in self._known:
            self._known[key] = self._root_of(first, package)
        root = self._known[key]
        return None if root is None else f"{root}.{dotted}" if root else dotted

    def _root_of(self, first: str, package: str) -> str | None:
        """The folder from which an absolute import is counted, as a dotted prefix."""
        if first in self._packages:
            return ""
        if is_library(first):
            return None
        parts = package.split(".") if package else []
        for length in range(len(parts), 0, -1):
            root = ".".join(parts[:length])
            if f"{root}.{first}" in self._packages:
                return root
        return "src" if f"src.{first}" in self._packages else None
