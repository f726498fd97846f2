"""The set of metrics, and what happens where one cannot be measured."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from checker.book import open_book
from checker.book.spec import read_spec
from checker.metrics import Metric, MetricContext, Reading, Unmeasurable, all_metrics, user_cache
from checker.metrics.metric import read_lines, run_tool
from checker.models.events import Stage
from checker.models.report import MetricOutcome, MetricResult
from checker.sandbox import Finished, State

Files = dict[str, str | bytes]


def test_every_metric_of_the_specification_is_measured_once() -> None:
    assert [one for metric in all_metrics() for one in metric.ids] == ["M1", "M2", "M3", "M4", "M5"]


def test_titles_targets_and_units_are_those_of_the_specification() -> None:
    written = {(one.id, one.title, one.target, one.unit) for one in read_spec(open_book()).metric}
    measured = {
        (one.id, one.title, one.target, one.unit) for metric in all_metrics() for one in metric.readings
    }
    assert measured == written


def test_the_programs_that_metrics_start_are_not_imported() -> None:
    code = "import sys; from checker.metrics import all_metrics; all_metrics(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    # pytest and coverage alone would cost a third of a second and 20 MB of the checker.
    assert not {"pytest", "coverage", "mypy", "httpx2"} & set(done.stdout.split())


def test_every_stage_belongs_to_one_metric() -> None:
    stages = [metric.stage for metric in all_metrics()]
    assert len(set(stages)) == len(stages)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (Unmeasurable("The tool is gone."), "The tool is gone."),
        (OSError(28, "No space left on device", "/tmp/x"), "no space left on device (`/tmp/x`)"),
    ],
)
def test_what_cannot_be_measured_is_an_error_and_not_the_learners(
    make_context: Callable[..., MetricContext], clean_app: Files, error: Exception, says: str
) -> None:
    def take(context: MetricContext) -> tuple[MetricResult, ...]:
        raise error

    readings = (
        Reading(id="M8", title="a", target=1, unit="s"),
        Reading(id="M9", title="b", target=None, unit=""),
    )
    results = Metric(stage=Stage.LOAD, readings=readings, take=take).measure(make_context(clean_app))
    assert [(result.id, result.outcome, result.value) for result in results] == [
        ("M8", MetricOutcome.ERROR, None),
        ("M9", MetricOutcome.ERROR, None),
    ]
    assert says in results[0].message


def test_a_tool_that_is_not_there_is_named(
    make_context: Callable[..., MetricContext], clean_app: Files, tmp_path: Path
) -> None:
    context = make_context(clean_app)
    if sys.platform == "win32":
        with pytest.raises(Unmeasurable, match="`no-such-tool` cannot be started"):
            run_tool(["no-such-tool"], context, cwd=tmp_path, wall_s=5)
    else:
        # There the program that limits itself starts, and says what it could not become.
        done = run_tool(["no-such-tool"], context, cwd=tmp_path, wall_s=5)
        assert done.returncode != 0
        assert b"no-such-tool" in done.stderr or b"No such file" in done.stderr


class Line(msgspec.Struct):
    """What a tool of these tests writes."""

    x: int


def finished(state: State, stdout: bytes, stderr: bytes = b"", returncode: int = 0) -> Finished:
    return Finished(state=state, returncode=returncode, stdout=stdout, stderr=stderr, seconds=1)


def test_lines_of_a_tool_are_read() -> None:
    lines = read_lines(finished(State.FINISHED, b'{"x": 1}\n\n{"x": 2}\n'), Line, "tool", 5)
    assert [line.x for line in lines] == [1, 2]


def test_of_too_much_output_the_whole_lines_are_read() -> None:
    lines = read_lines(finished(State.FLOODED, b'{"x": 1}\n{"x": 2}\n{"x'), Line, "tool", 5)
    assert [line.x for line in lines] == [1, 2]


@pytest.mark.parametrize(
    ("state", "stdout", "stderr", "says"),
    [
        (State.TIMED_OUT, b'{"x": 1}\n', b"", "tool did not finish within 5 s."),
        (State.KILLED, b"", b"", "tool was ended by the system (signal 9), most likely for memory."),
        (
            State.FINISHED,
            b"error: out of luck\n",
            b"",
            "tool did not give a readable answer: error: out of luck",
        ),
        (State.FINISHED, b'{"x": "y"}\n', b"a trace\nlast", "tool did not give a readable answer: last"),
    ],
)
def test_a_tool_that_did_not_end_well_has_a_sentence(
    state: State, stdout: bytes, stderr: bytes, says: str
) -> None:
    with pytest.raises(Unmeasurable, match=re.escape(says)):
        read_lines(finished(state, stdout, stderr, returncode=-9), Line, "tool", 5)


def test_the_cache_belongs_to_the_person(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    assert user_cache().is_relative_to(tmp_path)
    assert user_cache().name == "fastapi-workbook"
    assert not user_cache().exists()
