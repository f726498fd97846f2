"""A page for each constraint, from the docstring of its module, which is also what `check explain` shows."""

from __future__ import annotations

import inspect
from dataclasses import dataclass

from checker.book import Book
from checker.book.spec import ConstraintSpec, Spec
from checker.constraints import Constraint, all_constraints
from checker.errors import BookError


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstraintPage:
    """The page of one constraint; `name` is the file's name without its ending."""

    id: str
    name: str
    short_title: str
    text: str


def constraint_pages(spec: Spec, book: Book) -> tuple[ConstraintPage, ...]:
    """One page for each constraint that the checker knows, in the order of the specification.

    Raises `BookError` where a constraint has no text, or an id that the specification does not know.
    """
    pages: list[ConstraintPage] = []
    for constraint in all_constraints():
        stated = spec.constraint_of(constraint.id)
        if stated is None:
            raise BookError(
                f"The constraint `{constraint.id}` is not in `chapters/spec.toml`; add it there, with its title."
            )
        pages.append(_page(constraint, stated, book))
    return tuple(pages)


def _page(constraint: Constraint, stated: ConstraintSpec, book: Book) -> ConstraintPage:
    # The first line is the title in other words; the page has it from the specification.
    first, _, rest = inspect.cleandoc(constraint.page or "").partition("\n")
    if not first:
        raise BookError(
            f"The constraint `{stated.id}` has no text; its page is the docstring of its file, so write one."
        )
    facts = (
        "Hard: a violation fails the chapter, with no waiver."
        if stated.hard
        else "Soft: a violation costs points.",
        f"For the sake of {stated.why}." if stated.hard else f"You may flex it for {stated.may_flex_when}.",
        f"Graded from chapter {stated.from_chapter}.",
    )
    parts = (
        f'---\ntitle: "{stated.id}: {_plain(stated.title)}"\n---',
        f"# {stated.id}: {stated.title}",
        f"{' '.join(facts)}\n{{ .facts }}",
        rest.strip(),
        _rules(constraint),
        _graded_by(stated, book),
    )
    return ConstraintPage(
        id=stated.id,
        name=stated.id.lower(),
        short_title=f"{stated.id} {_plain(stated.title)}",
        text="\n\n".join(part for part in parts if part) + "\n",
    )


def _rules(constraint: Constraint) -> str:
    rows = [
        f"| `{rule.name}` | {seen} | {_cell(rule.help)} |"
        for seen, rules in (
            ("in the code", constraint.rules),
            ("on the running app", constraint.running_rules),
        )
        for rule in rules
    ]
    return (
        "\n".join(["## Its rules", "", "| rule | seen | what to do |", "|---|---|---|", *rows])
        if rows
        else ""
    )


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _plain(title: str) -> str:
    return title.split(";")[0]


def _graded_by(stated: ConstraintSpec, book: Book) -> str:
    chapters = [chapter for chapter in book.chapters if stated.id in chapter.file.grades.constraints]
    links = ", ".join(f"[{chapter.title}](../chapters/{chapter.name}/index.md)" for chapter in chapters)
    graded = f"Graded in {links}. " if links else ""
    return f"{graded}In the terminal: `check explain {stated.id}`."
