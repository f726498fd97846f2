"""The pages of the site that code knows: lessons, task sheets, constraints, the command, and filled tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from checker.book import Book, Chapter
from checker.book.spec import ConstraintSpec, Spec, read_spec
from checker.dev.command_page import command_page
from checker.dev.constraint_pages import ConstraintPage, constraint_pages
from checker.dev.lesson_page import lesson_page, to_site
from checker.dev.metric_texts import metric_texts
from checker.dev.notebooks import build_notebook, run_cached
from checker.dev.sheets import build_sheet
from checker.dev.transcript import read_transcript
from checker.errors import BookError

_FILL = re.compile(r"^<!-- fill: (?P<name>[a-z-]+) -->$", re.MULTILINE)

NavEntry = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Generated files by their path under docs/, and what each `*` of the navigation stands for."""

    files: dict[str, str | bytes]
    nav: dict[str, list[NavEntry]]


def build_site(book: Book, docs: Path, cache: Path) -> Site:
    """Everything of the site that is not written by hand.

    `docs` is the folder of the handwritten pages, whose `<!-- fill: name -->` lines are filled; `cache` keeps
    lessons that have run. Raises `BookError` where a lesson does not run or a page asks for an unknown filling.
    """
    # Heavy for everything but this: the whole command is imported to be described.
    from checker.cli.commands import app

    spec = read_spec(book)
    constraints = constraint_pages(spec, book)
    files: dict[str, str | bytes] = {}
    for chapter in book.chapters:
        files.update(_chapter_files(chapter, cache, {page.id: page.name for page in constraints}))
    files.update({f"constraints/{page.name}.md": page.text for page in constraints})
    files["reference/command.md"] = command_page(app)
    files.update(_root_pages(book.root))
    fillings: dict[str, Callable[[], str]] = {
        "chapters": lambda: _chapter_table(book, spec),
        "ready": lambda: _ready(book, spec),
        "constraints": lambda: _constraint_table(spec, constraints),
        "metrics": lambda: _metric_table(spec),
        "metric-texts": lambda: metric_texts(spec),
        "transcript": lambda: read_transcript(book.root / "README.md"),
    }
    files.update(_filled(docs, fillings))
    nav: dict[str, list[NavEntry]] = {
        "chapters/*": [_chapter_nav(chapter) for chapter in book.chapters],
        "constraints/*": [{page.short_title: f"constraints/{page.name}.md"} for page in constraints],
    }
    return Site(files=files, nav=nav)


def expand_nav(entries: Sequence[object], groups: dict[str, list[NavEntry]]) -> list[object]:
    """A navigation with each `folder/*` replaced by the pages that it stands for."""
    expanded: list[object] = []
    for entry in entries:
        if isinstance(entry, str) and entry in groups:
            expanded.extend(groups[entry])
        elif isinstance(entry, dict):
            expanded.append(
                {
                    title: expand_nav(below, groups) if isinstance(below, list) else below
                    for title, below in entry.items()
                }
            )
        else:
            expanded.append(entry)
    return expanded


def _chapter_nav(chapter: Chapter) -> NavEntry:
    below = [
        f"chapters/{chapter.name}/index.md",
        {f"Tasks of chapter {chapter.number}": f"chapters/{chapter.name}/tasks.md"},
    ]
    return {f"{chapter.number} {chapter.title}": below}


def _chapter_files(
    chapter: Chapter, cache: Path, constraints: dict[str, str]
) -> Iterator[tuple[str, str | bytes]]:
    notebook = build_notebook(chapter.lesson)
    page = lesson_page(chapter, run_cached(notebook, name=chapter.name, cache=cache))
    folder = f"chapters/{chapter.name}"
    yield f"{folder}/index.md", page.text
    yield f"{folder}/lesson.ipynb", notebook
    yield f"{folder}/tasks.md", _sheet_page(chapter, constraints)
    for name, content in page.pictures.items():
        yield f"{folder}/{name}", content


def _sheet_page(chapter: Chapter, constraints: dict[str, str]) -> str:
    """The task sheet with its links turned to pages, those of the graded constraints among them."""

    def linked(found: re.Match[str]) -> str:
        name = constraints.get(found[0])
        return f"[{found[0]}](../../constraints/{name}.md)" if name else found[0]

    sheet = to_site(chapter, build_sheet(chapter))
    sheet = sheet.replace(f"# Chapter {chapter.number}: ", f"# Tasks of chapter {chapter.number}: ", 1)
    sheet = re.sub(
        r"(?<=Graded here: )[^`]*", lambda line: re.sub(r"\b[HS]\d\b", linked, line[0]), sheet, count=1
    )
    return f"---\ntitle: Tasks of chapter {chapter.number}\n---\n\n{sheet}"


def _root_pages(root: Path) -> Iterator[tuple[str, str]]:
    """CONTRIBUTING and CHANGELOG stand at the top of the project, where people look; the site shows them too."""
    for source, place in (("CONTRIBUTING.md", "authors/index.md"), ("CHANGELOG.md", "authors/changelog.md")):
        yield place, _for_authors(_read(root / source))


def _for_authors(text: str) -> str:
    moved = (
        text.replace("](docs/authors/", "](")
        .replace("](docs/", "](../")
        .replace("](CHANGELOG.md)", "](changelog.md)")
    )
    return re.sub(
        r"\[([^\]]+)\]\((?:README\.md|LICENSE|\.ci/[^)]*|tests/[^)]*|checker/[^)]*)\)", r"\1", moved
    )


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BookError(f"`{path}` cannot be read: {error}. The site needs it as UTF-8 text.") from error


def _filled(docs: Path, fillings: dict[str, Callable[[], str]]) -> Iterator[tuple[str, str]]:
    for path in sorted(docs.rglob("*.md")):
        text = _read(path)
        if _FILL.search(text) is None:
            continue

        def fill(found: re.Match[str], path: Path = path) -> str:
            filling = fillings.get(found["name"])
            if filling is None:
                known = ", ".join(f"`{name}`" for name in fillings)
                raise BookError(f"`{path}` asks for `{found[0]}`, which nothing fills; known are {known}.")
            return filling()

        yield path.relative_to(docs).as_posix(), _FILL.sub(fill, text)


def _chapter_table(book: Book, spec: Spec) -> str:
    written = {chapter.number: chapter for chapter in book.chapters}
    rows = ["| | chapter | the small app | what it adds |", "|---|---|---|---|"]
    for planned in spec.chapter:
        chapter = written.get(planned.number)
        title = f"[{planned.title}]({chapter.name}/index.md)" if chapter else planned.title
        rows.append(f"| {planned.number} | {title} | {planned.desk} | {planned.adds} |")
    return "\n".join(rows)


def _ready(book: Book, spec: Spec) -> str:
    numbers = [str(chapter.number) for chapter in book.chapters]
    if len(numbers) == len(spec.chapter):
        return "All chapters are ready."
    *first, last = numbers
    which = f"Chapters {', '.join(first)} and {last} are" if first else f"Chapter {last} is"
    return f"{which} ready today, of {len(spec.chapter)}."


def _constraint_table(spec: Spec, pages: Sequence[ConstraintPage]) -> str:
    written = {page.id: page for page in pages}

    def row(one: ConstraintSpec) -> str:
        page = written.get(one.id)
        title = f"[{one.title}]({page.name}.md)" if page else one.title
        last = one.why if one.hard else f"{one.may_flex_when}"
        return f"| {one.id} | {title} | {last} | {one.from_chapter} |"

    hard = [row(one) for one in spec.constraint if one.hard]
    soft = [row(one) for one in spec.constraint if not one.hard]
    return "\n".join(
        [
            "## Hard: a violation fails the chapter\n",
            "| id | constraint | for the sake of | graded from chapter |",
            "|---|---|---|---|",
            *hard,
            "\n## Soft: preferred, and you may flex one with a written reason\n",
            "| id | prefer | may flex for | graded from chapter |",
            "|---|---|---|---|",
            *soft,
        ]
    )


def _metric_table(spec: Spec) -> str:
    rows = ["| id | metric | target | measured with | graded from chapter |", "|---|---|---|---|---|"]
    rows += [
        f"| {one.id} | {one.title} | {one.goal} | {one.tool} | {one.from_chapter} |" for one in spec.metric
    ]
    return "\n".join(rows)
