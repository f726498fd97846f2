"""Run by `test_interruption.py` as a process of its own: one command, stopped at each of its changes to the disk.

    python kill_points.py SCRATCH MODE SCENARIO

The command runs in a child that is forked for each number n. Hooks count every change of the file system that the
child makes (open for writing, write, rename, remove, mkdir, rmdir, chmod, sync). At the n-th,

    kill    the child gets SIGKILL; of a write, half has been done
    full    the call fails as on a full disk, and so does every later one that needs room

Then the tree is looked at, the next command runs, and it is looked at again. Prints JSON: how many points there
were, and what was wrong at which.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import hashlib
import importlib
import io
import json
import os
import re
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import checker.cli.backups
import checker.cli.delivery
import checker.cli.folders
import checker.cli.guide
import checker.cli.run
from checker.cli import main
from checker.errors import CheckerError
from checker.models.report import Report

MINI = Path(__file__).parents[1] / "book"
NAME = "chapter-01-greeting"
APP = f"exercises/{NAME}/app"
MINE = {"main.py": b"mine = 1\r\n", "notes.txt": b"\xff mine"}
_STAMP = re.compile(r"\d{4}-\d{2}-\d{2}-\d{6}(-\d+)?")
_TIME = re.compile(rb"\d{4}-\d{2}-\d{2}T[\d:.+]+")
_CHANGES = {
    "os.rename",
    "os.remove",
    "os.mkdir",
    "os.rmdir",
    "os.chmod",
    "os.link",
    "os.symlink",
    "os.truncate",
}
_NEED_ROOM = {"os.mkdir", "os.rename", "open", "write", "sync"}
_LAST = 2000


# The trees


def make_book(root: Path, *, new: bool) -> None:
    """The miniature book with a small starter; the new one updates, adds and removes files, and has a chapter more."""
    names = [NAME, "chapter-02-parting"] if new else [NAME]
    for name in names:
        chapter = root / "chapters" / name
        chapter.mkdir(parents=True)
        text = (MINI / "chapters" / NAME / "chapter.toml").read_text(encoding="utf-8")
        number = name[8:10].lstrip("0")
        text = re.sub(r'id = "1\.', f'id = "{number}.', text)
        (chapter / "chapter.toml").write_text(text, encoding="utf-8")
        (chapter / "lesson.md").write_text("new lesson\n" if new else "lesson\n")
        app = root / "exercises" / name / "app"
        app.mkdir(parents=True)
        (app / "main.py").write_text("main = 2\n" if new else "main = 1\n")
        if name == NAME:
            (app / ("added.py" if new else "gone.py")).write_text("x = 1\n")
            (app / "door.py").write_text("door = 2\n" if new else "door = 1\n")


def in_child(action: Callable[[], int], stderr: Path | None = None) -> int:
    """Run in a fork, and return what `os.waitpid` says."""
    child = os.fork()
    if child == 0:
        gc.disable()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        heard = nowhere if stderr is None else os.open(stderr, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(nowhere, 1)
        os.dup2(heard, 2)
        sys.stdout, sys.stderr = (
            io.TextIOWrapper(io.FileIO(n, "w", closefd=False), write_through=True) for n in (1, 2)
        )
        try:
            os._exit(action())
        except BaseException as error:  # noqa: BLE001 -- whatever it is, it is this child's end
            sys.stderr.write(repr(error))
            os._exit(99)
    return os.waitpid(child, 0)[1]


def command(folder: Path, *words: str) -> Callable[[], int]:
    def run() -> int:
        os.chdir(folder)
        return main(list(words))

    return run


def report(folder: Path) -> Callable[[], int]:
    """Writes a report where an older one stands."""

    def run() -> int:
        os.chdir(folder)
        made = Report(chapter="chapter-01", title="A door", passed=False, score=1.0, duration_s=1.0)
        try:
            checker.cli.delivery.deliver(made, format="json", output=Path("report.json"), said="Done.")
        except CheckerError as error:
            return error.exit_code
        return 0

    return run


def snapshot(root: Path) -> dict[str, str]:
    """Each file by its name without dates, with a digest of its content without times; links and folders too."""
    found: dict[str, str] = {}
    for place, folders, names in os.walk(root):
        for name in [*folders, *names]:
            path = Path(place) / name
            shown = _STAMP.sub("DATE", path.relative_to(root).as_posix())
            while shown in found:
                shown += "+"
            if path.is_symlink():
                found[shown] = f"link {path.readlink()}"
            elif path.is_dir():
                found[shown] = "folder"
            elif not name.endswith(".lock"):
                found[shown] = hashlib.sha256(_TIME.sub(b"TIME", path.read_bytes())).hexdigest()[:12]
    return found


def shown_difference(found: dict[str, str], wanted: dict[str, str]) -> list[str]:
    names = sorted(found.keys() | wanted.keys())
    return [f"{n}: {found.get(n)} not {wanted.get(n)}" for n in names if found.get(n) != wanted.get(n)]


# What goes wrong


class Trouble:
    """Counts the changes that this process makes, and at the n-th does what the mode says."""

    def __init__(self, mode: str, at: int) -> None:
        self.mode, self.at, self.count = mode, at, 0

    def before(self, what: str) -> bool:
        """Called before each change; whether this one is to be cut in half."""
        self.count += 1
        if self.mode == "full":
            return self.count >= self.at and what in _NEED_ROOM
        return self.count == self.at

    def end(self) -> None:
        if self.mode == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def install(self) -> None:
        sys.addaudithook(self._audit)
        write, sync, send = os.write, os.fsync, getattr(os, "sendfile", None)

        def half_write(handle: int, content: Any) -> int:
            if handle > 2 and self.before("write"):
                write(handle, bytes(content)[: len(content) // 2])
                self.end()
            return write(handle, content)

        def half_sync(handle: int) -> None:
            # A kill here finds what a kill at the next change finds.
            if self.mode != "kill" and self.before("sync"):
                self.end()
            sync(handle)

        def half_send(out: int, source: int, offset: int, count: int) -> int:
            if self.before("write"):
                send(out, source, offset, 2)  # type: ignore[misc]
                self.end()
            return int(send(out, source, offset, count))  # type: ignore[misc]

        os.write, os.fsync = half_write, half_sync  # type: ignore[assignment]
        if send is not None:
            os.sendfile = half_send  # type: ignore[assignment]

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = arguments
            if not flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC):
                return
            if self.before("open"):
                self.end()
            # What `open()` writes goes past the hooks: it is stopped after it has emptied the file.
            if isinstance(mode, str) and mode.startswith("w") and self.before("write"):
                self.at = sys.maxsize
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC))
                self.end()
        elif event in _CHANGES and self.before(event):
            self.end()


# The commands


class Scenario:
    """A tree, a command on it, and what the tree may be afterwards."""

    def __init__(self, scratch: Path, name: str) -> None:
        self.scratch, self.name = scratch, name
        self.repeats = name in ("init", "hint", "report")
        if name == "report":
            importlib.import_module("checker.report")  # so that no child has to
        self.books = {new: scratch / f"book-{new}" for new in (False, True)}
        for new, root in self.books.items():
            make_book(root, new=new)
        self.template = scratch / "template"
        self.template.mkdir()
        self.book = ["--book", str(self.books[name != "init"])]
        # Imports what every command needs, so that no child has to.
        os.chdir(self.template)
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            main(["list", *self.book])
        self._furnish()

    def _run(self, *words: str, new: bool = True) -> None:
        status = in_child(
            command(self.template, *words, "--book", str(self.books[new])), self.scratch / "stderr"
        )
        assert status == 0, (words, (self.scratch / "stderr").read_text())

    def _furnish(self) -> None:
        if self.name == "init":
            return
        self._run("init", ".", new=self.name == "update --take")
        app = self.template / APP
        for name, content in MINE.items():
            (app / name).write_bytes(content)
        if self.name == "hint":
            self._run("hint", "1", new=False)
        elif self.name == "report":
            (self.template / "report.json").write_bytes(b"old report")
        elif self.name == "restore chapter":
            self._run("reset", "1", new=False)
            (app / "main.py").write_bytes(b"mine = 2\n")
        elif self.name == "restore files":
            self._run("update", "--take", APP)
            (app / "main.py").write_bytes(b"mine = 2\n")

    def action(self, folder: Path) -> Callable[[], int]:
        words = {
            "init": ["init", "."],
            "update": ["update"],
            "update --take": ["update", "--take", f"{APP}/main.py"],
            "reset": ["reset", "1"],
            "hint": ["hint", "1"],
        }.get(self.name)
        if self.name.startswith("restore"):
            (backup,) = (folder / ".workbook" / "backups").glob("*/*")
            words = ["restore", backup.name]
        if words is None:
            return report(folder)
        return command(folder, *words, *self.book)

    def next_command(self, folder: Path) -> Callable[[], int]:
        """Any other one completes what was begun; what was not begun, and a file alone, the same one makes."""
        if self.repeats:
            return self.action(folder)

        def show_list() -> int:
            os.chdir(folder)
            return checker.cli.guide.show_list(self.books[True])

        return show_list


def fresh_copy(scenario: Scenario) -> Path:
    folder = scenario.scratch / "workspace"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(scenario.template, folder, symlinks=True)
    return folder


def trees(scenario: Scenario) -> list[dict[str, str]]:
    """Before the command, after it, and after it twice where the next command is the same."""
    folder = fresh_copy(scenario)
    found = [snapshot(folder)]
    for action in (scenario.action(folder), scenario.next_command(folder)):
        assert in_child(action, scenario.scratch / "stderr") == 0, (scenario.scratch / "stderr").read_text()
        found.append(snapshot(folder))
    return found


def learner_s(tree: dict[str, str]) -> list[str]:
    """The digests of what the learner has written, wherever it lies."""
    own = {hashlib.sha256(one).hexdigest()[:12] for one in [*MINE.values(), b"mine = 2\n"]}
    return sorted(digest for digest in tree.values() if digest in own)


def judge(scenario: Scenario, mode: str) -> dict[str, Any]:
    before, after, twice = trees(scenario)
    whole = {*before.values(), *after.values()}
    wrong: list[str] = []
    completed = 0
    point = 0
    while point < _LAST:
        point += 1
        folder = fresh_copy(scenario)
        heard = scenario.scratch / "stderr"
        action = scenario.action(folder)

        def stopped(action: Callable[[], int] = action, at: int = point) -> int:
            trouble = Trouble(mode, at)
            trouble.install()
            code = action()
            return code if trouble.count >= at else 77

        status = in_child(stopped, heard)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 77:
            break
        left = snapshot(folder)
        problems = verdict(mode, status, heard)
        problems += [
            f"half a file: {name}"
            for name, digest in left.items()
            if digest not in whole and not re.search(r"\.workbook/change/|\.check-part$", name)
        ]
        problems += [] if learner_s(left) == learner_s(before) else ["something of the learner's is gone"]
        now = left
        # Where everything is as before or as after, there is nothing that another command could complete.
        if left not in (before, after) or scenario.repeats:
            if in_child(scenario.next_command(folder), heard):
                problems.append(f"the next command fails: {heard.read_text()}")
            now = snapshot(folder)
        if now not in (before, after, twice):
            problems.append(f"neither old nor new: {shown_difference(now, after)[:6]}")
        completed += now != before
        wrong += [f"{mode} {point}: {problem}" for problem in problems]
    return {"points": point - 1, "completed": completed, "wrong": wrong}


def verdict(mode: str, status: int, heard: Path) -> list[str]:
    """What is wrong with how the command ended."""
    if mode == "kill":
        return [] if os.WIFSIGNALED(status) else [f"it was not killed but ended with {status}"]
    said = heard.read_text(errors="replace")
    problems = (
        []
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) in (0, 3)
        else [f"it ended with {status}: {said}"]
    )
    if "fault of the checker" in said or "Traceback" in said:
        problems.append(said)
    return problems


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    os.environ["COLUMNS"] = "80"
    where, how, which = sys.argv[1:]
    made = Scenario(Path(where), which)
    gc.collect()
    gc.freeze()  # what is never collected is never copied for a child
    sys.stdout.write(json.dumps(judge(made, how)))
