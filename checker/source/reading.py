"""The files of a service, read within bounds. Its tests are left out, for no rule speaks of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from checker.source.collect import collect
from checker.source.files import MAX_FILES, PythonFile, is_test_file, module_name, python_files
from checker.source.garbage import without_collector
from checker.source.model import Module, Unreadable
from checker.source.parse import ParsedFile, parse_file

MAX_BYTES = 40_000_000
"""All files together: a million lines or more, about 1.5 GB once they are read."""


def read_modules(place: Path, exclude: Sequence[str] = ()) -> tuple[list[Module], list[Unreadable]]:
    """The modules of a folder or of a single file, in the order of their paths, and what could not be read.

    A test file is read where the service imports it, or where it is the place itself.
    """
    left_out: list[Unreadable] = []
    files = list(islice(python_files(place, left_out.append, exclude), MAX_FILES + 1))
    if len(files) > MAX_FILES:
        left_out.append(_too_many(files.pop()))
    if not files and not left_out:
        sentence = "There is no Python file here, in no folder that belongs to a service."
        left_out.append(Unreadable(path=".", line=None, sentence=sentence))
    shelf = _Shelf(left_out)
    with without_collector():
        for file in files:
            if not is_test_file(file.shown) or len(files) == 1:
                shelf.read(file)
        tests = [file for file in files if file.shown not in shelf.modules and is_test_file(file.shown)]
        while wanted := [file for file in tests if shelf.imports(file)]:
            for file in wanted:
                tests.remove(file)
                shelf.read(file)
    if shelf.unread:
        left_out.append(_too_much(shelf.unread))
    return [shelf.modules[file.shown] for file in files if file.shown in shelf.modules], left_out


class _Shelf:
    """What has been read so far, and how much it is."""

    def __init__(self, left_out: list[Unreadable]) -> None:
        self.modules: dict[str, Module] = {}
        self.unread: list[PythonFile] = []
        self._left_out = left_out
        self._size = 0
        self._imported: set[str] = set()

    def read(self, file: PythonFile) -> None:
        """Read one file while there is room."""
        if self._size > MAX_BYTES:
            self.unread.append(file)
            return
        parsed = parse_file(file.file, file.shown)
        if isinstance(parsed, Unreadable):
            self._left_out.append(parsed)
            return
        self._size += parsed.size
        module = self.modules[file.shown] = _module(file.shown, parsed)
        for dotted in module.imported:
            self._imported.update(dotted.split("."))

    def imports(self, file: PythonFile) -> bool:
        """Whether a module that was read names this file in an import."""
        name, _ = module_name(file.shown)
        return name.rpartition(".")[2] in self._imported


def _module(shown: str, parsed: ParsedFile) -> Module:
    name, is_package = module_name(shown)
    module = Module(
        path=shown,
        name=name,
        is_package=is_package,
        tree=parsed.tree,
        lines=parsed.lines,
        is_test=is_test_file(shown),
        flexes=parsed.flexes,
    )
    collect(module)
    return module


def _too_many(first: PythonFile) -> Unreadable:
    sentence = (
        f"There are more than {MAX_FILES} Python files; `{first.shown}` and what follows were not read."
    )
    return Unreadable(path=first.shown, line=None, sentence=sentence)


def _too_much(unread: Sequence[PythonFile]) -> Unreadable:
    sentence = (
        f"There are more than {MAX_BYTES // 1_000_000} MB of Python; {len(unread)} files, from `{unread[0].shown}` on, were "
        "not read."
    )
    return Unreadable(path=unread[0].shown, line=None, sentence=sentence)
