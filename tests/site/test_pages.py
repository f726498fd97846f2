"""The built site: strict, whole, and asking nothing of any other host."""

from __future__ import annotations

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest

from checker.book import open_book
from checker.book.spec import read_spec
from checker.constraints import all_constraints

from .conftest import ROOT, build_site

_OUTSIDE = re.compile(r"^\s*(?:https?:)?//")
_LOADED = {
    "audio": "src",
    "embed": "src",
    "iframe": "src",
    "img": "src",
    "input": "src",
    "object": "data",
    "script": "src",
    "source": "src",
    "track": "src",
    "video": "src",
}


class Reader(HTMLParser):
    """What a page loads by itself, its ids, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.ids: set[str] = set()
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if found := values.get("id"):
            self.ids.add(found)
        if tag in _LOADED and (source := values.get(_LOADED[tag])):
            self.loads.append(source)
        if tag == "link" and values.get("rel") not in {"next", "prev", "canonical", "edit"}:
            self.loads.append(values.get("href", ""))
        self.loads.extend(re.findall(r"url\(['\"]?([^'\")]+)", values.get("style", "")))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(path: Path) -> Reader:
    reader = Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader


def test_no_page_loads_anything_from_another_host(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 10
    outside = {
        (page.relative_to(site).as_posix(), source)
        for page in pages
        for source in read(page).loads
        if _OUTSIDE.match(source)
    }
    assert outside == set()


def test_no_style_sheet_loads_anything_from_another_host(site: Path) -> None:
    sheets = list(site.rglob("*.css"))
    assert sheets
    for sheet in sheets:
        text = sheet.read_text(encoding="utf-8")
        loaded = re.findall(r"(?:url\(|@import\s*)['\"]?([^'\")\s]+)", text)
        assert [one for one in loaded if _OUTSIDE.match(one)] == [], sheet.name


def test_every_chapter_has_its_lesson_its_tasks_and_its_notebook(site: Path) -> None:
    for chapter in open_book().chapters:
        folder = site / "chapters" / chapter.name
        lesson, tasks = read(folder / "index.html"), read(folder / "tasks" / "index.html")
        assert f"Chapter {chapter.number}: {chapter.title}" in "".join(lesson.text)
        assert {task.lesson for task in chapter.tasks} <= lesson.ids
        for task in chapter.tasks:
            assert task.title.replace("`", "") in "".join(tasks.text)
        assert (folder / "lesson.ipynb").read_bytes() == chapter.notebook.read_bytes().replace(b"\r\n", b"\n")


def test_the_outputs_of_a_lesson_are_on_its_page(site: Path) -> None:
    for chapter in open_book().chapters:
        page = (site / "chapters" / chapter.name / "index.html").read_text(encoding="utf-8")
        assert page.count('class="output no-copy') >= len(chapter.file.section) // 2


def test_every_constraint_has_a_page_that_the_index_leads_to(site: Path) -> None:
    index = (site / "constraints" / "index.html").read_text(encoding="utf-8")
    for constraint in all_constraints():
        name = constraint.id.lower()
        assert (site / "constraints" / name / "index.html").is_file()
        assert f'href="{name}/"' in index


def test_what_is_not_written_yet_is_named_without_a_link(site: Path) -> None:
    book = open_book()
    written = {chapter.number for chapter in book.chapters}
    page = (site / "chapters" / "index.html").read_text(encoding="utf-8")
    for planned in read_spec(book).chapter:
        cell = re.search(rf"<td>{planned.number}</td>\s*<td>(.*?)</td>", page)
        assert cell is not None
        assert ("<a " in cell[1]) == (planned.number in written)


def test_every_filling_was_filled(site: Path) -> None:
    for page in site.rglob("*.html"):
        assert "<!-- fill:" not in page.read_text(encoding="utf-8")


def test_no_source_of_the_generator_is_on_the_site(site: Path) -> None:
    assert list(site.rglob("*.py")) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        (
            "chapters/chapter-01-greeting/lesson.md",
            'client.get("/greetings/Ada").json()',
            "1 / 0",
            "under “Greet by name”: `ZeroDivisionError: division by zero`",
        ),
        (
            "chapters/chapter-01-greeting/lesson.md",
            "## Remember visitors",
            "## Remember everybody",
            "does not contain an anchor '#remember-visitors'",
        ),
    ],
    ids=["lesson-does-not-run", "anchor-is-gone"],
)
def test_a_broken_site_is_not_built_and_says_why(
    tmp_path: Path, file: str, old: str, new: str, says: str
) -> None:
    for name in ("checker", "docs"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("mkdocs.yml", "README.md", "CONTRIBUTING.md", "CHANGELOG.md"):
        shutil.copy(ROOT / name, tmp_path / name)
    for name in ("chapters", "exercises"):
        shutil.copytree(ROOT / "tests" / "book" / name, tmp_path / name)
    shutil.copy(ROOT / "chapters" / "spec.toml", tmp_path / "chapters" / "spec.toml")
    text = (tmp_path / file).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    built = build_site(tmp_path, tmp_path / "site")
    assert built.returncode == 1
    assert says in built.stderr
    assert "Traceback" not in built.stderr
