"""What one sees while a grade runs."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from checker.cli.live import LiveDisplay
from checker.models.events import (
    CheckFinished,
    ConstraintsFinished,
    Event,
    FaultSeen,
    MetricFinished,
    Stage,
    StageFinished,
    StageStarted,
)
from checker.models.report import (
    Check,
    ConstraintOutcome,
    ConstraintResult,
    Fault,
    FaultKind,
    MetricOutcome,
    MetricResult,
    Outcome,
)


def check(id: str, outcome: Outcome = Outcome.PASSED) -> CheckFinished:
    return CheckFinished(
        task=id.split("-")[0], check=Check(id=id, outcome=outcome, claim=f"{id} holds.", message="Mend it.")
    )


def run_of_a_grade() -> Iterator[Event]:
    yield StageStarted(stage=Stage.SNAPSHOT)
    yield StageFinished(stage=Stage.SNAPSHOT, seconds=0.01)
    yield StageStarted(stage=Stage.MYPY)
    yield StageStarted(stage=Stage.SUITE, total=4)
    yield check("4.2-b")
    yield check("4.10-c")
    yield check("4.1-a", Outcome.FAILED)
    yield check("4.3-d", Outcome.FAILED)
    yield StageFinished(stage=Stage.SUITE, seconds=1.25)
    h3 = ConstraintResult(id="H3", title="Never blocked", outcome=ConstraintOutcome.FAILED, hard=True)
    yield ConstraintsFinished(results=(h3,))
    yield StageFinished(stage=Stage.CONSTRAINTS, seconds=0.2)
    m2 = MetricResult(id="M2", title="mypy", outcome=MetricOutcome.FAILED, value=3, target=0, unit="errors")
    yield MetricFinished(result=m2)
    yield StageFinished(stage=Stage.MYPY, seconds=2)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class LatinTerminal(Terminal):
    @property
    def encoding(self) -> Any:  # type: ignore[override]  # a text stream's encoding is a property in typeshed too
        return "iso8859-1"

    def write(self, text: str) -> int:
        text.encode("iso8859-1")
        return super().write(text)


ENVIRON = {"TERM": "xterm-256color"}


def test_pipe_gets_one_plain_line_a_stage_and_the_first_failure() -> None:
    stream = io.StringIO()
    with LiveDisplay("Chapter 4", stream=stream, environ=ENVIRON) as show:
        for event in run_of_a_grade():
            show(event)
    assert stream.getvalue().splitlines() == [
        "Chapter 4",
        "copy of your folder: done, 0.0 s",
        "first failure: 4.1-a: 4.1-a holds.",
        "hidden tests: 4 of 4, 2 not passed, 1.2 s",
        "constraints: violated: H3, 0.2 s",
        "mypy --strict: 3 errors, failed, 2.0 s",
    ]


def test_result_that_lands_after_its_stage_is_still_told_once() -> None:
    stream = io.StringIO()
    m1 = MetricResult(id="M1", title="ruff", outcome=MetricOutcome.PASSED, value=0, target=0, unit="errors")
    with LiveDisplay(stream=stream, environ={}) as show:
        show(StageFinished(stage=Stage.RUFF, seconds=0.2))
        show(StageFinished(stage=Stage.LOAD, seconds=3))
        assert stream.getvalue() == ""
        show(MetricFinished(result=m1))
        assert stream.getvalue() == "ruff: 0 errors, 0.2 s\n"
    assert stream.getvalue().splitlines() == ["ruff: 0 errors, 0.2 s", "load test: done, 3.0 s"]


@pytest.mark.parametrize("environ", [{"TERM": "dumb"}, {"TERM": "unknown"}])
def test_dumb_terminal_gets_plain_lines(environ: dict[str, str]) -> None:
    stream = Terminal()
    with LiveDisplay(stream=stream, environ=environ) as show:
        for event in run_of_a_grade():
            show(event)
    assert "\x1b" not in stream.getvalue()
    assert "first failure: 4.1-a" in stream.getvalue()


def test_fault_is_told_once_even_after_a_failure() -> None:
    stream = io.StringIO()
    with LiveDisplay(stream=stream, environ={}) as show:
        show(check("4.1-a", Outcome.FAILED))
        for path in ("a.py", "b.py"):
            show(FaultSeen(fault=Fault(kind=FaultKind.CRASH, message="It ended by signal 9.", path=path)))
        show(check("4.2-b", Outcome.FAILED))
    assert stream.getvalue().splitlines() == [
        "first failure: 4.1-a: 4.1-a holds.",
        "crash: It ended by signal 9.",
    ]


def last_picture(written: str) -> str:
    """What the last redraw showed, without styles."""
    frames = re.split(r"(?:\x1b\[1A\x1b\[2K)+", written)
    return re.sub(
        r"\x1b\[[0-9;?]*[a-zA-Z]", "", [frame for frame in frames if frame.strip("\r\n\x1b[?25hl")][-1]
    )


def test_terminal_shows_stages_tasks_and_the_first_failure() -> None:
    stream = Terminal()
    with LiveDisplay("Chapter 4", stream=stream, environ=ENVIRON) as show:
        for event in run_of_a_grade():
            show(event)
    picture = last_picture(stream.getvalue())
    assert "Chapter 4" in picture
    assert re.search(r"✓ hidden tests\s+4 of 4, 2 not passed\s+1.2 s", picture)
    assert re.search(r"mypy --strict\s+3 errors, failed", picture)
    assert "✗ 4.1-a: 4.1-a holds." in picture
    tasks = re.findall(r"^  (4\.\d+) ([✓✗])", picture, re.MULTILINE)
    assert tasks == [("4.1", "✗"), ("4.2", "✓"), ("4.3", "✗"), ("4.10", "✓")]


def assert_left_as_it_was(written: str) -> None:
    assert written.count("\x1b[?25l") == written.count("\x1b[?25h") == 1
    ending = written.rsplit("\x1b[?25h", 1)[1]
    # Nothing but going up and wiping: the region is gone, and no style is left on.
    assert re.fullmatch(r"\r?(\x1b\[1A\x1b\[2K)+", ending)


def test_terminal_is_left_as_it_was() -> None:
    stream = Terminal()
    with LiveDisplay(stream=stream, environ=ENVIRON) as show:
        for event in run_of_a_grade():
            show(event)
    assert_left_as_it_was(stream.getvalue())


def test_interruption_leaves_the_terminal_as_it_was_and_goes_on() -> None:
    stream = Terminal()
    with pytest.raises(KeyboardInterrupt), LiveDisplay(stream=stream, environ=ENVIRON) as show:
        show(StageStarted(stage=Stage.SUITE, total=4))
        raise KeyboardInterrupt
    assert_left_as_it_was(stream.getvalue())


def test_no_color_keeps_the_region_without_colours() -> None:
    stream = Terminal()
    with LiveDisplay(stream=stream, environ={**ENVIRON, "NO_COLOR": "1"}) as show:
        for event in run_of_a_grade():
            show(event)
    assert "hidden tests" in stream.getvalue()
    assert not re.search(r"\x1b\[(?:\d+;)*(?:3[0-7]|9[0-7])m", stream.getvalue())


def test_terminal_of_another_encoding_gets_what_it_can_show() -> None:
    stream = LatinTerminal()
    with LiveDisplay("工具", stream=stream, environ=ENVIRON) as show:
        for event in run_of_a_grade():
            show(event)
    assert re.search(r"\+ hidden tests", last_picture(stream.getvalue()))


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_a_learners_text_cannot_drive_the_terminal(stream: type[io.StringIO]) -> None:
    target = stream()
    with LiveDisplay(stream=target, environ=ENVIRON) as show:
        show(FaultSeen(fault=Fault(kind=FaultKind.CRASH, message="\x1b]0;owned\x07\x1b[2Jhello\nthere")))
    assert "crash: hello there" in target.getvalue()
    assert "\x1b]0" not in target.getvalue()
    assert "\x1b[2J" not in target.getvalue()


class Closed(io.StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError(32, "Broken pipe")


def test_reader_that_has_gone_stops_nothing() -> None:
    with LiveDisplay("Chapter 4", stream=Closed(), environ={}) as show:
        for event in run_of_a_grade():
            show(event)


def test_rich_is_not_imported_before_it_is_needed() -> None:
    code = (
        "import sys, checker.report, checker.report.text; checker.report.formats(); "
        "print(sorted({'rich.live', 'rich.console', 'jinja2'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
