"""Claims about what tools say: ruff and mypy on the trees, generated files, the lesson's notebook."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from checker.book import Book, Chapter
from checker.dev.claims import Problem
from checker.dev.trees import relative
from checker.errors import BookError
from checker.metrics.metric import user_cache

_TOOL_S = 300.0
_SHOWN = 10


def ruff_is_silent(book: Book, folder: Path) -> Iterator[Problem]:
    """`ruff check` finds nothing by its default rules, those that a learner is measured by."""
    command = ["ruff", "check", "--isolated", "--no-cache", "--quiet", "--output-format=concise", "."]
    yield from _silent(book, folder, command, "Mend it, or run `ruff check --fix` there.")


def ruff_would_not_reformat(book: Book, folder: Path) -> Iterator[Problem]:
    """`ruff format` would change nothing, by the configuration that holds where the folder lies."""
    command = ["ruff", "format", "--no-cache", "--quiet", "--diff", "."]
    yield from _silent(book, folder, command, "Run `ruff format` there.", whole=True)


def mypy_is_silent(book: Book, chapter: Chapter) -> Iterator[Problem]:
    """`mypy --strict`, with Pydantic's plugin, finds nothing in app and tests of the reference."""
    # A cache for each chapter, since two runs must not share one.
    cache = user_cache() / "dev-mypy" / chapter.name
    cache.mkdir(parents=True, exist_ok=True)
    config = cache / "mypy.ini"
    config.write_text("[mypy]\nstrict = true\nplugins = pydantic.mypy\n", encoding="utf-8")
    command = ["mypy", f"--config-file={config}", "--no-error-summary", "--explicit-package-bases"]
    command += [f"--cache-dir={cache}", "."]
    yield from _silent(book, chapter.solution, command, "Mend the types.")


def _silent(
    book: Book, folder: Path, command: Sequence[str], remedy: str, *, whole: bool = False
) -> Iterator[Problem]:
    where = relative(book.root, folder)
    if not folder.is_dir():
        yield Problem(path=where, what="is missing.", remedy="Write it.")
        return
    try:
        finished = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=_TOOL_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        yield Problem(
            path=where, what=f"`{command[0]}` took more than {_TOOL_S:g} s.", remedy="Run it by hand."
        )
        return
    if finished.returncode == 0:
        return
    lines = (finished.stdout or finished.stderr).strip().splitlines()
    if whole:
        files = [line.removeprefix("+++ ") for line in lines if line.startswith("+++ ")]
        yield Problem(
            path=where, what=f"not formatted: {', '.join(files) or ' '.join(lines[:3])}.", remedy=remedy
        )
        return
    for line in lines[:_SHOWN]:
        yield Problem(path=where, what=line, remedy=remedy)
    if len(lines) > _SHOWN:
        yield Problem(path=where, what=f"{len(lines) - _SHOWN} more lines of `{command[0]}`.", remedy=remedy)


def generated_files_are_fresh(book: Book, chapter: Chapter) -> Iterator[Problem]:
    """The chapter's notebook and task sheet equal what their sources say."""
    try:
        from checker.dev.build import build_all
    except ImportError as error:
        raise _not_installed(error) from error
    for path in build_all(replace(book, chapters=(chapter,)), check=True):
        yield Problem(
            path=path,
            what="is not what its source says.",
            remedy="Run `check dev build` and keep the result.",
        )


def notebook_runs(chapter: Chapter) -> None:
    """Run the lesson's notebook from top to bottom; raises `BookError` naming the cell that fails."""
    try:
        from checker.dev.notebooks import build_notebook, run_notebook
    except ImportError as error:
        raise _not_installed(error) from error
    run_notebook(build_notebook(chapter.lesson), name=f"{chapter.name}/lesson.md")


def _not_installed(error: ImportError) -> BookError:
    return BookError(f"`{error.name}` is not installed. Run `pip install -e '.[dev]'`.")
