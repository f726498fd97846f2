"""What every command has in common: help, exit codes, faults of our own, streams."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checker import __version__
from checker.cli import main
from checker.cli.commands import command_names
from checker.cli.light import light_command

Check = Callable[..., Any]
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("command", [*command_names(), "dev verify", "dev new", "dev build"])
def test_every_command_has_help_with_an_example(check: Check, command: str) -> None:
    run = check(*command.split(), "--help", book=None)
    assert run.code == 0
    assert run.err == ""
    example = "check chapter-4" if command == "grade" else f"check {command}"
    assert command == "dev" or f"  {example}" in run.out
    assert "--book DIR" in run.out
    assert max(len(line) for line in run.out.splitlines()) <= 80


def test_help_lists_every_command(check: Check) -> None:
    run = check("--help", book=None)
    assert run.code == 0
    assert all(f"  {name} " in run.out for name in command_names())
    assert "..." not in run.out.split("Commands:")[1]


def test_version(check: Check) -> None:
    run = check("--version", book=None)
    assert (run.code, run.out) == (0, f"check {__version__}\n")


@pytest.mark.parametrize(
    "typed",
    ["--nope", "list extra", "hint", "chapter-1 --seed -3", "chapter-1 --seed x", "dev nope", "--book"],
)
def test_wrong_use_exits_2_and_prints_nothing_on_standard_output(check: Check, typed: str) -> None:
    run = check(*typed.split(), book=None)
    assert run.code == 2
    assert run.out == ""
    assert "rror" in run.err


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("chaptr-1", "`chapter-1`"), ("lsit", "`list`"), ("doctr", "`doctor`"), ("greting", "`greeting`")],
)
def test_close_names_are_offered_for_commands_and_chapters(
    workspace: Path, check: Check, typed: str, meant: str
) -> None:
    run = check(typed)
    assert run.code == 2
    assert f"There is no chapter or command `{typed}`; did you mean" in run.err
    assert meant in run.err


def test_a_name_like_no_other_gets_the_lists(workspace: Path, check: Check) -> None:
    run = check("xyzzy")
    assert run.code == 2
    assert "`check list` shows the chapters" in " ".join(run.err.split())


@pytest.mark.parametrize("place", ["before", "after"])
def test_the_book_may_be_named_before_or_after_the_command(
    mini_book_root: Path, check: Check, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    book = ["--book", str(mini_book_root)]
    run = check(*book, "list", book=None) if place == "before" else check("list", *book, book=None)
    assert run.code == 0
    assert "A door that greets" in run.out


def test_a_folder_that_is_no_book_is_wrong_use(tmp_path: Path, check: Check) -> None:
    run = check("list", book=str(tmp_path))
    assert run.code == 2
    assert "is not a book" in run.err


def test_a_broken_chapter_file_is_our_fault_and_named(workspace: Path, check: Check) -> None:
    toml = workspace / "chapters" / "chapter-01-greeting" / "chapter.toml"
    toml.write_text("title = 3\n")
    run = check("list")
    assert run.code == 3
    assert "chapter.toml" in run.err
    assert "Traceback" not in run.err


def test_a_bug_of_ours_is_one_sentence_and_a_file_with_the_trace(
    check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("checker.cli.guide.show_list", lambda book: 1 / 0)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    run = check("list", book=None)
    assert run.code == 3
    assert run.out == ""
    assert "fault of the checker" in run.err
    assert "Traceback" not in run.err
    (trace,) = tmp_path.glob("check-trace-*.txt")
    assert trace.name in run.err
    text = trace.read_text()
    assert "ZeroDivisionError" in text
    assert "['list']" in text


def test_a_bug_on_a_full_disk_is_still_one_sentence(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: object) -> tuple[int, str]:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("checker.cli.guide.show_list", lambda book: 1 / 0)
    monkeypatch.setattr("tempfile.mkstemp", full)
    run = check("list", book=None)
    assert run.code == 3
    assert "ZeroDivisionError" in run.err


def test_a_full_disk_is_named(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(book: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("checker.cli.guide.show_list", full)
    run = check("list", book=None)
    assert run.code == 3
    assert "The disk is full" in run.err


def test_ctrl_c_is_one_line(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(book: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("checker.cli.guide.show_list", interrupted)
    run = check("list", book=None)
    assert (run.code, run.out) == (130, "")
    assert run.err == "Stopped; nothing is left running.\n"


def test_an_encoding_without_the_letters_stops_nothing(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toml = workspace / "chapters" / "chapter-01-greeting" / "chapter.toml"
    toml.write_text(toml.read_text().replace("A door that greets", "Eine Tür, die grüßt"), encoding="utf-8")
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii", errors="strict"))
    assert main(["list", "--book", "."]) == 0
    assert b"Eine T?r" in written.getvalue()


def test_a_reader_who_leaves_is_no_error(workspace: Path) -> None:
    """`check list | head -0`: the pipe is closed before anything is written."""
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as closed:
        run = subprocess.run(
            [sys.executable, "-m", "checker.cli", "list", "--book", str(workspace)],
            cwd=ROOT,
            stdout=closed,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert (run.returncode, run.stderr) == (0, b"")


def test_importing_the_command_stays_light() -> None:
    heavy = ("fastapi", "pydantic", "pytest", "rich", "sqlalchemy", "mypy", "checker.grade", "checker.suite")
    code = (
        f"import sys, checker.cli.commands\nprint(sorted(name for name in {heavy!r} if name in sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize("typed", [["list"], ["next"], ["hint", "chapter-1"]])
def test_what_one_types_between_two_edits_imports_little(own: Path, typed: list[str]) -> None:
    heavy = {"fastapi", "pydantic", "pytest", "rich", "sqlalchemy", "typer", "checker.grade", "checker.suite"}
    code = f"import sys\nfrom checker.cli import main\ncode = main({typed!r})\nprint(code, sorted({heavy!r} & sys.modules.keys()), file=sys.stderr)"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=own, capture_output=True, text=True, timeout=60, check=True
    )
    assert run.stderr.strip() == "0 []"


def test_light_commands_say_what_they_say_with_an_option(own: Path, check: Check) -> None:
    for typed in (["list"], ["next"], ["hint", "chapter-1", "1.1"], ["hint", "nope"]):
        light = light_command(typed)
        assert light is not None
        assert light_command([*typed, "--book", "."]) is None
    assert light_command(["list", "extra"]) is None
    assert check("list", "extra", book=None).code == 2
    assert check("hint", "nope", book=None).code == 2
