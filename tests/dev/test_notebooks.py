"""Lessons as notebooks: the same bytes every time, slides and notes kept, failures told in a sentence."""

from __future__ import annotations

import json
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

from checker.dev.notebooks import build_notebook, run_cached, run_notebook
from checker.errors import BookError

HEADER = """\
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

"""


def cell(code: str, options: str = "") -> str:
    return f"```{{code-cell}} python\n{options}{textwrap.dedent(code).strip()}\n```\n\n"


@pytest.fixture
def lesson(tmp_path: Path) -> Path:
    return tmp_path / "lesson.md"


def written(lesson: Path, text: str) -> Path:
    lesson.write_text(HEADER + text, encoding="utf-8")
    return lesson


def cells(lesson: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(build_notebook(lesson))["cells"]
    return found


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def slide(cell: dict[str, Any]) -> str | None:
    kind: str | None = cell["metadata"].get("slideshow", {}).get("slide_type")
    return kind


def test_building_twice_gives_the_same_bytes(lesson: Path) -> None:
    written(lesson, "# Title\n\nWords.\n\n" + cell("1 + 1") + cell("1 + 1"))
    assert build_notebook(lesson) == build_notebook(lesson)
    ids = [one["id"] for one in cells(lesson)]
    assert len(ids) == len(set(ids)) == 3


def test_a_changed_cell_changes_no_id_but_its_own(lesson: Path) -> None:
    written(lesson, "# Title\n\n" + cell("1 + 1") + cell("2 + 2"))
    before = [one["id"] for one in cells(lesson)]
    written(lesson, "# Title\n\n" + cell("1 + 9") + cell("2 + 2"))
    after = [one["id"] for one in cells(lesson)]
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, False, True]


def test_it_has_no_outputs_and_the_plain_python_kernel(lesson: Path) -> None:
    notebook = json.loads(build_notebook(written(lesson, "# Title\n\n" + cell("print(1)"))))
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    assert "jupytext" not in notebook["metadata"]
    assert [
        (one["outputs"], one["execution_count"]) for one in notebook["cells"] if one["cell_type"] == "code"
    ] == [([], None)]


def test_each_heading_begins_a_slide_and_nothing_else_does(lesson: Path) -> None:
    text = "# Title\n\nWords.\n\n## One\n\nMore.\n\n### Deeper\n\n```python\n# no heading\n## nor this\n```\n\nEnd.\n\n"
    found = cells(written(lesson, text + cell("1 + 1")))
    assert [(source(one).splitlines()[0], slide(one)) for one in found] == [
        ("# Title", "slide"),
        ("## One", "slide"),
        ("### Deeper", "subslide"),
        ("1 + 1", None),
    ]


def test_slide_types_and_speaker_notes_of_the_author_are_kept(lesson: Path) -> None:
    notes = '+++ {"slideshow": {"slide_type": "notes"}}\n\nAsk who would have guessed.\n\n+++\n\n'
    fragment = cell("1 + 1", "---\nslideshow:\n  slide_type: fragment\ntags: [hide-input]\n---\n")
    skipped = '+++ {"slideshow": {"slide_type": "skip"}}\n\n## Not shown\n\n'
    found = cells(written(lesson, "# Title\n\n" + notes + fragment + skipped))
    assert [slide(one) for one in found] == ["slide", "notes", "fragment", "skip"]
    assert source(found[1]) == "Ask who would have guessed."
    assert found[2]["metadata"]["tags"] == ["hide-input"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"# Title\n\nNo code at all.\n", "holds no code cell"),
        (b"# Title\xff\n", "is not UTF-8"),
        (
            HEADER.encode() + b"# T\n\n```{code-cell} python\n---\ntags: [unclosed\n---\n1\n```\n",
            "is not a MyST notebook",
        ),
    ],
)
def test_a_lesson_that_cannot_be_read_is_a_sentence(lesson: Path, content: bytes, says: str) -> None:
    lesson.write_bytes(content)
    with pytest.raises(BookError, match=says) as caught:
        build_notebook(lesson)
    assert str(lesson) in str(caught.value)


def test_a_missing_lesson_is_a_sentence(lesson: Path) -> None:
    with pytest.raises(BookError, match="is missing"):
        build_notebook(lesson)


def test_it_runs_from_top_to_bottom_with_await_in_an_empty_folder(lesson: Path) -> None:
    code = cell("import asyncio, os\nawait asyncio.sleep(0)\nleft = os.listdir()") + cell("left")
    notebook = run_notebook(build_notebook(written(lesson, "# Title\n\n" + code)), name="lesson.md")
    assert notebook.cells[-1].outputs[0].data["text/plain"] == "[]"


def test_what_a_cell_prints_is_one_output_however_it_was_sent(lesson: Path) -> None:
    code = cell("import time\nfor number in range(3):\n    print(number, flush=True)\n    time.sleep(0.4)")
    notebook = run_notebook(build_notebook(written(lesson, "# Title\n\n" + code)), name="lesson.md")
    assert [output.text for output in notebook.cells[-1].outputs] == ["0\n1\n2\n"]


def test_an_error_that_is_the_point_does_not_end_the_run(lesson: Path) -> None:
    code = cell("1 / 0", ":tags: [raises-exception]\n\n") + cell("print('after')")
    notebook = run_notebook(build_notebook(written(lesson, "# Title\n\n" + code)), name="lesson.md")
    assert notebook.cells[-1].outputs[0].text == "after\n"


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("1 / 0", "`ZeroDivisionError: division by zero`"),
        ("raise SystemExit(0)", "`SystemExit: 0`"),
        ("import time\ntime.sleep(60)", "it took more than 2 s"),
        ("import os\nos._exit(0)", "the Python that runs the lesson ended"),
    ],
)
def test_a_cell_that_fails_is_named_with_its_heading(lesson: Path, code: str, says: str) -> None:
    text = "# Title\n\n" + cell("1") + "## The cache\n\n" + cell(code) + "## After\n\n" + cell("2")
    with pytest.raises(BookError) as caught:
        run_notebook(build_notebook(written(lesson, text)), name="chapter-04/lesson.md", cell_s=2)
    assert str(caught.value).startswith("`chapter-04/lesson.md`, code cell 2, under “The cache”: ")
    assert says in str(caught.value)


def test_the_whole_lesson_has_a_time_limit_too(lesson: Path) -> None:
    text = "# Title\n\n" + cell("import time") + cell("time.sleep(1)") * 30
    started = time.monotonic()
    with pytest.raises(BookError, match="it took more than 4 s"):
        run_notebook(build_notebook(written(lesson, text)), name="lesson.md", limit_s=4)
    assert time.monotonic() - started < 20


def test_a_lesson_that_ran_is_not_run_again_until_it_changes(lesson: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = build_notebook(written(lesson, "# Title\n\n" + cell("import time\ntime.time_ns()")))
    outputs = [run_cached(first, name="chapter-04", cache=cache).cells[-1].outputs for _ in range(2)]
    assert outputs[0] == outputs[1]
    second = build_notebook(written(lesson, "# Title\n\nNew.\n\n" + cell("import time\ntime.time_ns()")))
    assert run_cached(second, name="chapter-04", cache=cache).cells[-1].outputs != outputs[0]
    assert len(list(cache.iterdir())) == 1


def test_a_damaged_cache_is_run_anew(lesson: Path, tmp_path: Path) -> None:
    notebook = build_notebook(written(lesson, "# Title\n\n" + cell("6 * 7")))
    run_cached(notebook, name="chapter-04", cache=tmp_path / "cache")
    (kept,) = (tmp_path / "cache").iterdir()
    kept.write_text('{"cells": [', encoding="utf-8")
    found = run_cached(notebook, name="chapter-04", cache=tmp_path / "cache")
    assert found.cells[-1].outputs[0].data["text/plain"] == "42"


def test_a_cache_that_cannot_be_written_costs_only_time(lesson: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be", encoding="utf-8")
    notebook = build_notebook(written(lesson, "# Title\n\n" + cell("6 * 7")))
    found = run_cached(notebook, name="chapter-04", cache=tmp_path / "cache")
    assert found.cells[-1].outputs[0].data["text/plain"] == "42"
