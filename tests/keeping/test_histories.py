"""Random histories of books and learners: whatever the learner wrote stays where it is, or lies in a backup.

A model beside the workspace knows what the workbook laid down last. It holds nothing of the code under test: only
"what check put there, and nobody changed since, is the workbook's".
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from checker.cli.backups import reset, restore
from checker.cli.folders import init, update
from checker.errors import CheckerError

NAME = "chapter-01-greeting"
TOML = (Path(__file__).parents[1] / "book" / "chapters" / NAME / "chapter.toml").read_text(encoding="utf-8")
NAMES = ["README.md", "app/main.py", "app/door.py", "app/models", "app/models/tool.py", "tests/test_door.py"]
TEXTS = [b"one\n", b"two\n", b"three\n"]

starters = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(TEXTS), min_size=1).filter(
    # One name cannot be a file and a folder in one book; in two it can.
    lambda files: not {"app/models", "app/models/tool.py"} <= files.keys()
)
books = st.fixed_dictionaries({1: starters}, optional={2: starters})
names = st.sampled_from(NAMES)
deeds = st.one_of(
    st.tuples(st.sampled_from(["edit", "delete", "rename", "link", "folder", "crlf", "undo"]), names),
    st.tuples(
        st.sampled_from(["add", "delete chapter", "link app", "lose record", "spoil record"]), st.none()
    ),
    st.tuples(st.just("update"), books),
    st.tuples(st.just("take"), st.tuples(books, names)),
    st.tuples(st.sampled_from(["reset", "init"]), st.none()),
    st.tuples(st.just("restore"), st.integers(0, 5)),
)

Tree = dict[str, tuple[str, bytes]]


class History:
    """A workspace in which things happen, with the model beside it."""

    def __init__(self, root: Path) -> None:
        self.own, self.book, self.elsewhere = root / "own", root / "book", root / "elsewhere"
        self.elsewhere.mkdir()
        self.numbers = count(1)
        self.laid: dict[str, bytes] = {}

    def write_book(self, book: dict[int, dict[str, bytes]]) -> None:
        shutil.rmtree(self.book, ignore_errors=True)
        for number, files in book.items():
            name = NAME if number == 1 else "chapter-02-parting"
            chapter = self.book / "chapters" / name
            chapter.mkdir(parents=True)
            (chapter / "chapter.toml").write_text(
                TOML.replace('id = "1.', f'id = "{number}.'), encoding="utf-8"
            )
            (chapter / "lesson.md").write_bytes(files.get("README.md", b"lesson\n"))
            for file, content in files.items():
                path = self.book / "exercises" / name / file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)

    def check(self, command: Callable[[Path], int]) -> int:
        """Run a command with the book as it is; a sentence of ours becomes its exit code."""
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            try:
                return command(self.book)
            except CheckerError as error:
                return error.exit_code

    def tree(self, folder: Path | None = None) -> Tree:
        root = folder or self.own
        found: Tree = {}
        for place, folders, files in os.walk(root):
            for name in [*folders, *files]:
                path = Path(place) / name
                shown = path.relative_to(root).as_posix()
                if path.is_symlink():
                    found[shown] = ("link", os.fsencode(path.readlink()))
                elif path.is_file():
                    found[shown] = ("file", path.read_bytes())
        return found

    def in_place(self) -> Tree:
        return {name: one for name, one in self.tree().items() if not name.startswith(".workbook/")}

    def offered(self) -> dict[str, bytes]:
        """What the book has for the workspace, by its name there."""
        found: dict[str, bytes] = {}
        for name, (_, content) in self.tree(self.book).items():
            if name.startswith("exercises/"):
                found[name] = content
            elif name.endswith("lesson.md"):
                found[f"lessons/{name.split('/')[1]}.md"] = content
        return found

    # What a learner does

    def place(self, file: str) -> Path | None:
        """A file of chapter 1, if one can be there."""
        path = self.own / "exercises" / NAME / file
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.parent.resolve().is_relative_to(self.own.resolve()):
                return path
        return None

    def remove(self, path: Path) -> None:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)

    def mine(self) -> bytes:
        return f"mine {next(self.numbers)}\r\n".encode()

    def do(self, deed: str, file: str | None) -> None:
        chapter = self.own / "exercises" / NAME
        record = self.own / ".workbook" / "workspace.json"
        match deed:
            case "lose record":
                record.unlink(missing_ok=True)
                self.laid = {}
            case "spoil record":
                record.write_bytes(b'{"version": 2, "files": {')
                self.laid = {}
            case "delete chapter":
                self.remove(chapter)
            case "add":
                if (path := self.place("app/notes.txt")) and not path.exists():
                    path.write_bytes(self.mine())
            case "link app":
                if (chapter / "app").is_dir() and not (chapter / "app").is_symlink():
                    there = self.elsewhere / str(next(self.numbers))
                    (chapter / "app").rename(there)
                    (chapter / "app").symlink_to(there)
        if file is not None and (path := self.place(file)) is not None:
            self.do_to(deed, path)

    def do_to(self, deed: str, path: Path) -> None:
        match deed:
            case "edit":
                self.remove(path)
                path.write_bytes(self.mine())
            case "delete":
                self.remove(path)
            case "rename":
                if os.path.lexists(path):
                    path.rename(path.with_name(f"my-{next(self.numbers)}"))
            case "link":
                self.remove(path)
                path.symlink_to(f"nowhere-{next(self.numbers)}")
            case "folder":
                self.remove(path)
                path.mkdir()
                (path / "inner.txt").write_bytes(self.mine())
            case "crlf":
                if path.is_file() and not path.is_symlink():
                    path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
            case "undo":
                laid = self.laid.get(path.relative_to(self.own).as_posix())
                if laid is not None and not path.is_dir():
                    self.remove(path)
                    path.write_bytes(laid)

    # What check does, and what must hold afterwards

    def is_the_learner_s(self, name: str, one: tuple[str, bytes]) -> bool:
        return one != ("file", self.laid.get(name)) and one != ("file", self.offered().get(name))

    def kept(self, before: Tree, after: Tree) -> None:
        """Everything that was not the workbook's own lies somewhere, as often as before."""
        theirs = [
            one for name, one in before.items() if self.is_the_learner_s(name, one) and is_content(name)
        ]
        there = [one for name, one in after.items() if is_content(name)]
        for one in theirs:
            assert there.count(one) >= theirs.count(one), f"gone: {one}"

    def learn(self, after: Tree, below: str = "") -> None:
        """What is as in the book counts as laid down; what the book has no more is nobody's but the learner's."""
        offered = self.offered()
        chapters = {name.split("/")[1].removesuffix(".md") for name in offered}
        for name in [one for one in self.laid if one not in offered]:
            if name.split("/")[1].removesuffix(".md") in chapters:
                del self.laid[name]
        for name, content in offered.items():
            if after.get(name) == ("file", content) and name.startswith(below):
                self.laid[name] = content

    def update(self, book: dict[int, dict[str, bytes]], take: str | None = None) -> None:
        self.write_book(book)
        before, outside = self.tree(), self.tree(self.elsewhere)
        taken = f"exercises/{NAME}/{take}"
        words = [Path(taken)] if take is not None and taken in self.offered() else []
        if self.check(lambda book: update(book, words)) == 2:
            assert self.tree() == before
            return  # no file in common with the book before: taken for another one
        after = self.tree()
        for name, one in before.items():
            if name.startswith(".workbook/") or (words and (name == taken or name.startswith(f"{taken}/"))):
                continue
            if self.laid.get(name) is None or one != ("file", self.laid[name]):
                assert after.get(name) == one, f"{name} was edited"
        for name in self.laid.keys() - before.keys():
            if not words or name != taken:
                assert name not in after, f"{name} was deleted"
        for name, content in self.offered().items():
            if before.get(name) == ("file", self.laid.get(name)):
                assert after.get(name) == ("file", content), f"{name} was not edited"
        assert self.tree(self.elsewhere) == outside
        self.kept(before, after)
        self.learn(after)
        # Once more changes nothing, but for a name that has just come free.
        self.check(lambda book: update(book, []))
        self.learn(self.tree())
        again = self.in_place()
        self.check(lambda book: update(book, []))
        assert self.in_place() == again

    def reset(self) -> None:
        before, outside = self.tree(), self.tree(self.elsewhere)
        assert self.check(lambda book: reset(book, "1")) == 0
        after = self.tree()
        folder = f"exercises/{NAME}/"
        found = {name: content for name, (_, content) in after.items() if name.startswith(folder)}
        assert found == {name: one for name, one in self.offered().items() if name.startswith(folder)}
        for name in [one for one in self.laid if one.startswith(folder)]:
            del self.laid[name]
        self.kept(before, after)
        self.learn(after, folder)
        assert self.tree(self.elsewhere) == outside

    def restore(self, number: int) -> None:
        backups = sorted((self.own / ".workbook" / "backups").glob("*/*"))
        if not backups:
            return
        backup = backups[number % len(backups)]
        wanted = self.tree(backup) if not backup.is_symlink() else {}
        before = self.tree()
        assert self.check(lambda book: restore(book, f"{backup.parent.name}/{backup.name}")) == 0
        after = self.tree()
        place = "" if backup.parent.name == "files" else f"exercises/{NAME}/"
        for name, one in wanted.items():
            assert after.get(place + name) == one, f"{name} did not come back"
            self.laid.pop(place + name, None)
        for name in [one for one in self.laid if place and one.startswith(place)]:
            del self.laid[name]
        self.kept(before, after)

    def init(self) -> None:
        before = self.tree()
        self.check(lambda book: init(book, self.own))
        after = self.tree()
        assert {name: after.get(name) for name in before if is_content(name)} == {
            name: one for name, one in before.items() if is_content(name)
        }
        for name, one in after.items():
            if name not in before and is_content(name):
                assert one == ("file", self.offered()[name])
                self.laid[name] = one[1]


def is_content(name: str) -> bool:
    """Not the record, locks and journals of our own."""
    return not re.fullmatch(r"\.workbook/[^/]*", name)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.chdir(folder)
        yield Path(folder)
        os.chdir("/")


# A history that fails is short enough to read, and would take minutes to shrink.
@settings(
    max_examples=40,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(first=books, history=st.lists(deeds, min_size=3, max_size=12))
def test_nothing_that_a_learner_wrote_is_ever_gone(
    here: Path, first: dict[int, dict[str, bytes]], history: list[tuple[str, Any]]
) -> None:
    with tempfile.TemporaryDirectory(dir=here) as folder:
        root = Path(folder)
        happened = History(root)
        happened.write_book(first)
        os.chdir(root)
        assert happened.check(lambda book: init(book, Path("own"))) == 0
        happened.laid = happened.offered()
        os.chdir(happened.own)
        for deed, what in history:
            match deed:
                case "update":
                    happened.update(what)
                case "take":
                    happened.update(*what)
                case "reset":
                    happened.reset()
                case "restore":
                    happened.restore(what)
                case "init":
                    happened.init()
                case _:
                    happened.do(deed, what)
        assert not (happened.own / ".workbook" / "change").exists()
        os.chdir(here)
