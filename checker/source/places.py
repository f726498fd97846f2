"""Which files say by their place or name that they are not the service: examples, scripts, commands, mocks, tests."""

from __future__ import annotations

import re

from checker.source.framework import Framework
from checker.source.model import Function, Module, Scope

_AWAY = frozenset({
    "scripts", "script", "bin", "cli", "commands", "migrations", "alembic", "examples", "example", "benchmarks", "benchmark",
    "evals", "notebooks", "test", "tests", "testing", "conftest", "__main__",
})  # fmt: skip
_AWAY_OUTSIDE = frozenset({"tools", "dev", "docs", "setup", "manage", "versions", "ci", "hack"})
"""Inside the app these are what it is about: `routers/tools.py`, `core/setup.py`."""
_ASIDE = frozenset({
    "example", "examples", "sample", "samples", "demo", "demos", "docs", "doc", "docs_src", "tutorial", "tutorials", "snippets",
    "cookbook", "playground", "scripts", "script", "benchmark", "benchmarks", "bench", "notebooks", "mock", "mocks", "mock_server",
    "fixtures", "stubs", "e2e", "templates", "template", "skeleton", "experiments", "sandbox", "_archive",
})  # fmt: skip
_EXAMPLES = frozenset({"example", "examples", "sample", "samples", "demo", "demos"})
_ASIDE_WORDS = _EXAMPLES | {"mock", "mocks"}
_PLUGINS = frozenset({"plugin", "plugins", "addon", "addons", "contrib", "extensions"})
_WORD = re.compile(r"[^a-z0-9]+")
_ASIDE_NAME = re.compile(
    r"(^|_)(tests?|testing|mock|mocked|fake|dummy|stub|example|demo|openapi|schema|docs)(_|$)", re.IGNORECASE
)
_FILLED_IN = re.compile(r"\{[{%]|\[\[|<<|__\w+__$")


def is_away(module: Module, framework: Framework) -> bool:
    """Whether a module says by its place or name that it is a script, a command, a migration or a test."""
    *folders, name = module.path.lower().removesuffix(".py").split("/")
    words = name.split("_")
    if _AWAY & {*folders, name, words[0], words[-1]}:
        return True
    if not _AWAY_OUTSIDE & {*folders, name}:
        return False
    homes = [app.path.rpartition("/")[0] for app, _ in framework.apps if not app.is_test]
    inside = any(module.path.startswith(f"{home}/") for home in homes if home)
    return not inside and bool(_AWAY_OUTSIDE & {(*folders, name)[0], *(folders if any(homes) else ())})


def is_aside_module(module: Module) -> bool:
    """Whether a file belongs to an example, a mock, a script or a test.

    Below a folder whose name is filled in later, `{{ name }}/backend`, lies the service that a template makes.
    """
    file = module.path.rpartition("/")[2]
    if module.is_test or _ASIDE_NAME.search(file.removesuffix(".py")):
        return True
    return is_in_aside_folder(module)


def is_in_aside_folder(module: Module) -> bool:
    """Whether a file lies in a folder of examples, mocks, scripts or the like."""
    folders = module.path.split("/")[:-1]
    filled_in = [number for number, folder in enumerate(folders) if _FILLED_IN.search(folder)]
    own = folders[filled_in[-1] + 1 :] if filled_in else folders
    return any(folder in _ASIDE or set(_WORD.split(folder.lower())) & _ASIDE_WORDS for folder in own)


def is_example(module: Module) -> bool:
    """Whether a file lies in a folder of examples, whose apps are meant to be read and served."""
    return bool(_EXAMPLES & {folder.lower() for folder in module.path.split("/")[:-1]})


def is_aside_function(scope: Scope) -> bool:
    """Whether a function says by its name that it is for tests, a demonstration or the documents."""
    return isinstance(scope, Function) and bool(_ASIDE_NAME.search(scope.name.rpartition(".")[2]))


def is_plugin(module: Module) -> bool:
    """Whether a file lies in a folder of what another app takes in while it runs."""
    return any(set(_WORD.split(folder.lower())) & _PLUGINS for folder in module.path.split("/")[:-1])
