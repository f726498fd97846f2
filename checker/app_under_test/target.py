"""Finds the app that a project serves, from its source alone: `module:attribute`, and from where it is imported."""

from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from checker.app_under_test.import_roots import (
    find_import_roots,
    folders_below,
    import_roots,
    is_package_itself,
    name_below,
)
from checker.source import Call, Function, Module, Project
from checker.source.framework import APPS

_CONVENTIONAL = ("main.py", "app.py", "api.py", "app/main.py", "app/app.py", "app/api.py")
"""Where the `fastapi` command looks, in its order."""
_ASIDE = frozenset({
    "example", "examples", "sample", "samples", "demo", "demos", "doc", "docs", "docs_src", "script", "scripts",
    "benchmark", "benchmarks", "tool", "tools", "template", "templates",
})  # fmt: skip
_SERVERS = frozenset(
    {"uvicorn.run", "uvicorn.Config", "granian.Granian", "hypercorn.run", "hypercorn.config.Config"}
)
_LAUNCH_FILES = re.compile(
    r"^(Dockerfile.*|.*\.Dockerfile|Procfile|(docker-)?compose.*\.ya?ml|Makefile|justfile|.*\.sh|README\.(md|rst))$",
    re.IGNORECASE,
)
_LAUNCH = re.compile(
    r"\b(?:uvicorn|gunicorn|hypercorn|granian|fastapi)\b[^\n]{0,200}?[\s\"'=]([A-Za-z_][\w.]*):([A-Za-z_]\w*)(\(\))?(?=[\s\"',\]]|$)"
)
_FASTAPI_RUN = re.compile(r"\bfastapi\b[\s\"',]+run\b[^\n]{0,100}?[\s\"']([\w./-]+\.py)\b")
_MOST_TEXT = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What `find_target` found. Without a target, `candidates` names what there is and `reason` says what to do."""

    target: str | None
    """`package.module:attribute`, with `()` behind it where the attribute is a factory."""
    candidates: tuple[str, ...] = ()
    reason: str = ""
    python_path: tuple[Path, ...] = ()
    """Folders from which the target's imports are counted, the first of them the target's own."""

    @property
    def is_factory(self) -> bool:
        """Whether the attribute is called to get the app, as with Uvicorn's `--factory`."""
        return self.target is not None and self.target.endswith("()")


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One name under which an app can be imported."""

    module: Module
    name: str
    factory: bool = False

    @property
    def attribute(self) -> str:
        return f"{self.name}()" if self.factory else self.name


def find_target(project: Project, folder: Path) -> Target:
    """The app that the project serves, where that is plain; never imports anything.

    `pyproject.toml` decides (`[tool.fastapi] entrypoint`), then how the project itself starts a server, then the
    places where the `fastapi` command looks, then being the only one.
    """
    served = [module for module in project.modules if not module.is_test]
    candidates = _candidates(project, served)
    entrypoint = _entrypoint(folder)
    if entrypoint is not None:
        return Target(target=entrypoint, python_path=_path_for(entrypoint, project, folder))
    if not candidates:
        return Target(target=None, reason=_nothing_found(project))
    for narrowed in (
        _started(candidates, project, served, folder),
        _conventional(candidates),
        [c for c in candidates if not _is_aside(c.module.path)],
        candidates,
    ):
        if len(narrowed) == 1:
            return _target(narrowed[0], project, folder)
        if narrowed:
            candidates = narrowed
    names = _told_apart(candidates, project)
    shown = ", ".join(f"`{name}`" for name in names[:6]) + (" and more" if len(names) > 6 else "")
    return Target(
        target=None,
        candidates=names,
        reason=f"There are several apps ({shown}), and nothing says which one is served: name it with `--app`.",
    )


# Candidates


def _candidates(project: Project, modules: list[Module]) -> list[_Candidate]:
    """Every app under the name by which a server would import it; mounted apps belong to another one."""
    mounted = _mounted(project, modules)
    found: list[_Candidate] = []
    made_by: dict[Function, list[_Candidate]] = {}
    for module, call in project.framework.apps:
        if isinstance(call.scope, Function):
            factory = _factory_of(call, project)
            if factory is not None:
                made_by.setdefault(factory, [])
        elif (name := _name_of(call.node, module)) is not None:
            found.append(_Candidate(module, name))
    for factory, names in made_by.items():
        for module in modules:
            for call in module.scope.calls:
                if call.callee is factory and (name := _name_of(call.node, module)) is not None:
                    names.append(_Candidate(module, name))
        if names:
            found += names
        elif _takes_nothing(factory):
            found.append(_Candidate(factory.module, factory.name, factory=True))
    if not found:
        found = list(_held_by_value(project, modules))
    found = [_where_it_grows(c, project, modules) for c in found]
    return list(dict.fromkeys(c for c in found if (c.module.path, c.name) not in mounted))


def _held_by_value(project: Project, modules: list[Module]) -> Iterator[_Candidate]:
    """Module-level names that hold an app whose making is further away: `app = Server(settings).app`."""
    for module in modules:
        for name, bindings in module.scope.bindings.items():
            value = project.names.bound(bindings[-1], module.scope)
            if value is not None and value.instance and project.names.is_a(value, *APPS):
                yield _Candidate(module, name)


def _name_of(node: ast.Call, module: Module) -> str | None:
    """The module-level name that holds what the call made, also where something is wrapped around it."""
    for name, bindings in module.scope.bindings.items():
        for binding in bindings:
            if binding.value is node:
                return name
            if isinstance(binding.value, ast.Call) and node in binding.value.args:
                return name
    return None


def _factory_of(call: Call, project: Project) -> Function | None:
    """The module-level function that hands out the app made in it, directly or through other functions."""
    function = call.scope
    for _ in range(5):
        if not isinstance(function, Function) or function.owner is not None:
            return None
        if not isinstance(function.parent, Function):
            break
        function = function.parent
    if not isinstance(function, Function) or not any(r.value is not None for r in function.returns):
        return None
    value = project.names.returned(function)
    if project.names.is_a(value, *APPS):
        return function
    # What a wrapper gives is unknown, what is returned under the app's own name is not.
    names = {n for n, bindings in function.bindings.items() for b in bindings if b.value is call.node}
    returned = {r.value.id for r in function.returns if isinstance(r.value, ast.Name)}
    return function if names & returned or any(r.value is call.node for r in function.returns) else None


def _takes_nothing(function: Function) -> bool:
    return all(p.default is not None or p.variadic for p in function.parameters)


def _mounted(project: Project, modules: list[Module]) -> set[tuple[str, str]]:
    """Apps that another app holds, by file and name."""
    found: set[tuple[str, str]] = set()
    for module in modules:
        for call in module.calls:
            if getattr(call.node.func, "attr", "") != "mount":
                continue
            app = call.argument(1, "app")
            variable = project.names.variable(app, call.scope) if app is not None else None
            if variable is not None:
                found.add((variable.module.path, variable.name))
    return found


def _where_it_grows(candidate: _Candidate, project: Project, modules: list[Module]) -> _Candidate:
    """The module that takes an app from elsewhere and adds routers to it: without it the app is half of itself."""
    if candidate.factory:
        return candidate
    for module in modules:
        if module is candidate.module:
            continue
        for call in module.scope.calls:
            function = call.node.func
            if not isinstance(function, ast.Attribute) or not isinstance(function.value, ast.Name):
                continue
            if function.attr not in {"include_router", "mount", "add_middleware"}:
                continue
            variable = project.names.variable(function.value, module.scope)
            if variable is not None and (variable.module, variable.name) == (
                candidate.module,
                candidate.name,
            ):
                return _Candidate(module, function.value.id)
    return candidate


# Which of them is served


def _entrypoint(folder: Path) -> str | None:
    """`[tool.fastapi] entrypoint`, as the `fastapi` command reads it."""
    try:
        data = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    tool = data.get("tool")
    settings = tool.get("fastapi") if isinstance(tool, dict) else None
    value = settings.get("entrypoint") if isinstance(settings, dict) else None
    return value if isinstance(value, str) and ":" in value else None


def _started(
    candidates: list[_Candidate], project: Project, modules: list[Module], folder: Path
) -> list[_Candidate]:
    """The candidates that the project itself hands to a server: in code first, else in its launch files."""
    in_code: list[_Candidate] = []
    for module in modules:
        if _is_aside(module.path):
            continue
        for call in module.calls:
            if call.target not in _SERVERS:
                continue
            app = call.argument(0, "app")
            if isinstance(app, ast.Constant) and isinstance(app.value, str):
                owner, _, name = app.value.partition(":")
                in_code += _named(candidates, owner, name, module)
            elif app is not None:
                in_code += _handed_over(candidates, app, call, project)
    distinct = list(dict.fromkeys(in_code))
    if len(distinct) == 1:
        return distinct
    in_files: list[_Candidate] = []
    for text in _launch_texts(folder):
        for owner, name, _ in _LAUNCH.findall(text):
            in_files += _named(distinct or candidates, owner, name, None)
        for path in _FASTAPI_RUN.findall(text):
            in_files += [
                c for c in distinct or candidates if f"/{c.module.path}".endswith(f"/{path.lstrip('./')}")
            ]
    return list(dict.fromkeys(in_files)) or distinct


def _named(candidates: list[_Candidate], owner: str, name: str, beside: Module | None) -> list[_Candidate]:
    """The candidates behind an import string, counted from any folder; the shortest way wins."""
    found = [
        c
        for c in candidates
        if c.name == name.removesuffix("()")
        and (c.module.name == owner or c.module.name.endswith(f".{owner}"))
    ]
    if beside is not None and len(found) > 1:
        home = beside.path.partition("/")[0]
        found = [c for c in found if c.module.path.partition("/")[0] == home] or found
    exact = [c for c in found if c.module.name == owner]
    return exact or found


def _handed_over(
    candidates: list[_Candidate], app: ast.expr, call: Call, project: Project
) -> list[_Candidate]:
    variable = project.names.variable(app, call.scope)
    if variable is None:
        return []
    return [
        c
        for c in candidates
        if c.name == variable.name and (c.module is variable.module or c.module is call.scope.module)
    ]


def _launch_texts(folder: Path) -> Iterator[str]:
    for place in [folder, *folders_below(folder, depth=2)]:
        try:
            files = sorted(f for f in place.iterdir() if _LAUNCH_FILES.match(f.name) and f.is_file())
        except OSError:
            continue
        for file in files[:20]:
            try:
                yield file.read_text("utf-8", "replace")[:_MOST_TEXT].replace("\\\n", " ")
            except OSError:
                continue


def _conventional(candidates: list[_Candidate]) -> list[_Candidate]:
    """The app in the first file that the `fastapi` command would take; `src` and the like count as the top."""
    for path in _CONVENTIONAL:
        there = [
            c
            for c in candidates
            if c.module.path in {path, f"src/{path}", f"backend/{path}", f"server/{path}"}
        ]
        for name in ("app", "api"):
            named = [c for c in there if c.name == name]
            if len(named) == 1:
                return named
        if there:
            return there
    return []


def _is_aside(path: str) -> bool:
    return bool(_ASIDE & set(path.split("/")[:-1]))


def _nothing_found(project: Project) -> str:
    if project.framework.apps:
        return (
            "An app is made, but under no name that could be imported: give `--app module:attribute`, or "
            "`--app 'module:factory()'` for a function that returns it."
        )
    if project.operations:
        return "There are path operations but no `FastAPI()` that serves them: give `--app module:attribute`."
    return "There is no `FastAPI()` in this folder."


# From where it is imported


def _target(candidate: _Candidate, project: Project, folder: Path) -> Target:
    root, others = import_roots(candidate.module, project)
    if not root and is_package_itself(project, folder):
        name = ".".join(filter(None, (folder.resolve().name, candidate.module.name)))
        found = f"{name}:{candidate.attribute}"
        return Target(target=found, candidates=(found,), python_path=(folder.resolve().parent,))
    module = name_below(candidate.module.name, root)
    if not module:
        # The app stands in the root's own `__init__.py`.
        root, module = root.rpartition(".")[0], candidate.module.name.rpartition(".")[2]
    return Target(
        target=f"{module}:{candidate.attribute}",
        candidates=(f"{module}:{candidate.attribute}",),
        python_path=tuple(folder.joinpath(*filter(None, one.split("."))) for one in (root, *others)),
    )


def _told_apart(candidates: list[_Candidate], project: Project) -> tuple[str, ...]:
    """Each candidate's import string, counted from the project's folder where two would read the same."""
    count = Counter(_import_string(c, project) for c in candidates)
    names = (
        name if count[name := _import_string(c, project)] == 1 else f"{c.module.name}:{c.attribute}"
        for c in candidates
    )
    return tuple(sorted(names))


def _import_string(candidate: _Candidate, project: Project) -> str:
    root, _ = import_roots(candidate.module, project)
    return f"{name_below(candidate.module.name, root) or candidate.module.name}:{candidate.attribute}"


def _path_for(target: str, project: Project, folder: Path) -> tuple[Path, ...]:
    owner = target.partition(":")[0]
    for module in project.modules:
        if module.name == owner or module.name.endswith(f".{owner}"):
            root, others = import_roots(module, project)
            if name_below(module.name, root) == owner:
                return tuple(folder.joinpath(*filter(None, one.split("."))) for one in (root, *others))
    return find_import_roots(folder, target)
