"""Every submission of the corpus, at every level of isolation that this machine has, ends as it must."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

import pytest

from checker.sandbox import Isolation
from tests.corpus.runs import HUNG_S, Run, levels, run_corpus
from tests.corpus.submissions import KINDS, Submission, all_submissions

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc for what is left running")

SUBMISSIONS = all_submissions()
LEVELS = levels() if sys.platform == "linux" else ()


def due(number: int, submission: Submission) -> Sequence[Isolation]:
    """All levels; those that no level can treat differently take turns (`python -m benchmarks.corpus` runs all at all)."""
    return [LEVELS[number % len(LEVELS)]] if submission.file.alike and LEVELS else LEVELS


CASES = [
    pytest.param(one, level, id=f"{one.kind}-{one.id}-{level.value}")
    for number, one in enumerate(SUBMISSIONS)
    for level in due(number, one)
]
Runs = Mapping[tuple[str, Isolation], Run]


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest) -> Runs:
    """All runs that the selected tests look at, done together."""
    given = [getattr(getattr(item, "callspec", None), "params", {}) for item in request.session.items]
    return run_corpus(
        (one["submission"], one["level"]) for one in given if isinstance(one.get("submission"), Submission)
    )


@pytest.mark.parametrize(("submission", "level"), CASES)
def test_a_submission_ends_as_it_must(submission: Submission, level: Isolation, runs: Runs) -> None:
    run = runs[submission.id, level]
    seen = f"{run.end} in {run.seconds:.1f} s, {list(run.said)}\n{run.report[:2000]}"
    assert run.end_is_right, f"{submission.file.expect} is right; it was {seen}"
    assert run.names_the_cause, f"{submission.file.by} is the cause; it was {seen}"
    assert run.effect_is_allowed, run.effects
    assert run.nothing_is_left, run.left
    assert run.seconds < HUNG_S


def test_the_corpus_holds_all_kinds() -> None:
    assert len(SUBMISSIONS) >= 80
    assert {one.kind for one in SUBMISSIONS} == set(KINDS)
    assert len({one.id for one in SUBMISSIONS}) == len(SUBMISSIONS)


def test_only_the_portable_level_lets_something_be_done() -> None:
    weak = {(level, one.id) for one in SUBMISSIONS for level in one.file.unstoppable if level != "P"}
    # One exception, and the docs name it.
    assert weak == {("L", "shared-memory")}


def test_what_must_not_pass_says_by_what() -> None:
    silent = [one.id for one in SUBMISSIONS if one.file.expect == "not passed" and not one.file.by]
    assert not silent
