"""`check dev`: thin, and honest in its exit codes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from checker.book import Book, Chapter
from checker.errors import ExitCode

Check = Callable[..., Any]
SHEET = Path("exercises/chapter-01-greeting/README.md")


@dataclass(frozen=True, slots=True)
class FakeOutcome:
    exit_code: ExitCode


@pytest.mark.parametrize("code", [ExitCode.PASSED, ExitCode.NOT_PASSED])
def test_verify_hands_over_what_was_asked_for(
    workspace: Path, check: Check, monkeypatch: pytest.MonkeyPatch, code: ExitCode
) -> None:
    asked: list[tuple[list[str], bool, bool]] = []

    def verify(
        book: Book, chapters: Sequence[Chapter], *, mutants: bool, together: bool, say: Callable[[str], None]
    ) -> FakeOutcome:
        asked.append(([chapter.short for chapter in chapters], mutants, together))
        say("claim held")
        return FakeOutcome(code)

    monkeypatch.setattr("checker.dev.verify.verify", verify)
    run = check("dev", "verify", "1", "--mutants")
    assert (run.code, run.out) == (code, "claim held\n")
    assert check("dev", "verify").code == code
    assert check("dev", "verify", "--together").code == code
    one = ["chapter-1"]
    assert asked == [(one, True, False), (one, False, False), (one, False, True)]


def test_verify_of_an_unknown_chapter_is_wrong_use(workspace: Path, check: Check) -> None:
    assert check("dev", "verify", "nope").code == 2


def test_build_writes_what_is_stale_and_check_only_says_so(workspace: Path, check: Check) -> None:
    (workspace / SHEET).write_text("old\n")
    run = check("dev", "build", "--check")
    assert run.code == 1
    assert f"stale  {SHEET.as_posix()}" in run.out
    assert (workspace / SHEET).read_text() == "old\n"
    assert f"built  {SHEET.as_posix()}" in check("dev", "build").out
    assert "Greet by name" in (workspace / SHEET).read_text()
    assert check("dev", "build", "--check").code == 0


def test_the_miniature_book_is_built(mini_book_root: Path, check: Check) -> None:
    assert check("dev", "build", "--check", book=str(mini_book_root)).out.startswith("Every generated file")


def test_new_makes_a_chapter_in_a_book_without_any(workspace: Path, check: Check) -> None:
    for folder in (*workspace.glob("*/chapter-01-greeting"), *workspace.glob("suites/chapter_01")):
        shutil.rmtree(folder)
    run = check("dev", "new", "my-own-subject")
    assert (run.code, run.err) == (0, "")
    assert any((workspace / "chapters").glob("chapter-*-my-own-subject/chapter.toml"))
    assert "chapter.toml" in run.out


def test_the_group_may_carry_the_book(workspace: Path, check: Check) -> None:
    assert check("dev", "--book", ".", "build", "--check", book=None).code == 0
