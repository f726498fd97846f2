"""The specification's ids, from `chapters/spec.toml`: what is taught where, and what is graded from when."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from checker.book.chapter import SpecId
from checker.book.library import Book, open_book
from checker.errors import BookError

ChapterNumber = Annotated[int, Meta(ge=1, le=99)]
Words = Annotated[str, Meta(min_length=3)]


class Better(StrEnum):
    """How a metric's value is compared with its target."""

    AT_MOST = "at-most"
    ABOVE = "above"
    BELOW = "below"
    REPORTED = "reported"  # no target: shown, never judged


class SpecChapter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A chapter of the plan, written or not."""

    number: ChapterNumber
    slug: Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    title: Words
    desk: Words
    """The small app that its starter is."""
    adds: Words
    """What the running domain has afterwards that it had not before."""


class Area(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One area of capabilities and the chapter that teaches it."""

    id: Annotated[str, Meta(pattern=r"^\d(\.\d+)?$")]
    title: Words
    chapter: ChapterNumber
    capabilities: Annotated[dict[SpecId, Words], Meta(min_length=1)]
    """Short names by id, in the order of the specification."""


class ConstraintSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A constraint as the specification states it; hard ones cannot be flexed."""

    id: Annotated[str, Meta(pattern=r"^[HS]\d$")]
    title: Words
    why: Words
    from_chapter: ChapterNumber
    """The first chapter that grades it."""
    may_flex_when: Annotated[str, Meta(min_length=3)] | None = None

    @property
    def hard(self) -> bool:
        return self.id.startswith("H")


class MetricSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A metric as the specification states it; `target` is in `unit`, and None where it is only reported."""

    id: Annotated[str, Meta(pattern=r"^M\d$")]
    title: Words
    better: Better
    unit: Annotated[str, Meta(min_length=1)]
    tool: Words
    from_chapter: ChapterNumber
    target: float | None = None

    @property
    def goal(self) -> str:
        """The target as a reader says it: `below 100 ms`."""
        if self.target is None:
            return "reported"
        words = "" if self.better is Better.AT_MOST else f"{self.better} "
        return f"{words}{self.target:g} {self.unit}"


class Spec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that has an id."""

    chapter: Annotated[tuple[SpecChapter, ...], Meta(min_length=1)]
    area: Annotated[tuple[Area, ...], Meta(min_length=1)]
    constraint: tuple[ConstraintSpec, ...] = ()
    metric: tuple[MetricSpec, ...] = ()

    def capabilities(self, chapter: int | None = None) -> dict[str, str]:
        """Short names by id, of one chapter or of all."""
        return {
            spec_id: name
            for area in self.area
            if chapter is None or area.chapter == chapter
            for spec_id, name in area.capabilities.items()
        }

    def planned(self, number: int) -> SpecChapter | None:
        """What the plan says of a chapter, or None where it knows none of that number."""
        return next((chapter for chapter in self.chapter if chapter.number == number), None)

    def constraint_of(self, constraint_id: str) -> ConstraintSpec | None:
        """The constraint with this id, or None."""
        return next((one for one in self.constraint if one.id == constraint_id), None)

    def metric_of(self, metric_id: str) -> MetricSpec | None:
        """The metric with this id, or None."""
        return next((one for one in self.metric if one.id == metric_id), None)

    def graded_constraints(self, chapter: int) -> tuple[str, ...]:
        """Ids of the constraints that this chapter grades: those taught so far."""
        return tuple(one.id for one in self.constraint if one.from_chapter <= chapter)

    def graded_metrics(self, chapter: int) -> tuple[str, ...]:
        """Ids of the metrics that this chapter grades."""
        return tuple(one.id for one in self.metric if one.from_chapter <= chapter)


def read_spec(book: Book) -> Spec:
    """The specification of `book`; a pack without a `chapters/spec.toml` of its own uses the workbook's.

    Raises `BookError` naming file, key and remedy.
    """
    path = _spec_file(book.root)
    if not path.is_file():
        path = _spec_file(open_book().root)
    return read_spec_file(path)


def _spec_file(root: Path) -> Path:
    return root / "chapters" / "spec.toml"


def read_spec_file(path: Path) -> Spec:
    """Read and validate one `spec.toml`; raises `BookError` naming file, key and remedy."""
    try:
        spec = msgspec.toml.decode(path.read_bytes(), type=Spec)
    except OSError as error:
        raise BookError(f"`{path}` cannot be read: {error.strerror}. Restore it from the project.") from error
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at ")
        key = where.strip("`").removeprefix("$").removeprefix(".") or "the top level"
        raise BookError(f"`{path}`, at `{key}`: {what[0].lower()}{what[1:]}. Mend that key.") from error
    except RecursionError as error:
        raise BookError(
            f"`{path}` is not valid TOML: it is nested too deeply. Mend it at that place."
        ) from error
    except (msgspec.DecodeError, ValueError) as error:  # no UTF-8, and numbers of thousands of digits
        raise BookError(f"`{path}` is not valid TOML: {error}. Mend it at that place.") from error
    _check(path, spec)
    return spec


def _check(path: Path, spec: Spec) -> None:
    ids = [
        *(f"chapter {chapter.number}" for chapter in spec.chapter),
        *(area.id for area in spec.area),
        *(spec_id for area in spec.area for spec_id in area.capabilities if spec_id != area.id),
        *(constraint.id for constraint in spec.constraint),
        *(metric.id for metric in spec.metric),
    ]
    twice = next((one for position, one in enumerate(ids) if one in ids[:position]), None)
    if twice is not None:
        raise BookError(f"`{path}`: `{twice}` stands twice; an id has one meaning, so remove one of them.")
    numbers = {chapter.number for chapter in spec.chapter}
    for area in spec.area:
        if area.chapter not in numbers:
            raise BookError(
                f"`{path}`, area `{area.id}`: chapter {area.chapter} is not in the list; add it under `[[chapter]]`."
            )
        for spec_id in area.capabilities:
            if not spec_id.startswith(f"{area.id}."):
                raise BookError(
                    f"`{path}`, area `{area.id}`: `{spec_id}` belongs to another area; move it there."
                )
    for constraint in spec.constraint:
        if constraint.hard == (constraint.may_flex_when is not None):
            remedy = "remove `may_flex_when`" if constraint.hard else "say in `may_flex_when` when it may"
            kind = (
                "a hard constraint is never flexed" if constraint.hard else "a soft constraint may be flexed"
            )
            raise BookError(f"`{path}`, constraint `{constraint.id}`: {kind}; {remedy}.")
    for metric in spec.metric:
        if (metric.target is None) != (metric.better is Better.REPORTED):
            raise BookError(
                f'`{path}`, metric `{metric.id}`: give it a `target`, or `better = "reported"`; never both.'
            )
