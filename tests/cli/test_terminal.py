"""What is printed where, in which width, with which colours."""

from __future__ import annotations

import io
import sys

import pytest

from checker.cli import terminal


class Screen(io.StringIO):
    """A terminal that remembers what it was shown."""

    def isatty(self) -> bool:
        return True


def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """Put a terminal in the place of standard output; pytest takes it away again after a fixture."""
    made = Screen()
    monkeypatch.setattr(sys, "stdout", made)
    monkeypatch.setenv("TERM", "xterm")
    return made


def test_a_terminal_has_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    screen(monkeypatch)
    assert terminal.style("passed", fg="green") == "\x1b[32mpassed\x1b[0m"


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colour_can_be_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    screen(monkeypatch)
    monkeypatch.setenv(name, value)
    assert terminal.style("passed", fg="green") == "passed"


def test_a_pipe_has_no_colour() -> None:
    assert terminal.style("passed", io.StringIO(), fg="green") == "passed"


def test_a_closed_stream_is_no_terminal() -> None:
    closed = io.StringIO()
    closed.close()
    assert not terminal.is_terminal(closed)


@pytest.mark.parametrize(("columns", "used"), [("20", 40), ("80", 80), ("300", 100)])
def test_lines_are_as_long_as_reads_well(monkeypatch: pytest.MonkeyPatch, columns: str, used: int) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert terminal.width() == used


def test_a_command_in_backticks_is_never_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    text = terminal.wrap("Make one with a command, say `check init my-workbook`, and go on.")
    assert "`check init my-workbook`" in text
    assert max(len(line) for line in text.splitlines()) <= 40


def test_a_long_name_stays_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    path = "/a/very/long/path/that/does/not/fit/into/forty/columns"
    assert path in terminal.wrap(f"See {path} for more.").splitlines()


def test_no_standard_output_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    terminal.steady_streams()
    terminal.out("nobody hears this")


@pytest.mark.parametrize(("encoding", "ascii_only"), [("utf-8", False), ("ascii", True), ("cp1252", True)])
def test_symbols_are_avoided_where_they_cannot_be_shown(encoding: str, ascii_only: bool) -> None:
    assert terminal.is_ascii_only(io.TextIOWrapper(io.BytesIO(), encoding=encoding)) is ascii_only


def test_bytes_reach_a_stream_without_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = screen(monkeypatch)
    terminal.out_exactly(b'{"score": 1}')
    assert shown.getvalue() == '{"score": 1}\n'
