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
        self._beside: dict[str, list[str]] = {}
        """Where each package lies that is in no other package."""
        for name, module in modules.items():
            folder, _, last = name.rpartition(".")
            if module.is_package and not self._is_package(folder):
                self._beside.setdefault(last, []).append(folder)
        self._portions: dict[tuple[str, str], list[str]] = {}
        """Where the parts of each package without an `__init__.py` lie, by its name and the part's."""
        for name in sorted(self._packages):
            folder, _, last = name.rpartition(".")
            above, _, space = folder.rpartition(".")
            if space and folder not in modules and not self._is_package(above):
                self._portions.setdefault((space, last), []).append(above)
        self._known: dict[tuple[str, str, str, bool], str | None] = {}

    def module_named(self, dotted: str, importer: Module) -> Module | None:
        """The project's own module behind an import."""
        absolute = self.absolute(dotted, importer)
        return self._modules.get(absolute) if absolute is not None else None

    def absolute(self, dotted: str, importer: Module) -> str | None:
        """The name counted from the folder, None for a library's."""
        if dotted.startswith("."):
            return dotted[1:]
        first, _, rest = dotted.partition(".")
        parts = importer.name.split(".") if importer.name else []
        package = ".".join(parts if importer.is_package else parts[:-1])
        second = rest.partition(".")[0]
        # The answer for `litellm` is another in a file of that name than in the files beside it.
        key = (package, first, second, parts[-1:] == [first])
        if key not in self._known:
            self._known[key] = self._root_of(first, second, package, importer)
        root = self._known[key]
        return None if root is None else f"{root}.{dotted}" if root else dotted

    def _root_of(self, first: str, second: str, package: str, importer: Module) -> str | None:
        """The folder from which an absolute import is counted, as a dotted prefix."""
        if is_library(first):
            return "" if first in self._packages else None
        parts = package.split(".") if package else []
        roots = [".".join(parts[:length]) for length in range(len(parts), -1, -1)]
        found = [root for root in roots if _below(root, first) in self._packages]
        if "src" not in roots and f"src.{first}" in self._packages:
            found.append("src")
        # Python never starts in a package, and a module does not import itself; a package does import what is in it.
        found = [root for root in found if importer.is_package or _below(root, first) != importer.name]
        # A stray `__init__.py` beside the sources does not keep people from starting there.
        likely = [root for root in found if not self._is_package(root)]
        inside = [root for root in found if root not in likely]
        for root in [*likely, *inside]:
            if second and self._has(_below(root, first), second):
                return root
        if not likely and second:
            # `from ollama import AsyncClient` beside an `ollama.py` that has none: the library of that name.
            inside = [root for root in inside if _below(root, first) not in self._modules]
        found = likely or inside
        if second[:1].isupper():
            # `from github import Github` beside a folder `github` without an `__init__.py`, which holds modules and nothing else.
            found = [root for root in found if _below(root, first) in self._modules]
        # `shop.db` and `shop.api` may be parts of one namespace that are installed from several folders.
        if all(_below(root, first) not in self._modules for root in found):
            portion = self._portions.get((first, second), [])
            if len(portion) == 1:
                return portion[0]
        return found[0] if found else self._distribution(first, second)

    def _distribution(self, first: str, second: str) -> str | None:
        """The folder of a package that is installed from beside: `shared/` of `shared/shop_shared/`, where there is one alone."""
        folders = self._beside.get(first, [])
        if len(folders) != 1 or not second or not self._has(_below(folders[0], first), second):
            return None
        return folders[0]

    def _is_package(self, root: str) -> bool:
        module = self._modules.get(root)
        return bool(root) and module is not None and module.is_package

    def _has(self, name: str, inner: str) -> bool:
        """Whether a package or a module has something of that name."""
        if f"{name}.{inner}" in self._packages:
            return True
        module = self._modules.get(name)
        if module is None:
            return False
        scope = module.scope
        # A module may make its names as they are asked for.
        return (
            bool(module.star_imports)
            or makes_names(module)
            or any(inner in held for held in (scope.functions, scope.classes, scope.bindings, scope.imports))
        )


def makes_names(module: Module) -> bool:
    """Whether a module may fetch or make a name as it is asked for, by a `__getattr__` of its own."""
    return "__getattr__" in module.scope.functions or "__getattr__" in module.scope.bindings


def _below(root: str, name: str) -> str:
    return f"{root}.{name}" if root else name
