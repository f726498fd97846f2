"""Wrong solutions of different tasks, tried in one grade: each is still seen to be caught by its own checks.

Members of a group edit different files, belong to different tasks and name different checks. Where their common grade fails exactly
the checks that they name, and violates exactly the constraints, each of them holds. Where it shows anything else, all of them are
tried one by one. What this can miss is that one member's unrelated failure is just another's named check; who is with
whom changes with the proofs. `check dev verify` without `--together` tries every one alone.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

from checker.book import Chapter
from checker.dev.graded import Bench, Scope, unlike_promised
from checker.dev.proofs import BASE_SOLUTION, Wrong, lay_out
from checker.errors import BookError

MOST = 4
"""Members of a group: more often show something else than they promise, and then the time is lost."""
_MOST_CHECKS = 3
"""A mistake that more checks see breaks too much to share an app."""


class Group:
    """Some wrong solutions, and what their common grade shows."""

    def __init__(self, chapter: Chapter, members: Sequence[Wrong]) -> None:
        self.members = tuple(members)
        self._chapter = chapter
        self._lock = threading.Lock()
        self._exact: bool | None = None

    def shows_exactly(self, bench: Bench) -> bool:
        """Whether the common grade shows what all members promise, and nothing else; graded once, however often it is asked."""
        with self._lock:
            if self._exact is None:
                self._exact = self._holds(bench)
            return self._exact

    def _holds(self, bench: Bench) -> bool:
        together = self.members[0].together_with(self.members[1:])
        try:
            report = bench.grade(
                self._chapter, lay_out(self._chapter, together, bench.folder()), Scope.BEHAVIOUR
            )
        except BookError:
            return False
        return not any(unlike_promised(str(together.path), report, together))


def make_groups(chapter: Chapter, wrongs: Iterable[Wrong]) -> tuple[tuple[Wrong, Group | None], ...]:
    """Each wrong solution with its group, None where it is tried alone; those that share a grade stand far apart."""
    groups: list[list[Wrong]] = []
    alone: list[Wrong] = []
    for wrong in sorted(wrongs, key=_lot):
        if wrong.file.base != BASE_SOLUTION or len(wrong.file.caught_by) > _MOST_CHECKS:
            alone.append(wrong)
            continue
        for group in groups:
            if len(group) < MOST and all(_goes_with(wrong, other) for other in group):
                group.append(wrong)
                break
        else:
            groups.append([wrong])
    made = [Group(chapter, members) for members in groups if len(members) > 1]
    alone += [members[0] for members in groups if len(members) == 1]
    # First members first: whoever grades for the group does not keep the others waiting.
    rounds = [(one.members[turn], one) for turn in range(MOST) for one in made if turn < len(one.members)]
    return (*rounds[: len(made)], *((wrong, None) for wrong in alone), *rounds[len(made) :])


def _lot(wrong: Wrong) -> bytes:
    return hashlib.blake2b(wrong.path.read_bytes(), digest_size=8).digest()


def _goes_with(one: Wrong, other: Wrong) -> bool:
    def checks(wrong: Wrong) -> set[str]:
        return {*wrong.file.caught_by, *wrong.file.by_chance}

    def files(wrong: Wrong) -> set[Path]:
        return {Path(edit.path) for edit in wrong.file.edit}

    return one.task != other.task and not checks(one) & checks(other) and not files(one) & files(other)
