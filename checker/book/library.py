"""Where the book's content lies, and how a chapter is found by what a person types."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path

import msgspec

from checker.book.chapter import Chapter, ChapterFile
from checker.errors import BookError, UsageError

_PACKAGE = Path(__file__).resolve().parent.parent
_FOLDER = re.compile(r"chapter-(\d{2})-([a-z0-9]+(?:-[a-z0-9]+)*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """A content tree: `chapters/`, `exercises/`, `solutions/`, hidden suites, and proofs where there are any."""

    root: Path
    suites: Path
    proofs: Path
    chapters: tuple[Chapter, ...]

    def find(self, wanted: str) -> Chapter:
        """The chapter that `chapter-4`, `chapter-04`, `4` or the slug names.

        Raises `UsageError` with close names where there is none.
        """
        text = wanted.strip().lower().rstrip("/")
        for chapter in self.chapters:
            if text in _names(chapter):
                return chapter
        known = [name for chapter in self.chapters for name in (chapter.short, chapter.slug)]
        close = difflib.get_close_matches(text, known, n=2, cutoff=0.5)
        hint = f"; did you mean {' or '.join(f'`{name}`' for name in close)}?" if close else "."
        raise UsageError(f"There is no chapter `{wanted}`{hint} `check list` shows them all.")


def _names(chapter: Chapter) -> set[str]:
    return {
        str(chapter.number),
        f"{chapter.number:02d}",
        chapter.short,
        chapter.id,
        chapter.slug,
        chapter.name,
    }


def open_book(root: Path | None = None) -> Book:
    """Load the book at `root`, by default the workbook's own, from the clone or the installed package.

    Raises `BookError` with file, key and remedy for the first mistake found.
    """
    if root is None:
        installed = _PACKAGE / "_content"
        base = installed if installed.is_dir() else _PACKAGE.parent
        suites = _PACKAGE / "suites"
    else:
        base, suites = root.resolve(), root.resolve() / "suites"
    folders = base / "chapters"
    if not folders.is_dir():
        raise BookError(
            f"`{base}` is not a book: it has no folder `chapters`. Give `--book` the folder that holds "
            "`chapters`, `exercises`, `solutions` and `suites`."
        )
    chapters = [
        _load(base, suites, folder)
        for folder in sorted(folders.iterdir())
        if folder.is_dir() and not folder.name.startswith((".", "_"))
    ]
    if not chapters:
        raise BookError(f"`{folders}` holds no chapter; `check dev new` makes one.")
    return Book(root=base, suites=suites, proofs=base / "tests", chapters=tuple(chapters))


def _load(base: Path, suites: Path, folder: Path) -> Chapter:
    match = _FOLDER.fullmatch(folder.name)
    if match is None:
        raise BookError(
            f"`{folder}` is not named like a chapter; call it `chapter-NN-some-words`, for example "
            "`chapter-04-dependency-injection`."
        )
    number = int(match[1])
    toml = folder / "chapter.toml"
    content = read_chapter_file(toml)
    _check_tasks(toml, number, content)
    _check_twins(toml, content)
    return Chapter(
        number=number,
        name=folder.name,
        file=content,
        toml=toml,
        lesson=folder / "lesson.md",
        notebook=folder / "lesson.ipynb",
        starter=base / "exercises" / folder.name,
        solution=base / "solutions" / folder.name,
        suite=suites / f"chapter_{number:02d}",
        proofs=base / "tests" / folder.name,
    )


def read_chapter_file(path: Path) -> ChapterFile:
    """Read and validate one `chapter.toml`; raises `BookError` naming file, key and remedy."""
    try:
        return msgspec.toml.decode(path.read_bytes(), type=ChapterFile)
    except FileNotFoundError:
        raise BookError(f"`{path}` is missing; copy the one of a finished chapter and change it.") from None
    except OSError as error:
        raise BookError(f"`{path}` cannot be read: {error.strerror}.") from error
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at ")
        key = where.strip("`").removeprefix("$").removeprefix(".") or "the top level"
        raise BookError(
            f"`{path}`, at `{key}`: {what[0].lower()}{what[1:]}. Mend that key; CONTRIBUTING lists every "
            "key of chapter.toml with its type."
        ) from error
    except RecursionError as error:
        raise BookError(
            f"`{path}` is not valid TOML: it is nested too deeply. Mend it at that place."
        ) from error
    except (msgspec.DecodeError, ValueError) as error:  # no UTF-8, and numbers of thousands of digits
        raise BookError(f"`{path}` is not valid TOML: {error}. Mend it at that place.") from error


def _check_tasks(path: Path, number: int, content: ChapterFile) -> None:
    seen: set[str] = set()
    for position, task in enumerate(content.task):
        key = f"task[{position}].id"
        if not task.id.startswith(f"{number}."):
            raise BookError(
                f"`{path}`, at `{key}`: `{task.id}` is not a task of chapter {number}; begin it with `{number}.`."
            )
        if task.id in seen:
            raise BookError(f"`{path}`, at `{key}`: `{task.id}` stands twice; give each task its own number.")
        seen.add(task.id)


def _check_twins(path: Path, content: ChapterFile) -> None:
    twins = content.twins
    if twins is None:
        return
    if twins.least > len(twins.broken):
        raise BookError(
            f"`{path}`, at `twins.least`: {twins.least} of {len(twins.broken)} broken apps cannot be noticed; "
            "lower it, or name more under `twins.broken`."
        )
    seen: set[str] = set()
    for position, broken in enumerate(twins.broken):
        if broken.id in seen:
            raise BookError(
                f"`{path}`, at `twins.broken[{position}].id`: `{broken.id}` stands twice; give each its own name."
            )
        seen.add(broken.id)
