"""Claims about broken apps: they can be made, and the tests of every right solution notice each of them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol, TypeVar

from checker.book import Book, Chapter
from checker.dev.claims import Problem
from checker.dev.proofs import Alternative
from checker.dev.trees import relative
from checker.errors import BookError
from checker.metrics.metric import MetricContext, user_cache
from checker.metrics.twins import act_of, acts_in, make_twin
from checker.models.report import MetricOutcome, MetricResult
from checker.sandbox import best_isolation
from checker.submission import take_snapshot

_T = TypeVar("_T")


class Bench(Protocol):
    """Where slow work runs."""

    def run(self, work: Callable[..., Any], /, *given: Any, **named: Any) -> Any:
        """Call a function of a module in a worker and wait for what it returns or raises."""
        ...


def can_be_made(book: Book, chapter: Chapter) -> Iterator[Problem]:
    """Every broken app has its file, whose edits match; `over_http.py` breaks them all, and nothing else lies there."""
    twins = chapter.file.twins
    names = () if twins is None else tuple(one.id for one in twins.broken)
    for name in names:
        try:
            make_twin(chapter, name)
        except BookError as error:
            yield Problem(path=relative(book.root, chapter.broken), what=str(error), remedy="")
    known = {f"{name}.toml" for name in names} | ({"over_http.py"} if names else set())
    for path in sorted(chapter.broken.glob("*.*")):
        if path.name not in known:
            yield Problem(
                path=relative(book.root, path),
                what="makes a broken app that chapter.toml does not name.",
                remedy="Name it under `twins.broken`, or delete it.",
            )
    acts = chapter.broken / "over_http.py"
    if not names or (twins is not None and twins.given):
        return
    written = set(acts_in(acts.read_text(encoding="utf-8"))) if acts.is_file() else set[str]()
    for name in names:
        if act_of(name) not in written:
            yield Problem(
                path=relative(book.root, acts),
                what=f"has no function `{act_of(name)}(call: Call)` that makes a learner's own app do it.",
                remedy="Write it, so that tests which fit the reference's names badly can be judged, too.",
            )
    for act in sorted(written - {act_of(name) for name in names}):
        yield Problem(
            path=relative(book.root, acts),
            what=f"`{act}` is no broken app of chapter.toml.",
            remedy="Name one like it, or begin the helper's name with an underscore.",
        )


def reference_notices_all(bench: Bench, book: Book, chapter: Chapter) -> Iterator[Problem]:
    """The reference's own tests notice every broken app, and each over HTTP alone."""
    where = relative(book.root, chapter.solution)
    result: MetricResult = bench.run(measure, chapter, chapter.solution)
    yield from _unnoticed(where, chapter, result)
    if chapter.file.twins is not None and not chapter.file.twins.given:
        for name in bench.run(unnoticed_over_http, chapter, chapter.solution):
            yield Problem(
                path=relative(book.root, chapter.broken / "over_http.py"),
                what=f"the reference's tests do not notice what `{act_of(name)}` does to its replies.",
                remedy="Let it break what those tests ask for, or add a test that asks.",
            )


def alternative_notices_all(
    bench: Bench, book: Book, chapter: Chapter, alternative: Alternative
) -> Iterator[Problem]:
    """The tests of a right solution in another style notice every broken app."""
    where = relative(book.root, alternative.folder)
    yield from _unnoticed(where, chapter, bench.run(measure, chapter, alternative.folder))


def _unnoticed(where: str, chapter: Chapter, result: MetricResult) -> Iterator[Problem]:
    apart = result.detail.get("told_apart")
    if apart is None:
        yield Problem(
            path=where,
            what=f"its tests were not compared: {result.message}",
            remedy="They pass, and run more than the target of M3.",
        )
        return
    for survivor in apart["survivors"]:
        yield Problem(
            path=where,
            what=f"its tests pass with an app that {survivor['does']} (`{survivor['id']}`).",
            remedy=f"Add a test to it ({survivor['notice']}), or mend the broken app.",
        )
    for name in (*apart["unsteady"], *apart["not_tried"]):
        yield Problem(
            path=where,
            what=f"whether its tests notice `{name}` is not certain: {' '.join(result.lines)}",
            remedy="Mend what differs from run to run, or what takes so long.",
        )
    if result.outcome is not MetricOutcome.PASSED and not apart["survivors"]:
        yield Problem(path=where, what=result.message, remedy="Mend its tests.")


def measure(chapter: Chapter, folder: Path) -> MetricResult:
    """M3 of a right solution."""
    from checker.metrics.learner_tests import METRIC

    return _with_context(chapter, folder, lambda context: METRIC.measure(context)[0])


def unnoticed_over_http(chapter: Chapter, folder: Path) -> tuple[str, ...]:
    """The broken apps that the tests of a right solution do not notice from its replies."""
    from checker.metrics.learner_tests import unnoticed_over_http

    return _with_context(chapter, folder, unnoticed_over_http)


def _with_context(chapter: Chapter, folder: Path, work: Callable[[MetricContext], _T]) -> _T:
    scratch = Path(tempfile.mkdtemp(prefix="check-twins-"))
    try:
        snapshot = take_snapshot(folder, scratch / "work")
        context = MetricContext(
            chapter=chapter,
            folder=snapshot.folder,
            snapshot=snapshot,
            scratch=scratch / "metrics",
            cache=user_cache(),
            seed=0,
            isolation=best_isolation().level,
        )
        return work(context)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
