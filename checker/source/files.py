"""Which files of a folder belong to the code base: bounded, without environments, caches and built copies."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from checker.errors import UsageError
from checker.source.model import Unreadable

MAX_FILES = 20_000
_NEVER = frozenset({"__pycache__", "__pypackages__", "node_modules", "site-packages", "dist-packages"})
_UNLESS_PACKAGE = frozenset({"venv", "env", "virtualenv", "build", "dist", "htmlcov"})
"""What such a folder usually is; a package of the service has an `__init__.py`."""
_ENVIRONMENT_MARKS = ("pyvenv.cfg", "conda-meta")


@dataclass(frozen=True, slots=True)
class PythonFile:
    """A file to read, and its path as a reader sees it: relative to the folder, with forward slashes."""

    file: Path
    shown: str


class _Search:
    """One walk through a folder, in a stable order; links are not followed."""

    def __init__(
        self, folder: Path, excluded: Callable[[str], bool], on_skip: Callable[[Unreadable], None]
    ) -> None:
        self._folder = folder
        self._root = os.path.realpath(folder)
        self._excluded = excluded
        self._on_skip = on_skip

    def files(self) -> Iterator[PythonFile]:
        """Files of a folder first, then those of its folders."""
        waiting = [""]
        while waiting:
            here = waiting.pop()
            inner: list[str] = []
            for entry in self._entries(here):
                path = here + entry.name
                try:
                    if entry.is_symlink():
                        self._link(entry, path)
                    elif entry.is_dir():
                        if self._is_searched(entry, path):
                            inner.append(f"{path}/")
                    elif entry.name.endswith(".py") and not self._excluded(path):
                        if entry.is_file():
                            yield PythonFile(self._folder / path, printable(path))
                        else:
                            self._skip(path, f"`{printable(path)}` is no ordinary file, so it was not read.")
                except OSError as error:
                    self._unlisted(path, error)
            waiting += reversed(inner)

    def _entries(self, here: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(self._folder / here) as entries:
                return sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            self._unlisted(here.rstrip("/") or ".", error)
            return []

    def _is_searched(self, entry: os.DirEntry[str], path: str) -> bool:
        if not _may_hold_service(entry.name) or self._excluded(f"{path}/"):
            return False
        if any(os.path.lexists(os.path.join(entry.path, mark)) for mark in _ENVIRONMENT_MARKS):
            return False
        if entry.name not in _UNLESS_PACKAGE or os.path.lexists(os.path.join(entry.path, "__init__.py")):
            return True
        if _holds_python(entry.path):
            shown = printable(path)
            self._skip(
                path,
                f"The folder `{shown}` has no `__init__.py` and a name of built files, so nothing in it was read.",
            )
        return False

    def _link(self, entry: os.DirEntry[str], path: str) -> None:
        """A link inside the folder leads to what is read anyway; one out of it is named if Python is behind it."""
        is_folder = entry.is_dir()
        if (
            is_folder
            and not _may_hold_service(entry.name)
            or not is_folder
            and not entry.name.endswith(".py")
        ):
            return
        target = os.path.realpath(entry.path)
        inside = target == self._root or target.startswith(self._root + os.sep)
        if inside and os.path.exists(target) or self._excluded(f"{path}/" if is_folder else path):
            return
        if not is_folder or _holds_python(target):
            self._skip(
                path, f"`{printable(path)}` is a link that leads out of the folder, so it was not followed."
            )

    def _unlisted(self, path: str, error: OSError) -> None:
        reason = error.strerror or type(error).__name__
        self._skip(
            path,
            f"The folder `{printable(path)}` cannot be listed ({reason}), so nothing in it was read. Check its permissions.",
            left_out=False,
        )

    def _skip(self, path: str, sentence: str, *, left_out: bool = True) -> None:
        self._on_skip(Unreadable(path=printable(path), line=None, sentence=sentence, left_out=left_out))


def python_files(
    place: Path, on_skip: Callable[[Unreadable], None], exclude: Sequence[str] = ()
) -> Iterator[PythonFile]:
    """Every Python file below a folder, or the one file that the path names.

    `exclude` holds patterns as in a `.gitignore`, relative to the folder. What cannot be listed, and what is not followed,
    is given to `on_skip`.
    """
    if place.is_dir() or not os.path.lexists(place):
        yield from _Search(place, _matcher(exclude), on_skip).files()
    else:
        yield PythonFile(place, printable(place.name))


def _matcher(exclude: Sequence[str]) -> Callable[[str], bool]:
    if not exclude:
        return lambda path: False
    import pathspec

    try:
        return pathspec.GitIgnoreSpec.from_lines(exclude).match_file
    except ValueError as error:
        raise UsageError(
            f"A pattern to exclude cannot be understood: {error}. Write it as in a .gitignore."
        ) from error


def _may_hold_service(name: str) -> bool:
    return not (name.startswith(".") or name in _NEVER or name.endswith((".egg-info", ".dist-info")))


def _holds_python(folder: str) -> bool:
    try:
        with os.scandir(folder) as entries:
            return any(entry.name.endswith(".py") for entry in entries)
    except OSError:
        return False


def printable(path: str) -> str:
    """A path that can be written anywhere: line ends and bytes that are no text are escaped."""
    if path.isprintable():
        return path
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in path)


def is_test_file(path: str) -> bool:
    """Whether a relative path belongs to the tests and not to the service."""
    *folders, name = path.split("/")
    if {"tests", "test", "testing"} & set(folders) or any(
        folder.endswith(("-test", "-tests", "_tests")) for folder in folders
    ):
        return True
    return (
        name.startswith("test_")
        or name in {"conftest.py", "tests.py"}
        or name.endswith(("_test.py", "_tests.py"))
    )


def module_name(path: str) -> tuple[str, bool]:
    """Dotted name from a relative path, and whether it is a package's `__init__`."""
    parts = path.removesuffix(".py").split("/")
    is_package = parts[-1] == "__init__"
    if is_package:
        parts = parts[:-1]
    return ".".join(parts), is_package
