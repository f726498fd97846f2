"""What is printed to be typed can be typed."""

from __future__ import annotations

import shlex
import sys
from pathlib import PurePosixPath, PureWindowsPath

import pytest

from checker.prompt import quoted, written


@pytest.mark.skipif(sys.platform == "win32", reason="the shells of Windows read otherwise")
@pytest.mark.parametrize("text", ["app", "my app", "it's", "a;b", "-x", "$HOME", ""])
def test_a_shell_reads_back_what_was_quoted(text: str) -> None:
    assert shlex.split(quoted(text)) == [text]


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("exercises/one", "exercises/one"),
        ("C:/Users/ada/book", "C:/Users/ada/book"),
        ("C:/My Books/one", '"C:/My Books/one"'),
        ("R&D", '"R&D"'),
        ("", '""'),
    ],
)
def test_on_windows_only_double_quotes_count(monkeypatch: pytest.MonkeyPatch, text: str, typed: str) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert quoted(text) == typed


def test_slashes_are_the_same_everywhere() -> None:
    assert written(PureWindowsPath(r"..\own\app")) == "../own/app"
    assert written(PurePosixPath("../own/app")) == "../own/app"
