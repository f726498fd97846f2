"""The mutation score of a chapter's hidden suite: how many small mistakes in the reference it notices."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from checker.book import Chapter
from checker.book.chapter import Sentence
from checker.dev.claims import Problem
from checker.dev.graded import Bench, Scope
from checker.dev.mutations import Mutant, make_mutants
from checker.dev.proofs import copy_tree
from checker.dev.trees import tree_files
from checker.errors import BookError, CheckerError
from checker.models.report import Outcome

NEEDED_PERCENT = 90.0
_SUITE_ROOM = Path(__file__).resolve().parent.parent / "suite"


class Fate(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"  # a check failed
    STILLBORN = "stillborn"  # the app did not start or broke down; killed, too
    SURVIVED = "survived"
    UNDECIDED = "undecided"  # the checker could not tell


class Kind(StrEnum):
    """Why a survivor is no gap in the suite."""

    EQUIVALENT = "equivalent"  # nobody could tell the difference
    OUT_OF_CONTRACT = "out-of-contract"  # the task sheet leaves it open


class Survivor(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of `survivors.toml`: a place and operator, and why its mutants may live."""

    path: Annotated[str, Meta(min_length=1)]
    line: Annotated[int, Meta(ge=1)]
    operator: Annotated[str, Meta(min_length=1)]
    kind: Kind
    why: Sentence


class SurvivorsFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`tests/<chapter>/survivors.toml`."""

    survivor: tuple[Survivor, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A mutant and what became of it; `by` names the check or the fault that gave it away."""

    mutant: Mutant
    fate: Fate
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MutationScore:
    """What a chapter's mutants came to; percentages are of mutants that are not provably equal."""

    tried: tuple[Tried, ...]
    equal: int
    argued: tuple[Tried, ...]
    stale: tuple[Survivor, ...]

    @property
    def killed(self) -> int:
        return sum(one.fate in (Fate.KILLED, Fate.STILLBORN) for one in self.tried)

    @property
    def stillborn(self) -> int:
        return sum(one.fate is Fate.STILLBORN for one in self.tried)

    @property
    def survivors(self) -> tuple[Tried, ...]:
        """Those that no check noticed, argued or not, and those of which the checker could not tell."""
        return tuple(one for one in self.tried if one.fate in (Fate.SURVIVED, Fate.UNDECIDED))

    @property
    def unargued(self) -> tuple[Tried, ...]:
        argued = {id(one) for one in self.argued}
        return tuple(one for one in self.survivors if id(one) not in argued)

    @property
    def percent(self) -> float:
        """Killed of all that are not provably equal."""
        return _percent(self.killed, len(self.tried))

    @property
    def percent_without_argued(self) -> float:
        """The same, argued survivors not counted."""
        return _percent(self.killed, len(self.tried) - len(self.argued))

    @property
    def percent_of_started(self) -> float:
        """Killed by a check, of those whose app ran: the strictest reading."""
        return _percent(self.killed - self.stillborn, len(self.tried) - self.stillborn)

    def as_data(self) -> dict[str, object]:
        """Numbers and survivors as plain data."""
        return {
            "mutants": len(self.tried),
            "equal": self.equal,
            "killed": self.killed,
            "stillborn": self.stillborn,
            "survived": len(self.survivors),
            "argued": len(self.argued),
            "percent": round(self.percent, 1),
            "percent_without_argued": round(self.percent_without_argued, 1),
            "percent_of_started": round(self.percent_of_started, 1),
            "survivors": [{**asdict(one.mutant), "fate": one.fate, "text": None} for one in self.survivors],
        }


def _percent(part: int, whole: int) -> float:
    return 100.0 * part / whole if whole else 100.0


def read_survivors(chapter: Chapter) -> tuple[Survivor, ...]:
    """The argued survivors of a chapter; none where there is no file.

    Raises `BookError` naming file, key and remedy.
    """
    path = chapter.proofs / "survivors.toml"
    try:
        return msgspec.toml.decode(path.read_bytes(), type=SurvivorsFile).survivor
    except FileNotFoundError:
        return ()
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BookError(
            f"`{path}` cannot be used: {error}. Each `[[survivor]]` has `path`, `line`, `operator`, `kind` "
            "(equivalent or out-of-contract) and `why`."
        ) from error


def measure_mutants(
    bench: Bench, chapter: Chapter, cache: Path, say: Callable[[str], None], *, at_once: int = 2
) -> MutationScore:
    """Try every mutant of the reference against the hidden suite and count.

    Results are kept in `cache`, one line a mutant, so that an interrupted run goes on where it stopped.
    Raises `CheckerError` where cosmic-ray is missing, the reference itself does not pass, or `survivors.toml`
    is wrong.
    """
    survivors = read_survivors(chapter)
    mutants = make_mutants(chapter.solution)
    reference = bench.grade(chapter, copy_tree(chapter.solution, bench.folder()), Scope.SUITE)
    if any(task.outcome is not Outcome.PASSED for task in reference.tasks) or reference.faults:
        raise CheckerError(
            f"The reference of {chapter.short} does not pass its own suite, so mutants prove nothing. "
            f"Run `check dev verify {chapter.short}` first."
        )
    known = _Cache(cache, _state(chapter))
    waiting = [mutant for mutant in mutants.tried if known.get(mutant) is None]
    say(
        f"{chapter.short}: {len(mutants.tried)} mutants, {mutants.equal} more provably equal, "
        f"{len(mutants.tried) - len(waiting)} known from an earlier run"
    )
    with ThreadPoolExecutor(at_once) as threads:
        running = {threads.submit(_try, bench, chapter, mutant): mutant for mutant in waiting}
        try:
            for number, future in enumerate(as_completed(running), start=1):
                mutant = running[future]
                fate, by = future.result()
                known.put(mutant, fate, by)
                if fate in (Fate.SURVIVED, Fate.UNDECIDED) or number % 25 == 0:
                    say(f"  [{number}/{len(waiting)}] {fate}: {mutant.path}:{mutant.line} {mutant.operator}")
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            raise
    tried = tuple(
        Tried(mutant=mutant, fate=found[0], by=found[1])
        for mutant in mutants.tried
        if (found := known.get(mutant)) is not None
    )
    return _score(tried, mutants.equal, survivors)


def _score(tried: tuple[Tried, ...], equal: int, survivors: tuple[Survivor, ...]) -> MutationScore:
    places = {(one.path, one.line, one.operator): one for one in survivors}
    alive = [one for one in tried if one.fate is Fate.SURVIVED]
    argued = tuple(one for one in alive if (one.mutant.path, one.mutant.line, one.mutant.operator) in places)
    used = {(one.mutant.path, one.mutant.line, one.mutant.operator) for one in argued}
    stale = tuple(entry for place, entry in places.items() if place not in used)
    return MutationScore(tried=tried, equal=equal, argued=argued, stale=stale)


def _try(bench: Bench, chapter: Chapter, mutant: Mutant) -> tuple[Fate, str]:
    folder = bench.folder()
    try:
        copy_tree(chapter.solution, folder)
        (folder / mutant.path).write_text(mutant.text, encoding="utf-8", newline="")
        report = bench.grade(chapter, folder, Scope.FIRST_FAILURE)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for task in report.tasks:
        for check in task.checks:
            if check.outcome is Outcome.FAILED:
                return Fate.KILLED, check.id
    if report.faults:
        return Fate.STILLBORN, report.faults[0].kind
    if all(task.outcome is Outcome.PASSED for task in report.tasks):
        return Fate.SURVIVED, ""
    return Fate.UNDECIDED, next(
        (
            f"{check.id}: {check.message}"
            for task in report.tasks
            for check in task.checks
            if check.outcome is not Outcome.PASSED
        ),
        "",
    )


def mutation_problems(score: MutationScore, where: str) -> Iterator[Problem]:
    """What keeps a score from being good enough: too low, a survivor without a reason, a reason without one."""
    if score.percent < NEEDED_PERCENT:
        yield Problem(
            path=where,
            what=f"the suite kills {score.percent:.1f} % of the mutants.",
            remedy=f"It needs {NEEDED_PERCENT:g} %; write checks for the survivors.",
        )
    for one in score.unargued:
        place = f"{one.mutant.path}:{one.mutant.line}"
        yield Problem(
            path=f"{where}/{place}",
            what=f"the mutant by `{one.mutant.operator}` {one.fate}{f' ({one.by})' if one.by else ''}.\n"
            f"{one.mutant.diff}\n",
            remedy="Write a check that notices it, or argue it in `survivors.toml`.",
        )
    for entry in score.stale:
        yield Problem(
            path=where,
            what=f"`survivors.toml` argues for `{entry.operator}` at {entry.path}:{entry.line}; none survives.",
            remedy="Delete the entry, or mend its line.",
        )


def _state(chapter: Chapter) -> str:
    """Everything that a mutant's fate depends on, as one digest."""
    digest = hashlib.sha256()
    for name in ("fastapi", "starlette", "pydantic", "uvicorn"):
        digest.update(f"{name}={version(name)}\n".encode())
    for folder in (chapter.solution / "app", chapter.suite, _SUITE_ROOM):
        for path in tree_files(folder):
            digest.update(path.as_posix().encode())
            digest.update((folder / path).read_bytes())
    digest.update(chapter.toml.read_bytes())
    return digest.hexdigest()[:24]


class _Cache:
    """One JSON object a line: a run that is killed loses the line it was writing and no other."""

    def __init__(self, path: Path, state: str) -> None:
        self._path = path
        self._state = state
        self._known: dict[str, tuple[Fate, str]] = {}
        for line in self._lines():
            try:
                entry = json.loads(line)
                if entry["state"] == state:
                    self._known[entry["mutant"]] = (Fate(entry["fate"]), str(entry["by"]))
            except (ValueError, KeyError, TypeError):
                continue  # a torn line: that mutant is tried again

    def _lines(self) -> list[str]:
        try:
            return self._path.read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise CheckerError(f"`{self._path}` cannot be read: {error.strerror}. Delete it.") from error

    def get(self, mutant: Mutant) -> tuple[Fate, str] | None:
        return self._known.get(mutant.key)

    def put(self, mutant: Mutant, fate: Fate, by: str) -> None:
        self._known[mutant.key] = (fate, by)
        if fate is Fate.UNDECIDED:
            return  # the next run tries again
        entry = {"state": self._state, "mutant": mutant.key, "fate": fate, "by": by}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")
