"""The mutation score is counted honestly, argued survivors apart, and an interrupted run goes on."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from checker.book import Chapter, open_book
from checker.dev import mutants
from checker.dev.mutants import Fate, MutationScore, measure_mutants, mutation_problems, read_survivors
from checker.dev.mutations import Mutants, make_mutants
from checker.errors import BookError, CheckerError
from checker.models.report import Fault, FaultKind, Report

if TYPE_CHECKING:
    from tests.dev.conftest import FakeBench, MiniBook

Bench = Callable[[Callable[[Chapter, Path], Report]], "FakeBench"]
ReportOf = Callable[..., Report]


@pytest.fixture(scope="module")
def of_reference(built_book: Path) -> Mutants:
    """The mutants of the miniature book's reference, made once."""
    return make_mutants(open_book(built_book).chapters[0].solution)


@pytest.fixture(autouse=True)
def made_once(of_reference: Mutants, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mutants, "make_mutants", lambda solution: of_reference)


class Suite:
    """A pretended suite that notices every mutant whose text lacks a given line."""

    def __init__(self, reference: Path, report_of: ReportOf, *, blind_to: tuple[str, ...] = ()) -> None:
        self.right = reference.read_text()
        self.report_of = report_of
        self.blind_to = blind_to
        self.graded = 0

    def __call__(self, chapter: Chapter, folder: Path) -> Report:
        self.graded += 1
        text = (folder / "app/main.py").read_text()
        if text == self.right or any(mistake in text for mistake in self.blind_to):
            return self.report_of(chapter)
        if "@dataclass" not in text:
            fault = Fault(kind=FaultKind.IMPORT, message="`Door()` takes no arguments.")
            return dataclasses.replace(self.report_of(chapter), passed=False, faults=(fault,), tasks=())
        return self.report_of(chapter, "1.1-by-name")


@pytest.fixture
def measure(
    mini: MiniBook, bench: Bench, report_of: ReportOf, tmp_path: Path
) -> Callable[..., tuple[MutationScore, int]]:
    """Measures with a suite that is blind to some texts; gives the score and the number of grades."""

    def run(*blind_to: str) -> tuple[MutationScore, int]:
        suite = Suite(mini.reference, report_of, blind_to=blind_to)
        said: list[str] = []
        score = measure_mutants(bench(suite), mini.chapter, tmp_path / "kept.jsonl", said.append, at_once=1)
        return score, suite.graded

    return run


Measure = Callable[..., tuple[MutationScore, int]]


def argue(mini: MiniBook, score: MutationScore) -> None:
    lines = [
        f'[[survivor]]\npath = "{one.mutant.path}"\nline = {one.mutant.line}\noperator = "{one.mutant.operator}"\n'
        'kind = "out-of-contract"\nwhy = "The sheet does not promise it."\n'
        for one in score.survivors
    ]
    (mini.proofs / "survivors.toml").write_text("\n".join(lines), encoding="utf-8")


def test_a_suite_that_notices_everything_has_the_full_score(measure: Measure) -> None:
    score, _ = measure()
    assert score.percent == 100.0
    assert score.survivors == ()
    assert [*mutation_problems(score, "solutions")] == []


def test_what_breaks_at_the_import_is_told_apart(measure: Measure) -> None:
    score, _ = measure()
    assert score.stillborn == 1
    (stillborn,) = (one for one in score.tried if one.fate is Fate.STILLBORN)
    assert (stillborn.mutant.operator, stillborn.by) == ("RemoveDecorator", "import")
    assert score.percent_of_started == 100.0


def test_a_survivor_lowers_the_score_and_is_shown_with_its_change(measure: Measure) -> None:
    score, _ = measure("max_length= 21", "max_length=21")
    (survivor,) = score.survivors
    assert score.percent == pytest.approx(100 * (len(score.tried) - 1) / len(score.tried))
    (problem,) = mutation_problems(score, "solutions/chapter-01")
    assert problem.path == f"solutions/chapter-01/app/main.py:{survivor.mutant.line}"
    assert "NumberReplacer" in problem.what
    assert "max_length= 21" in problem.what


def test_an_argued_survivor_counts_in_one_score_and_not_in_the_other(
    measure: Measure, mini: MiniBook
) -> None:
    score, _ = measure("max_length= 21")
    argue(mini, score)
    argued, _ = measure("max_length= 21")
    assert argued.percent == score.percent < 100.0
    assert argued.percent_without_argued == 100.0
    assert [*mutation_problems(argued, "solutions")] == []


def test_arguing_does_not_lift_a_score_that_is_too_low(measure: Measure, mini: MiniBook) -> None:
    score, _ = measure("a")
    assert score.percent < 90
    argue(mini, score)
    argued, _ = measure("a")
    assert argued.unargued == ()
    whats = [problem.what for problem in mutation_problems(argued, "solutions")]
    assert whats == [f"the suite kills {score.percent:.1f} % of the mutants."]


def test_an_argument_for_a_mutant_that_does_not_survive_is_named(measure: Measure, mini: MiniBook) -> None:
    score, _ = measure("max_length= 21")
    argue(mini, score)
    text = (mini.proofs / "survivors.toml").read_text()
    (mini.proofs / "survivors.toml").write_text(text.replace("line = ", "line = 9"))
    again, _ = measure("max_length= 21")
    whats = [problem.what for problem in mutation_problems(again, "solutions")]
    assert any("`survivors.toml` argues for `NumberReplacer`" in what for what in whats)
    assert len(whats) == 2


def test_a_second_run_grades_nothing_that_it_knows(measure: Measure) -> None:
    first, grades = measure("max_length= 21")
    second, again = measure("max_length= 21")
    assert second == first
    assert grades == len(first.tried) + 1
    assert again == 1


def test_a_changed_suite_is_measured_anew(measure: Measure, mini: MiniBook) -> None:
    first, grades = measure()
    mini.suite.write_text(mini.suite.read_text() + "\n# sharper\n")
    assert measure()[1] == grades
    assert len(first.tried) == grades - 1


def test_an_interrupted_run_goes_on(
    mini: MiniBook, bench: Bench, report_of: ReportOf, tmp_path: Path
) -> None:
    suite = Suite(mini.reference, report_of)

    def stops_at_the_tenth(chapter: Chapter, folder: Path) -> Report:
        if suite.graded == 10:
            raise KeyboardInterrupt
        return suite(chapter, folder)

    kept = tmp_path / "kept.jsonl"
    with pytest.raises(KeyboardInterrupt):
        measure_mutants(bench(stops_at_the_tenth), mini.chapter, kept, lambda line: None, at_once=1)
    known = len(kept.read_text().splitlines())
    assert 0 < known < 10
    kept.write_text(kept.read_text() + '{"state": "torn')
    whole = Suite(mini.reference, report_of)
    score = measure_mutants(bench(whole), mini.chapter, kept, lambda line: None, at_once=1)
    assert whole.graded == len(score.tried) - known + 1


def test_a_reference_that_fails_its_suite_is_a_sentence(
    mini: MiniBook, bench: Bench, report_of: ReportOf, tmp_path: Path
) -> None:
    failing = bench(lambda chapter, folder: report_of(chapter, "1.1-by-name"))
    with pytest.raises(CheckerError, match="does not pass its own suite"):
        measure_mutants(failing, mini.chapter, tmp_path / "kept.jsonl", lambda line: None)


def test_what_the_checker_cannot_tell_is_not_killed_and_not_kept(
    mini: MiniBook, bench: Bench, report_of: ReportOf, tmp_path: Path
) -> None:
    right = mini.reference.read_text()

    def breaks(chapter: Chapter, folder: Path) -> Report:
        same = (folder / "app/main.py").read_text() == right
        return report_of(chapter) if same else report_of(chapter, error=("1.1-by-name",))

    kept = tmp_path / "kept.jsonl"
    score = measure_mutants(bench(breaks), mini.chapter, kept, lambda line: None, at_once=1)
    assert score.killed == 0
    assert {one.fate for one in score.tried} == {Fate.UNDECIDED}
    assert not kept.exists()


def test_a_broken_survivors_file_names_itself(mini: MiniBook) -> None:
    (mini.proofs / "survivors.toml").write_text('[[survivor]]\npath = "app/main.py"\n')
    with pytest.raises(BookError, match=r"survivors\.toml.*`line`"):
        read_survivors(mini.chapter)
