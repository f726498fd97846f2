"""Which files of a folder belong to the code base: bounded, without environments and caches."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

MAX_FILES = 5_000
SKIPPED_FOLDERS = frozenset(
    {
        "__pycache__",
        "node_modules",
        "site-packages",
        "venv",
        "env",
        "virtualenv",
        "build",
        "dist",
        "htmlcov",
    }
)


def python_files(folder: Path, on_error: Callable[[OSError], None]) -> Iterator[tuple[Path, str]]:
    """Every Python file with its path relative to the folder, in a stable order; links are not followed.

    A folder that cannot be listed is given to `on_error`.
    """
    for current, folders, names in os.walk(folder, onerror=on_error, followlinks=False):
        here = Path(current)
        folders[:] = sorted(name for name in folders if _is_searched(here / name))
        for name in sorted(names):
            file = here / name
            if name.endswith(".py") and not file.is_symlink() and file.is_file():
                yield file, file.relative_to(folder).as_posix()


def _is_searched(folder: Path) -> bool:
    name = folder.name
    if name.startswith(".") or name in SKIPPED_FOLDERS or name.endswith(".egg-info"):
        return False
    return not (folder / "pyvenv.cfg").exists()


def is_test_file(path: str) -> bool:
    """Whether a relative path belongs to the tests and not to the service."""
    *folders, name = path.split("/")
    if {"tests", "test", "testing"} & set(folders):
        return True
    return name.startswith("test_") or name in {"conftest.py", "tests.py"} or name.endswith("_test.py")


def module_name(path: str) -> tuple[str, bool]:
    """Dotted name from a relative path, and whether it is a package's `__init__`."""
    parts = path.removesuffix(".py").split("/")
    is_package = parts[-1] == "__init__"
    if is_package:
        parts = parts[:-1]
    return ".".join(parts), is_package
