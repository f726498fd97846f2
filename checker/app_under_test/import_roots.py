"""From where the imports of a project's modules are counted: its folder, `src`, `backend` and the like."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from checker.source import Module, Project

_INSTALLED = frozenset({"node_modules", "venv", "env", "site-packages"})


def find_import_roots(folder: Path, target: str) -> tuple[Path, ...]:
    """Where a target that somebody named lies: the folder itself, or one below it such as `src` or `backend`."""
    parts = target.partition(":")[0].split(".")
    places = [folder, *(folder / name for name in ("src", "backend", "app", "server", "api", "service"))]
    places += sorted(p for p in folders_below(folder, depth=3) if p not in places)
    for place in places:
        file = place.joinpath(*parts)
        if file.with_name(f"{file.name}.py").is_file() or (file / "__init__.py").is_file():
            return (place,) if place == folder else (place, folder)
    # The folder may be the package itself.
    return (folder.resolve().parent,) if parts[0] == folder.resolve().name else (folder,)


def is_package_itself(project: Project, folder: Path) -> bool:
    """Whether the project's folder is itself a package that its modules import from: `check app ./shop`."""
    name = folder.resolve().name
    for module in project.modules:
        for dotted in module.imported:
            if dotted.partition(".")[0] == name and project.names.module_named(name, module) is None:
                return not any(m.name == name or m.name.startswith(f"{name}.") for m in project.modules)
    return False


def folders_below(folder: Path, depth: int) -> Iterator[Path]:
    """Folders of the project down to a depth, without hidden ones and installed packages."""
    if depth == 0:
        return
    try:
        below = sorted(p for p in folder.iterdir() if p.is_dir() and not p.is_symlink())
    except OSError:
        return
    for place in below:
        if not place.name.startswith((".", "_")) and place.name not in _INSTALLED:
            yield place
            yield from folders_below(place, depth - 1)


def import_roots(module: Module, project: Project) -> tuple[str, tuple[str, ...]]:
    """The dotted folder from which the module is imported, and others that something it needs is counted from."""
    votes = Counter(_votes(module, project))
    above = _ancestors(module.name if module.is_package else module.name.rpartition(".")[0])
    counted = [root for root in above if votes[root]]
    root = max(counted, key=lambda one: votes[one]) if counted else _package_root(module, project)
    return root, tuple(one for one, _ in votes.most_common() if one != root)


def _ancestors(package: str) -> list[str]:
    parts = package.split(".") if package else []
    return [".".join(parts[:length]) for length in range(len(parts), -1, -1)]


def _package_root(module: Module, project: Project) -> str:
    """Without an import to go by: the folder above the outermost package, as the `fastapi` command has it."""
    package = module.name if module.is_package else module.name.rpartition(".")[0]
    for name in _ancestors(package):
        if not name or not _is_package(name, project):
            return name
    return ""


def _is_package(name: str, project: Project) -> bool:
    return any(m.is_package and m.name == name for m in project.modules)


def _votes(module: Module, project: Project) -> Iterable[str]:
    """For each absolute import of the project's own, by the module and what it imports: its root."""
    seen, waiting = {module.path}, [module]
    while waiting:
        current = waiting.pop()
        for dotted in sorted(current.imported):
            found, path = project.names.module_named(dotted, current), dotted
            if found is None:
                path = dotted.rpartition(".")[0]
                found = project.names.module_named(path or ".", current)
            if found is None:
                continue
            if path and not path.startswith(".") and (found.name == path or found.name.endswith(f".{path}")):
                yield found.name.removesuffix(path).rstrip(".")
            if found.path not in seen:
                seen.add(found.path)
                waiting.append(found)


def name_below(name: str, root: str) -> str:
    """A module's name counted from a root, empty for the root's own `__init__`."""
    return name.removeprefix(f"{root}.") if root and name != root else ("" if root else name)
