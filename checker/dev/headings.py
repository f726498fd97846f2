"""Headings of a lesson with the anchors that the site gives them."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

from checker.errors import BookError

_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_OWN_ANCHOR = re.compile(r"\s*\{:?\s*#(?P<anchor>[\w-]+)[^}]*\}\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """One heading: its level from 1, its text as Markdown, its anchor, its line from 1."""

    level: int
    text: str
    anchor: str
    line: int


def read_headings(lesson: Path) -> tuple[Heading, ...]:
    """The headings of a lesson in order, those inside code left out.

    Raises `BookError` where the file cannot be read, or where what makes the anchors is not installed.
    """
    try:
        from markdown.extensions.toc import slugify, unique
    except ImportError:
        raise BookError(
            "The lesson's anchors are made by Python-Markdown, which is not installed. Run "
            "`pip install -e '.[dev]'`."
        ) from None
    try:
        text = lesson.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BookError(f"`{lesson}` is missing; write the lesson there.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BookError(f"`{lesson}` cannot be read: {error}. Save it as UTF-8 text.") from error
    front = _FRONT_MATTER.match(text)
    skipped = text[: front.end()].count("\n") if front else 0
    tokens = MarkdownIt("commonmark").parse(text[front.end() :] if front else text)
    found: list[Heading] = []
    taken: set[str] = set()
    for token, inline in itertools.pairwise(tokens):
        if token.type != "heading_open" or token.level:
            continue
        own = _OWN_ANCHOR.search(inline.content)
        title = inline.content[: own.start()] if own else inline.content
        plain = "".join(
            part.content for part in inline.children or () if part.type in ("text", "code_inline")
        )
        anchor = unique(own["anchor"] if own else slugify(plain, "-"), taken)
        line = (token.map[0] if token.map else 0) + skipped + 1
        found.append(Heading(level=int(token.tag[1]), text=title.strip(), anchor=anchor, line=line))
    return tuple(found)
