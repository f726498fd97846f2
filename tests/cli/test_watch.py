"""`check watch` as a learner uses it: in a pipe, and on a terminal with its keys."""

from __future__ import annotations

import contextlib
import os
import queue
import re
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

PATIENCE_S = 60.0
AS_AT_A_PROMPT = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from checker.cli import main; sys.exit(main())"
)
COMMAND = [sys.executable, "-c", AS_AT_A_PROMPT, "watch", "chapter-1", "--book", "."]
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals and terminals")


@pytest.fixture
def main_file(workspace: Path) -> Path:
    """The file that the learner works in."""
    return workspace / "exercises" / "chapter-01-greeting" / "app" / "main.py"


def save(file: Path, text: str) -> None:
    fresh = file.with_name(f".{file.name}.new~")
    fresh.write_text(text)
    fresh.replace(file)


class Watching:
    """A `check watch` in a pipe, and the lines that it says."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def end(self) -> None:
        """End it, however far it is."""
        self.process.terminate()
        self.process.wait(30)
        self._reader.join(10)

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout:
            for line in self.process.stdout:
                self._lines.put(line.rstrip("\n"))

    def until(self, wanted: str) -> list[str]:
        """The lines up to the first that holds `wanted`."""
        seen: list[str] = []
        ends = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends:
            with contextlib.suppress(queue.Empty):
                seen.append(self._lines.get(timeout=0.5))
                if wanted in seen[-1]:
                    return seen
        raise AssertionError(f"`{wanted}` was not said within {PATIENCE_S:g} s: {seen}")


@pytest.fixture
def watching(workspace: Path, tmp_path: Path) -> Iterator[Callable[..., Watching]]:
    """`watching()`: the command in the workspace, ended with the test."""
    started: list[Watching] = []
    temporary = tmp_path / "temporary"
    temporary.mkdir()

    def start(*options: str) -> Watching:
        process = subprocess.Popen(
            [*COMMAND, *options],
            cwd=workspace,
            env={**os.environ, "TMPDIR": str(temporary)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(Watching(process))
        return started[-1]

    yield start
    for command in started:
        command.end()


def test_each_save_is_graded_and_its_first_failure_is_told_first(
    watching: Callable[..., Watching], main_file: Path, workspace: Path
) -> None:
    command = watching()
    told = "\n".join(command.until("tasks done"))
    assert told.index("first failure after") < told.index("not passed, 0 of 2 tasks done")
    solution = workspace / "solutions" / "chapter-01-greeting" / "app" / "main.py"
    command.until("constraints:")
    save(main_file, solution.read_text())
    assert "2 of 2 tasks done" in command.until("tasks done")[-1]


def test_a_save_during_a_grade_drops_it(watching: Callable[..., Watching], main_file: Path) -> None:
    command = watching()
    command.until("tasks done")
    before = main_file.read_text()
    for number in range(3):
        save(main_file, f"{main_file.read_text()}\n# {number}\n")
        time.sleep(0.4)
    save(main_file, "this is no Python\n")
    said = command.until("tasks done")
    assert any("syntax" in line for line in said), said
    # Each of the others began at most; none came to an end.
    assert len([line for line in said if "tasks done" in line]) == 1
    save(main_file, before)
    assert not any("syntax" in line for line in command.until("tasks done"))


def test_looking_at_the_files_finds_saves_too(watching: Callable[..., Watching], main_file: Path) -> None:
    command = watching("--poll")
    command.until("tasks done")
    save(main_file, "this is no Python\n")
    assert any("syntax" in line for line in command.until("tasks done"))


@POSIX
@pytest.mark.parametrize("moment_s", [1.0, None], ids=["while it grades", "at rest"])
def test_ctrl_c_leaves_nothing_behind(
    watching: Callable[..., Watching], tmp_path: Path, moment_s: float | None
) -> None:
    command = watching()
    if moment_s is None:
        command.until("constraints:")
        time.sleep(1.5)
    else:
        time.sleep(moment_s)
    family = psutil.Process(command.process.pid).children(recursive=True)
    command.process.send_signal(signal.SIGINT)
    assert command.process.wait(30) == 130
    _, alive = psutil.wait_procs(family, timeout=5)
    assert not alive
    assert list((tmp_path / "temporary").glob("check-*")) == []


class Terminal:
    """A `check watch` on a terminal of 80 by 40."""

    def __init__(self, workspace: Path) -> None:
        import pty

        self.pid, self._number = pty.fork()
        if self.pid == 0:
            os.chdir(workspace)
            os.execve(
                sys.executable, COMMAND, {**os.environ, "TERM": "xterm", "LINES": "40", "COLUMNS": "80"}
            )
        self._said = ""

    def press(self, key: str) -> None:
        os.write(self._number, key.encode())

    def read(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends and select.select([self._number], [], [], 0.05)[0]:
            try:
                self._said += os.read(self._number, 2**16).decode("utf-8", "replace")
            except OSError:
                return

    @property
    def screen(self) -> str:
        """What was drawn last, as words."""
        last = self._said.rpartition("\x1b[H")[2]
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\]8;[^\x1b]*\x1b\\", "", last)

    def until(self, wanted: str) -> str:
        ends = time.monotonic() + PATIENCE_S
        while wanted not in self.screen and time.monotonic() < ends:
            self.read(0.2)
            time.sleep(0.05)
        assert wanted in self.screen, self.screen
        return self.screen

    def end(self) -> int:
        ends = time.monotonic() + 30
        while time.monotonic() < ends:
            self.read(0.1)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
        os.kill(self.pid, signal.SIGKILL)
        raise AssertionError("it did not end")


@POSIX
def test_keys_open_hints_go_to_the_next_task_and_end_it(workspace: Path) -> None:
    terminal = Terminal(workspace)
    page = terminal.until("not passed")
    assert "[✗ 1.1" in page
    assert "q quit" in page
    # An address stays whole, so that it can be followed.
    assert [line for line in page.replace("\r", "").split("\n") if len(line) > 80 and "://" not in line] == []
    terminal.press("h")
    assert "Hint 1 of 3 for task 1.1" in terminal.until("Hint 1 of 3")
    terminal.press("h")
    assert "Hint 1 of 3" in terminal.until("Hint 2 of 3")
    terminal.press("n")
    assert "Task 1.2" in terminal.until("[✗ 1.2")
    terminal.press("r")
    terminal.until("grading since")
    terminal.press("q")
    assert terminal.end() == 0


def test_a_chapter_that_there_is_not_is_said_at_once(workspace: Path) -> None:
    ended = subprocess.run(
        [*COMMAND[:-4], "watch", "chapter-9", "--book", "."],
        cwd=workspace,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    assert "chapter-9" in ended.stderr


def test_a_folder_that_is_missing_is_said_with_the_remedy(workspace: Path, main_file: Path) -> None:
    (workspace / ".workbook").mkdir()
    main_file.parents[1].rename(workspace / "elsewhere")
    ended = subprocess.run(COMMAND, cwd=workspace, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert "check reset chapter-1" in ended.stderr
