"""Generated pages of the site: lessons with their outputs, the command's reference, constraints, the navigation."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import pytest
import typer

from checker.book import Chapter, open_book
from checker.book.spec import read_spec
from checker.constraints import all_constraints
from checker.dev.command_page import command_page
from checker.dev.constraint_pages import constraint_pages
from checker.dev.lesson_page import lesson_page, to_site
from checker.dev.metric_texts import metric_texts
from checker.dev.notebooks import build_notebook, run_notebook
from checker.dev.pages import build_site, expand_nav
from checker.errors import BookError

from .conftest import MiniBook

ROOT = Path(__file__).resolve().parents[2]

LESSON = """\
---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# A title that the page does not repeat

The way in.

## Greet by name

See [the tasks](../../exercises/chapter-01-greeting/README.md#11-greet-by-name).

```{code-cell} python
print("seen", "\\x1b[31mred\\x1b[0m")
6 * 7
```

+++ {"slideshow": {"slide_type": "notes"}}

A word for the speaker.

+++

```{code-cell} python
:tags: [remove-cell]

secret = "nobody reads this"
```

```{code-cell} python
:tags: [hide-input]

folded = secret.upper()
```

```{code-cell} python
:tags: [raises-exception]

raise ValueError("the point")
```

```{code-cell} python
print("```")
```

<details><summary>Answer</summary>

It is **42**.

</details>
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    chapter = open_book(ROOT / "tests" / "book").chapters[0]
    lesson = tmp_path_factory.mktemp("lesson") / "lesson.md"
    lesson.write_text(LESSON, encoding="utf-8")
    return lesson_page(chapter, run_notebook(build_notebook(lesson), name="lesson.md")).text


def test_a_lesson_shows_code_and_what_it_printed(page: str) -> None:
    assert '```python\nprint("seen", "\\x1b[31mred\\x1b[0m")\n6 * 7\n```' in page
    assert "``` { .text .output .no-copy }\nseen red\n```" in page
    assert "``` { .text .output .no-copy }\n42\n```" in page


def test_an_error_that_is_the_point_is_one_line(page: str) -> None:
    assert "\nValueError: the point\n" in page
    assert "Traceback" not in page


def test_an_output_with_a_fence_in_it_stays_one_block(page: str) -> None:
    assert "```` { .text .output .no-copy }\n```\n````" in page


def test_speaker_notes_and_removed_cells_are_not_on_the_page(page: str) -> None:
    assert "speaker" not in page
    assert "nobody reads this" not in page


def test_hidden_code_folds_and_markdown_in_details_is_read(page: str) -> None:
    assert "<summary>Show the code</summary>\n\n```python\nfolded = secret.upper()\n```\n\n</details>" in page
    assert '<details markdown="1"><summary>Answer</summary>' in page


def test_the_page_has_title_facts_and_minutes_from_chapter_toml(page: str) -> None:
    assert re.findall(r"^# .*$", page, re.MULTILINE) == ["# Chapter 1: A door that greets"]
    assert "7 minutes to read · [2 tasks](tasks.md) · [this lesson as a notebook](lesson.ipynb)" in page
    assert "## Greet by name\n\n3 minutes\n{ .minutes }\n" in page
    assert "[the tasks](tasks.md#11-greet-by-name)" in page


@pytest.mark.parametrize(
    ("link", "becomes"),
    [
        ("[a](lesson.md#x)", "[a](index.md#x)"),
        ("[a](../../chapters/chapter-01-greeting/lesson.md)", "[a](index.md)"),
        ("[a](../chapter-02-other/lesson.md#x)", "[a](../chapter-02-other/index.md#x)"),
        ("[a](../../docs/constraints/h3.md)", "[a](../../constraints/h3.md)"),
        ("[`a`](../../exercises/chapter-01-greeting/app/main.py)", "`a`"),
        ("[a](https://fastapi.tiangolo.com/#x)", "[a](https://fastapi.tiangolo.com/#x)"),
        ("![a](picture.svg)", "![a](picture.svg)"),
        ("[a](#x)", "[a](#x)"),
    ],
)
def test_links_through_the_project_become_links_of_the_site(link: str, becomes: str) -> None:
    chapter: Chapter = open_book(ROOT / "tests" / "book").chapters[0]
    assert to_site(chapter, f"See {link}.") == f"See {becomes}."


def test_the_commands_reference_tells_all_that_the_app_says() -> None:
    app, below = typer.Typer(), typer.Typer()
    app.add_typer(below, name="dev")

    @app.command("grade")
    def grade(
        chapter: Annotated[str, typer.Argument(metavar="CHAPTER", help="Which one.")],
        folder: Annotated[Path | None, typer.Argument(metavar="PATH", help="What to grade.")] = None,
        kind: Annotated[str, typer.Option("--format", metavar="FORMAT", help="`text` | `json`.")] = "text",
        load: Annotated[bool, typer.Option("--load/--no-load", help="Load test.")] = True,
    ) -> None:
        """Grade a chapter.

        \b
        check chapter-4
        check chapter-4 --no-load
        """

    @below.command("verify")
    def verify() -> None:
        """Verify."""

    @app.command("secret", hidden=True)
    def secret() -> None:
        """Nobody asks for this."""

    page = command_page(app)
    assert "## check CHAPTER\n\nGrade a chapter.\n\n```console\n$ check CHAPTER [PATH] [OPTIONS]\n```" in page
    assert "| `CHAPTER` | Which one. |" in page
    assert "| `--format FORMAT` | `text` \\| `json`. Default: `text`. |" in page
    assert "| `--load, --no-load` | Load test. |" in page
    assert "```console\n$ check chapter-4\n$ check chapter-4 --no-load\n```" in page
    assert "## check dev verify\n\nVerify." in page
    assert "Nobody asks" not in page


def test_every_command_of_the_contract_is_in_the_reference() -> None:
    from checker.cli.commands import app

    page = command_page(app)
    wanted = ["start", "CHAPTER", "list", "next", "hint", "explain", "solution", "reset", "init", "doctor"]
    for name in [*wanted, "dev verify", "dev new", "dev build"]:
        assert f"\n## check {name}" in page


def test_each_constraint_has_a_page_with_its_rules() -> None:
    book = open_book()
    pages = constraint_pages(read_spec(book), book)
    assert [page.id for page in pages] == [constraint.id for constraint in all_constraints()]
    for constraint, page in zip(all_constraints(), pages, strict=True):
        assert page.text.count("\n# ") == 1
        names = [*(rule.name for rule in constraint.rules), *(rule.name for rule in constraint.running_rules)]
        assert [name for name in names if f"| `{name}` |" not in page.text] == []


def test_each_metric_is_explained_under_its_title() -> None:
    spec = read_spec(open_book())
    texts = metric_texts(spec)
    headings = re.findall(r"^## (.*)$", texts, re.MULTILINE)
    for metric in spec.metric:
        assert [one for one in headings if metric.id in one and metric.title in one], metric.id
    assert texts.count("### What counts") == len(headings)


def test_a_star_in_the_navigation_stands_for_its_pages() -> None:
    nav = [{"Home": "index.md"}, {"Chapters": ["chapters/index.md", "chapters/*"]}]
    groups: dict[str, list[dict[str, object]]] = {"chapters/*": [{"One": "chapters/one/index.md"}]}
    assert expand_nav(nav, groups) == [
        {"Home": "index.md"},
        {"Chapters": ["chapters/index.md", {"One": "chapters/one/index.md"}]},
    ]


def test_an_unknown_filling_is_a_sentence(mini: MiniBook, tmp_path: Path) -> None:
    for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"):
        (mini.root / name).write_text(
            "<!-- transcript -->\n$ check\n<!-- /transcript -->\n", encoding="utf-8"
        )
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "index.md").write_text("Words.\n\n<!-- fill: chapers -->\n", encoding="utf-8")
    with pytest.raises(
        BookError, match=r"`<!-- fill: chapers -->`, which nothing fills; known are `chapters`"
    ):
        build_site(mini.book, docs, tmp_path / "cache")


def test_a_lesson_that_does_not_run_ends_the_build_with_a_sentence(mini: MiniBook, tmp_path: Path) -> None:
    mini.edit(mini.lesson, 'client.get("/greetings/Ada").json()', "no_such_name")
    with pytest.raises(BookError, match="under “Greet by name”: `NameError"):
        build_site(mini.book, tmp_path, tmp_path / "cache")


def test_contributing_names_every_key_of_chapter_toml() -> None:
    from checker.book import (
        AppSpec,
        BrokenApp,
        ChapterFile,
        Grades,
        Limits,
        LoadSpec,
        Section,
        TaskSpec,
        Twins,
    )

    nested = {
        "grades": Grades,
        "section": Section,
        "task": TaskSpec,
        "app": AppSpec,
        "limits": Limits,
        "load": LoadSpec,
        "twins": Twins,
        "twins.broken": BrokenApp,
    }
    keys = [key for key in ChapterFile.__struct_fields__ if key not in nested]
    for table, kind in nested.items():
        many = "[]" if table in ("section", "task", "twins.broken") else ""
        named = [f"{table}{many}.{key}" for key in kind.__struct_fields__]
        keys += [key for key in named if key not in nested]
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([\w.\[\]]+)` \|", text, re.MULTILINE)) == set(keys)


def test_each_delegated_topic_says_where_it_goes_on() -> None:
    text = (ROOT / "docs" / "reference" / "further.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## ([^\n]*)\n\n(.*?)(?=\n## |\Z)", text, re.MULTILINE | re.DOTALL))
    topics = (
        "Complex SQL tuning",
        "Schema design",
        "The Python language itself",
        "Docker and Kubernetes deployment",
        "Secrets management",
        "Task queues",
        "Security audits and threat modelling",
        "Observability infrastructure",
    )
    for topic in topics:
        assert re.search(r"Goes on at .*\]\(https://", sections[topic]), topic
