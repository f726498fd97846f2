"""The gate runs claims two at a time, survives what they raise, and stops when asked."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from checker.dev.bench import Workbench
from checker.dev.claims import Claim, Outcome, Part, Problem, Proposition
from checker.dev.graded import Scope, wrong_is_caught
from checker.dev.proofs import read_wrong
from checker.dev.verify import claim_lines, summary, try_proposition
from checker.errors import BookError, ExitCode

if TYPE_CHECKING:
    from tests.dev.conftest import MiniBook

PROBLEM = Problem(path="chapters/x/lesson.md:3", what="It is wrong.", remedy="Mend it.")


def claim(*problems: Problem, seconds: float = 1.25) -> Claim:
    return Claim(
        chapter="chapter-01", part=Part.LESSON, says="all is well", problems=problems, seconds=seconds
    )


def test_a_claim_is_one_line_and_one_for_each_problem() -> None:
    assert [*claim_lines(claim(), 3, 12)] == [" 3/12 held   chapter-01 lesson       all is well  1.2 s"]
    assert [*claim_lines(claim(PROBLEM), 12, 12)] == [
        "12/12 BROKEN chapter-01 lesson       all is well  1.2 s",
        "       chapters/x/lesson.md:3: It is wrong. Mend it.",
    ]


def test_the_last_line_counts_and_the_exit_code_follows() -> None:
    good = Outcome(claims=(claim(),), seconds=2.0)
    bad = Outcome(claims=(claim(), claim(PROBLEM)), seconds=2.0)
    cut = Outcome(claims=(claim(),), seconds=2.0, interrupted=True)
    assert (summary(good), good.exit_code) == ("All 1 claims hold; 2.0 s.", ExitCode.PASSED)
    assert (summary(bad), bad.exit_code) == ("1 of 2 claims hold; 2.0 s.", ExitCode.NOT_PASSED)
    assert (summary(cut), cut.exit_code) == (
        "All 1 claims hold, and more were not tried; 2.0 s.",
        ExitCode.NOT_PASSED,
    )


def test_the_outcome_is_plain_data() -> None:
    data = json.loads(json.dumps(Outcome(claims=(claim(PROBLEM),), seconds=2.0).as_data()))
    assert data["passed"] is False
    assert data["claims"][0]["problems"] == [
        {"path": PROBLEM.path, "what": PROBLEM.what, "remedy": PROBLEM.remedy}
    ]


def test_what_the_book_s_files_raise_is_a_problem_and_keeps_what_was_found_before() -> None:
    def prove() -> Iterator[Problem]:
        yield PROBLEM
        raise BookError("`chapter.toml` is gone; write it.")

    proposition = Proposition(chapter="chapter-01", part=Part.FILES, says="", prove=prove)
    first, second = try_proposition(proposition).problems
    assert first == PROBLEM
    assert second.what == "`chapter.toml` is gone; write it."


def test_a_wrong_solution_is_caught_until_the_suite_loses_its_tooth(mini: MiniBook) -> None:
    wrong = read_wrong(mini.proofs / "wrong" / "1.1-no-bound.toml")
    with Workbench() as bench:
        assert [*wrong_is_caught(bench, mini.book, mini.chapter, wrong)] == []
        mini.swap(mini.suite, r"\.status\(422\)", ".status(422, 200)")
        (problem,) = wrong_is_caught(bench, mini.book, mini.chapter, wrong)
    assert problem.what == "`1.1-long-name` does not catch it; the check is `passed`."


def test_a_grade_in_a_worker_gives_the_report_or_raises(mini: MiniBook) -> None:
    with Workbench(at_once=1) as bench:
        report = bench.grade(mini.chapter, mini.chapter.solution, Scope.SUITE)
        assert report.tasks_passed == 2
        mini.suite.unlink()
        with pytest.raises(BookError, match="cannot be read"):
            bench.grade(mini.chapter, mini.chapter.solution, Scope.SUITE)


RUN = """
import sys
from pathlib import Path
from checker.book import open_book
from checker.dev.verify import verify
if __name__ == "__main__":
    said = lambda line: print(line, flush=True)
    sys.exit(verify(open_book(Path(sys.argv[1])), say=said).exit_code)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no process groups to interrupt")
@pytest.mark.parametrize("after_s", [0.1, 3.0], ids=["while workers start", "while grades run"])
def test_ctrl_c_ends_it_and_leaves_nothing_running(mini: MiniBook, tmp_path: Path, after_s: float) -> None:
    script = tmp_path / "run.py"
    script.write_text(RUN, encoding="utf-8")
    repository = str(Path(__file__).parents[2])
    gate = subprocess.Popen(
        [sys.executable, str(script), str(mini.root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"PYTHONPATH": repository, "TMPDIR": str(tmp_path / "tmp")},
    )
    (tmp_path / "tmp").mkdir(exist_ok=True)
    try:
        assert gate.stdout is not None
        for line in gate.stdout:
            if "ruff would not reformat the reference" in line:
                break
        time.sleep(after_s)
        os.killpg(gate.pid, signal.SIGINT)
        out, err = gate.communicate(timeout=120)
    finally:
        if gate.poll() is None:
            os.killpg(gate.pid, signal.SIGKILL)
            gate.wait()
    assert gate.returncode == 1, err
    assert "more were not tried" in out.splitlines()[-1]
    assert "Traceback" not in err
    assert [path.name for path in (tmp_path / "tmp").iterdir() if path.name.startswith("check-")] == []
    assert not _still_running(gate.pid)


def _still_running(session: int) -> list[str]:
    """What lives in the session a few seconds later; a zombie is dead and only waits for its parent."""
    alive: list[str] = []
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        alive = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, ProcessLookupError):
                if os.getsid(process.pid) == session and process.status() != psutil.STATUS_ZOMBIE:
                    alive.append(" ".join(process.cmdline()))
        if not alive:
            break
        time.sleep(0.2)
    return alive
