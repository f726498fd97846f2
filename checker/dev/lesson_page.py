"""A lesson as a page of the site: the executed notebook as Markdown, in the site's own look."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nbconvert import MarkdownExporter
from nbconvert.filters import strip_ansi
from nbformat import NotebookNode

from checker.book import Chapter
from checker.dev.notebooks import cell_tags, first_heading, slide_type
from checker.dev.sheets import anchor_of

# nbconvert is untyped; these names are where its values become ours.
_exporter: Callable[..., Any] = MarkdownExporter
_without_colour: Callable[[str], str] = strip_ansi

_LEFT_OUT = frozenset({"notes", "skip"})
_TEMPLATE = """
{%- extends 'markdown/index.md.j2' -%}
{% block input %}{{ cell | as_code }}{% endblock input %}
{% block stream %}{{ output.text | as_output }}{% endblock stream %}
{% block data_text scoped %}{{ output.data['text/plain'] | as_output }}{% endblock data_text %}
{% block error %}{{ (output.ename ~ ': ' ~ output.evalue) | as_output }}{% endblock error %}
"""
_LONG = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonPage:
    """Markdown of the page, and the pictures that its outputs hold, by name beside it."""

    text: str
    pictures: dict[str, bytes]


def lesson_page(chapter: Chapter, notebook: NotebookNode) -> LessonPage:
    """The page of a lesson that has run; speaker notes and cells tagged `remove-cell` stay out."""
    shown = copy.copy(notebook)
    shown.cells = [_placed(chapter, cell) for cell in notebook.cells if _is_shown(cell)]
    exporter = _exporter(raw_template=_TEMPLATE, filters={"as_code": _code, "as_output": _output})
    text, resources = exporter.from_notebook_node(shown)
    pictures: dict[str, bytes] = dict(resources.get("outputs") or {})
    body = str(text).strip("\n")
    title = f"Chapter {chapter.number}: {chapter.title}"
    top, rest = _cut_title(body)
    parts = [
        f'---\ntitle: "{_quoted(title)}"\ndescription: "{_quoted(chapter.file.summary)}"\n---',
        f"# {title}",
        _facts(chapter),
        *([] if top is None else [top]),
        rest,
    ]
    return LessonPage(text="\n\n".join(part for part in parts if part) + "\n", pictures=pictures)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _facts(chapter: Chapter) -> str:
    return (
        f"{chapter.minutes} minutes to read · [{len(chapter.tasks)} tasks](tasks.md) · "
        f"[this lesson as a notebook](lesson.ipynb)\n{{ .facts }}"
    )


def _cut_title(body: str) -> tuple[str | None, str]:
    """The page has its title from chapter.toml, so the lesson's own first heading goes."""
    if not body.startswith("# "):
        return None, body
    return None, body.partition("\n")[2].lstrip("\n")


def _is_shown(cell: NotebookNode) -> bool:
    return slide_type(cell) not in _LEFT_OUT and "remove-cell" not in cell_tags(cell)


def _placed(chapter: Chapter, cell: NotebookNode) -> NotebookNode:
    """A copy of a cell as the page shows it."""
    placed = copy.copy(cell)
    tags = cell_tags(cell)
    if cell.cell_type == "code":
        if tags & {"remove-output", "hide-output"}:
            placed.outputs = []
        return placed
    source = str(cell.source).replace("<details>", '<details markdown="1">')
    heading = first_heading(cell)
    if heading is not None and heading[0] == 2:
        minutes = _minutes(chapter, heading[1])
        title, _, rest = source.lstrip("\n").partition("\n")
        if minutes is not None:
            source = f"{title}\n\n{minutes} minutes\n{{ .minutes }}\n{rest}"
    placed.source = to_site(chapter, source)
    return placed


def _minutes(chapter: Chapter, heading: str) -> int | None:
    wanted = anchor_of(heading)
    return next((one.minutes for one in chapter.file.section if anchor_of(one.heading) == wanted), None)


def _code(cell: Any) -> str:
    tags = cell_tags(cell)
    if "remove-input" in tags:
        return ""
    block = _fenced(str(cell.source), "python")
    if "hide-input" in tags:
        return f'\n<details markdown="1">\n<summary>Show the code</summary>\n\n{block}\n\n</details>\n'
    return f"\n{block}\n"


def _output(text: str) -> str:
    plain = _without_colour(text).rstrip("\n")
    if not plain.strip():
        return ""
    long = " .long" if plain.count("\n") >= _LONG else ""
    return f"\n{_fenced(plain, f'{{ .text .output .no-copy{long} }}')}\n"


def _fenced(text: str, kind: str) -> str:
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{' ' if kind.startswith('{') else ''}{kind}\n{text}\n{fence}"


def to_site(chapter: Chapter, text: str) -> str:
    """Links of a lesson or a task sheet, which lead through the project's folders, as links of the site."""
    places = {
        f"../../chapters/{chapter.name}/lesson.md": "index.md",
        f"../../exercises/{chapter.name}/README.md": "tasks.md",
        "lesson.md": "index.md",
    }

    def moved(found: re.Match[str]) -> str:
        label, target, anchor = found["label"], found["target"], found["anchor"] or ""
        if target in places:
            return f"[{label}]({places[target]}{anchor})"
        if other := re.fullmatch(
            r"(?:\.\./)+(?:chapters/)?(?P<name>chapter-\d\d-[a-z0-9-]+)/lesson\.md", target
        ):
            return f"[{label}](../{other['name']}/index.md{anchor})"
        if target.startswith("../../docs/"):
            return f"[{label}](../../{target.removeprefix('../../docs/')}{anchor})"
        if target.startswith(("../../exercises/", "../../solutions/", "../../checker/")):
            # A file of the project that is no page: its name stays, the link goes.
            return label
        return found[0]

    return re.sub(r"(?<!!)\[(?P<label>[^\]\n]+)\]\((?P<target>[^)#\s]+)(?P<anchor>#[^)\s]*)?\)", moved, text)
