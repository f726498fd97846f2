"""The authors' gate: proves every part of a chapter and prints each claim as it is proved."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial

from checker.book import Book, Chapter
from checker.dev import graded, structure, teaching, tools, twins
from checker.dev.bench import AT_ONCE, Workbench
from checker.dev.claims import Claim, Outcome, Part, Problem, Proposition
from checker.dev.mutants import NEEDED_PERCENT, measure_mutants, mutation_problems
from checker.dev.proofs import Wrong, alternative_folders, read_alternative, read_wrong, wrong_paths
from checker.dev.together import make_groups
from checker.dev.trees import relative
from checker.errors import BookError, CheckerError
from checker.metrics.metric import user_cache

Say = Callable[[str], None]


def verify(
    book: Book,
    chapters: Sequence[Chapter] = (),
    *,
    mutants: bool = False,
    together: bool = False,
    say: Say = print,
) -> Outcome:
    """Try every claim about `chapters`, by default all of the book's, and say each as it ends.

    `together` lets wrong solutions of different tasks share a grade. With `mutants` the one claim tried is the mutation score of each hidden suite. Ctrl-C ends the run with
    what was tried until then; nothing is left running.
    """
    started = time.monotonic()
    chosen = tuple(chapters) or book.chapters
    claims: list[Claim] = []
    interrupted = False
    tried: Iterator[Claim]
    try:
        with Workbench() as bench:
            if mutants:
                total = len(chosen)
                tried = (_mutation_claim(bench, book, chapter, say) for chapter in chosen)
            else:
                wanted = [one for chapter in chosen for one in propositions(bench, book, chapter, together)]
                total = len(wanted)
                tried = _try_all(wanted)
            for claim in tried:
                claims.append(claim)
                for line in claim_lines(claim, len(claims), total):
                    say(line)
    except KeyboardInterrupt:
        interrupted = True
        say("Interrupted; what was tried until now:")
    outcome = Outcome(claims=tuple(claims), seconds=time.monotonic() - started, interrupted=interrupted)
    say(summary(outcome))
    return outcome


def propositions(bench: Workbench, book: Book, chapter: Chapter, together: bool = False) -> list[Proposition]:
    """Everything that a finished chapter claims, quick claims first."""
    return [*quick_propositions(book, chapter), *slow_propositions(bench, book, chapter, together)]


def quick_propositions(book: Book, chapter: Chapter) -> Iterator[Proposition]:
    """What can be seen without a grade."""
    for part, says, prove in (
        (Part.FILES, "every part is there", structure.parts_exist),
        (Part.FILES, "nothing stray lies in the trees", structure.nothing_stray),
        (Part.TASKS, "each task's suite declares its checks", structure.suites_declare_checks),
        (Part.TASKS, "every check has a message, and none quotes its test", structure.messages_teach),
        (Part.TASKS, "three hints a task", structure.hints_lead),
        (Part.TASKS, "each TODO stands once, in its region", structure.todos_stand_once),
        (Part.LESSON, "the lesson's headings are the sections, in order", teaching.headings_match),
        (Part.LESSON, "the anchors of tasks and checks exist", teaching.anchors_lead_somewhere),
        (Part.LESSON, "links lead to official documentation", teaching.links_are_official),
        (Part.SPEC, "every id has a heading, a task and a test", teaching.ids_are_taught),
        (Part.SPEC, "what is graded is what has been taught", teaching.grades_what_is_taught),
        (Part.REGIONS, "starter and reference differ in regions only", structure.trees_differ_in_regions),
        (Part.WRONG, "wrong and alternative solutions can be read", structure.proofs_are_there),
        (Part.TESTS, "every broken app can be made", twins.can_be_made),
        (Part.GENERATED, "generated files are fresh", tools.generated_files_are_fresh),
    ):
        yield Proposition(chapter=chapter.id, part=part, says=says, prove=partial(prove, book, chapter))
    for folder, name in ((chapter.starter, "the starter"), (chapter.solution, "the reference")):
        yield Proposition(
            chapter=chapter.id,
            part=Part.TOOLS,
            says=f"ruff finds nothing in {name}",
            prove=partial(tools.ruff_is_silent, book, folder),
        )
        yield Proposition(
            chapter=chapter.id,
            part=Part.TOOLS,
            says=f"ruff would not reformat {name}",
            prove=partial(tools.ruff_would_not_reformat, book, folder),
        )


def slow_propositions(
    bench: Workbench, book: Book, chapter: Chapter, together: bool = False
) -> Iterator[Proposition]:
    """What takes a grade or a tool."""

    def slow(part: Part, says: str, prove: Callable[[], Iterable[Problem]]) -> Proposition:
        return Proposition(chapter=chapter.id, part=part, says=says, prove=prove, grades=True)

    yield slow(
        Part.REFERENCE,
        "the reference has full marks",
        partial(graded.reference_has_full_marks, bench, book, chapter),
    )
    if chapter.file.twins is not None:
        yield slow(
            Part.TESTS,
            "the reference's tests notice every broken app, over HTTP too",
            partial(twins.reference_notices_all, bench, book, chapter),
        )
    yield slow(
        Part.TOOLS,
        "mypy --strict finds nothing in the reference",
        partial(tools.mypy_is_silent, book, chapter),
    )
    yield slow(
        Part.STARTER,
        "the starter runs and fails every task, each with a message",
        partial(graded.starter_does_not_pass, bench, book, chapter),
    )
    yield slow(
        Part.STARTER,
        "an empty folder is refused in one sentence",
        partial(graded.empty_folder_is_refused, bench, book, chapter),
    )
    yield slow(
        Part.GENERATED,
        "the notebook runs from top to bottom",
        partial(_notebook_runs, bench, book, chapter),
    )
    for task in chapter.tasks:
        yield slow(
            Part.REGIONS,
            f"task {task.id} passes once it is done",
            partial(graded.task_alone_passes, bench, book, chapter, task),
        )
    wrongs: list[Wrong] = []
    for path in wrong_paths(chapter):
        # What cannot be read the quick claims have told.
        with contextlib.suppress(BookError):
            wrongs.append(read_wrong(path))
    for wrong, group in make_groups(chapter, wrongs) if together else ((one, None) for one in wrongs):
        yield slow(
            Part.WRONG,
            f"{wrong.name} is caught by {', '.join(wrong.file.caught_by) or 'nothing'}",
            partial(graded.wrong_is_caught, bench, book, chapter, wrong, group),
        )
    for folder in alternative_folders(chapter):
        try:
            alternative = read_alternative(folder)
        except BookError:
            continue  # the quick claims have said so
        yield slow(
            Part.ALTERNATIVES,
            f"{alternative.name} passes",
            partial(graded.alternative_passes, bench, book, chapter, alternative),
        )
        if chapter.file.twins is not None:
            yield slow(
                Part.TESTS,
                f"the tests of {alternative.name} notice every broken app",
                partial(twins.alternative_notices_all, bench, book, chapter, alternative),
            )


def _notebook_runs(bench: Workbench, book: Book, chapter: Chapter) -> Iterator[Problem]:
    try:
        bench.run(tools.notebook_runs, chapter)
    except BookError as error:
        yield Problem(path=relative(book.root, chapter.lesson), what=str(error), remedy="")


def _try_all(wanted: Sequence[Proposition]) -> Iterator[Claim]:
    """Quick propositions in order, then the others as they end."""
    for proposition in wanted:
        if not proposition.grades:
            yield try_proposition(proposition)
    threads = ThreadPoolExecutor(AT_ONCE)
    try:
        running = [threads.submit(try_proposition, one) for one in wanted if one.grades]
        for future in as_completed(running):
            yield future.result()
    finally:
        threads.shutdown(wait=True, cancel_futures=True)


def try_proposition(proposition: Proposition) -> Claim:
    """Prove one proposition; what the checker raises on purpose, or a missing file, is a problem like any other."""
    started = time.monotonic()
    problems: list[Problem] = []
    try:
        # One by one, so that what was found before an error stays.
        for problem in proposition.prove():
            problems.append(problem)  # noqa: PERF402 -- see above
    except CheckerError as error:
        problems.append(Problem(path=proposition.chapter, what=str(error), remedy=""))
    except (OSError, UnicodeDecodeError) as error:
        where = str(getattr(error, "filename", None) or proposition.chapter)
        why = getattr(error, "strerror", None) or str(error)
        problems.append(Problem(path=where, what=f"cannot be read: {why}.", remedy="Write it as UTF-8 text."))
    return Claim(
        chapter=proposition.chapter,
        part=proposition.part,
        says=proposition.says,
        problems=tuple(problems),
        seconds=time.monotonic() - started,
    )


def _mutation_claim(bench: Workbench, book: Book, chapter: Chapter, say: Say) -> Claim:
    started = time.monotonic()
    where = relative(book.root, chapter.solution)
    says = f"the hidden suite kills {NEEDED_PERCENT:g} % of the reference's mutants"
    try:
        kept = user_cache() / "mutants" / f"{chapter.name}.jsonl"
        score = measure_mutants(bench, chapter, kept, say)
    except CheckerError as error:
        problems = (Problem(path=where, what=str(error), remedy=""),)
        return Claim(
            chapter=chapter.id,
            part=Part.MUTANTS,
            says=says,
            problems=problems,
            seconds=time.monotonic() - started,
        )
    say(
        f"{chapter.short}: {score.killed} of {len(score.tried)} killed, {score.percent:.1f} %; "
        f"{score.percent_without_argued:.1f} % without {len(score.argued)} argued survivors; "
        f"{score.percent_of_started:.1f} % without the {score.stillborn} whose app broke down"
    )
    return Claim(
        chapter=chapter.id,
        part=Part.MUTANTS,
        says=says,
        problems=tuple(mutation_problems(score, where)),
        seconds=time.monotonic() - started,
        detail=score.as_data(),
    )


def claim_lines(claim: Claim, number: int, total: int) -> Iterator[str]:
    """One line for a claim, the `number`th of `total`, and one for each problem with it."""
    mark = "held  " if claim.held else "BROKEN"
    yield f"{number:>{len(str(total))}}/{total} {mark} {claim.chapter} {claim.part:<12} {claim.says}  {claim.seconds:.1f} s"
    for problem in claim.problems:
        yield f"       {problem}".rstrip().replace("\n", "\n       ")


def summary(outcome: Outcome) -> str:
    """The last line: how many claims hold, and how long it took."""
    count = len(outcome.claims)
    held = count - len(outcome.broken)
    said = f"{held} of {count} claims hold" if outcome.broken else f"All {count} claims hold"
    if outcome.interrupted:
        said += ", and more were not tried"
    return f"{said}; {outcome.seconds:.1f} s."
