"""A page for each constraint, from the docstring of its module, which is also what `check explain` shows."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass

from checker.book import Book
from checker.book.spec import ConstraintSpec, Spec
from checker.constraints import all_constraints
from checker.errors import BookError


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstraintPage:
    """The page of one constraint; `name` is the file's name without its ending."""

    id: str
    name: str
    short_title: str
    text: str


def constraint_pages(spec: Spec, book: Book) -> tuple[ConstraintPage, ...]:
    """One page for each constraint that the checker knows, hard ones first.

    Raises `BookError` where a constraint has no docstring, or an id that the specification does not know.
    """
    pages: list[ConstraintPage] = []
    for constraint in all_constraints():
        module = inspect.getmodule(constraint) or inspect.getmodule(type(constraint))
        stated = spec.constraint_of(constraint.id)
        if stated is None:
            raise BookError(
                f"The constraint `{constraint.id}` is not in `chapters/spec.toml`; add it there, with its title."
            )
        pages.append(_page(stated, inspect.getdoc(module) or "", book))
    order = {one.id: place for place, one in enumerate(spec.constraint)}
    return tuple(sorted(pages, key=lambda page: order[page.id]))
