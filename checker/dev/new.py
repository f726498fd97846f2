"""A new chapter, laid out whole: one example task with its suite, reference and proofs, ready to be replaced."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from checker.book import Book, open_book
from checker.book.spec import Spec, read_spec_file
from checker.errors import CheckerError, UsageError

_PACKAGE = Path(__file__).resolve().parent.parent
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NUMBERED = re.compile(r"chapter-(\d{2})-")
_LONGEST_NAME = 50
_LAST_NUMBER = 99

_Context = dict[str, object]


def new_chapter(name: str, *, root: Path | None = None) -> tuple[Path, ...]:
    """Write a chapter called `name` into the book at `root`, by default the workbook's clone.

    A name that the plan in `chapters/spec.toml` knows gets the number of the plan, another one the next free
    number. Returns the files, sorted. Raises `UsageError` for a name that cannot be used, and `CheckerError`
    where a file cannot be written; nothing of the chapter stays behind then.
    """
    base = _base(root)
    suites = (_PACKAGE if root is None else base) / "suites"
    slug = _slug(name)
    spec = _own_spec(base)
    number = _number(base, slug, spec)
    context = _context(number, slug, spec)
    texts = dict(_texts(base, suites, number, slug, context))
    for folder in sorted({_top(base, suites, path) for path in texts}):
        if folder.exists():
            raise UsageError(
                f"`{folder}` is there already, so the chapter is not written over it. Choose another name, or "
                "move that folder away."
            )
    _write(base, suites, texts)
    _build(root, number)
    return tuple(sorted({*texts, *_generated(base, number, slug)}))


def _base(root: Path | None) -> Path:
    if root is not None:
        if root.exists() and not root.is_dir():
            raise UsageError(f"`{root}` is a file; give `--book` a folder.")
        return root.resolve()
    if not (_PACKAGE.parent / "pyproject.toml").is_file():
        raise UsageError(
            "The installed package cannot take a new chapter. Work in a clone of the project, or give "
            "`--book DIR` the folder of your own chapters."
        )
    return _PACKAGE.parent


def _slug(name: str) -> str:
    slug = "-".join(name.strip().lower().split())
    if not _NAME.fullmatch(slug) or len(slug) > _LONGEST_NAME:
        raise UsageError(
            f"`{name}` cannot name a chapter. Use at most {_LONGEST_NAME} small letters, digits and hyphens, for "
            "example `check dev new dependency-injection`."
        )
    if _NUMBERED.match(slug):
        raise UsageError(
            f"`{name}` brings a number of its own. Give the words alone; the number follows from the plan or is "
            "the next free one."
        )
    return slug


def _own_spec(base: Path) -> Spec | None:
    path = base / "chapters" / "spec.toml"
    return read_spec_file(path) if path.is_file() else None


def _number(base: Path, slug: str, spec: Spec | None) -> int:
    taken: dict[int, str] = {}
    folder = base / "chapters"
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.is_dir() and (match := _NUMBERED.match(path.name)):
            taken[int(match[1])] = path.name
            if path.name.removeprefix(match[0]) == slug:
                raise UsageError(
                    f"There is a chapter `{path.name}` already. Choose another name, or work on it."
                )
    planned = {chapter.slug: chapter.number for chapter in spec.chapter} if spec else {}
    number = planned.get(slug, max([0, *taken, *planned.values()]) + 1)
    if number in taken:
        raise UsageError(
            f"The plan gives number {number} to `{slug}`, and `{taken[number]}` has it. Rename that folder, or mend "
            "`chapters/spec.toml`."
        )
    if number > _LAST_NUMBER:
        raise UsageError(f"A book ends with chapter {_LAST_NUMBER}; there is no number left for `{slug}`.")
    return number


def _context(number: int, slug: str, spec: Spec | None) -> _Context:
    planned = spec.planned(number) if spec else None
    ids = tuple(spec.capabilities(number)) if spec and planned else ()
    title = planned.title if planned else slug.replace("-", " ").capitalize()
    desk = planned.desk if planned else "a small desk of the tool library"
    return {
        "number": number,
        "task": f"{number}.1",
        "task_name": f"{number}_1",
        "title": title,
        "summary": f"{desk[0].upper()}{desk[1:]}: say in one sentence what this chapter is about.",
        "ids": _toml_list(ids or (f"9.{number}.1",)),
        "constraints": _toml_list(spec.graded_constraints(number) if spec and planned else ("H1", "H5")),
        "metrics": _toml_list(spec.graded_metrics(number) if spec and planned else ("M1", "M2")),
    }


def _toml_list(values: tuple[str, ...]) -> str:
    return ", ".join(f'"{value}"' for value in values)


def _texts(base: Path, suites: Path, number: int, slug: str, context: _Context) -> Iterator[tuple[Path, str]]:
    """Every file of the chapter with its text."""
    templates = Environment(
        loader=PackageLoader("checker.dev", "scaffold"),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )

    def render(template: str, **more: object) -> str:
        return templates.get_template(f"{template}.j2").render(context, **more)

    name = f"chapter-{number:02d}-{slug}"
    chapter = base / "chapters" / name
    yield chapter / "chapter.toml", render("chapter.toml")
    yield chapter / "lesson.md", render("lesson.md")
    for tree, reference in (("exercises", False), ("solutions", True)):
        folder = base / tree / name
        yield folder / "app" / "__init__.py", ""
        yield folder / "app" / "main.py", render("main.py", reference=reference)
        yield folder / "tests" / "test_tools.py", render("test_tools.py", reference=reference)
    suite = suites / f"chapter_{number:02d}"
    if (suites / "__init__.py").is_file():
        yield suite / "__init__.py", ""
    yield suite / f"test_{context['task_name']}_a_tool_by_its_number.py", render("suite.py")
    proofs = base / "tests" / name
    for wrong in ("null", "no-bound", "bad-request"):
        yield proofs / "wrong" / f"{context['task']}-{wrong}.toml", render(f"wrong-{wrong}.toml")
    for style, why in (
        ("router", "A router with a prefix, a list on the app's state, `status_code` as a number."),
        ("dependency", "The lookup is a dependency, functions are `def`, names differ from the sheet's."),
    ):
        folder = proofs / "alternatives" / style
        yield folder / "alternative.toml", render("alternative.toml", why=why)
        yield folder / "app" / "__init__.py", ""
        yield folder / "app" / "main.py", render(f"alternative-{style}.py")
        yield folder / "tests" / "test_tools.py", render("test_tools.py", reference=True)


def _generated(base: Path, number: int, slug: str) -> tuple[Path, Path]:
    name = f"chapter-{number:02d}-{slug}"
    return base / "chapters" / name / "lesson.ipynb", base / "exercises" / name / "README.md"


def _top(base: Path, suites: Path, path: Path) -> Path:
    """The folder of the chapter in the tree that `path` belongs to."""
    root = suites if path.is_relative_to(suites) else base / path.relative_to(base).parts[0]
    return root / path.relative_to(root).parts[0]


def _write(base: Path, suites: Path, texts: dict[Path, str]) -> None:
    tops = sorted({_top(base, suites, path) for path in texts})
    made: list[Path] = []
    try:
        for top in tops:
            top.parent.mkdir(parents=True, exist_ok=True)
            # Beside its place, so that each tree appears whole or not at all.
            part = Path(tempfile.mkdtemp(dir=top.parent, prefix=f".{top.name}."))
            made.append(part)
            for path, text in texts.items():
                if path.is_relative_to(top):
                    target = part / path.relative_to(top)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_text(text, encoding="utf-8", newline="\n")
            part.chmod(0o755)
            os.rename(part, top)
            made[-1] = top
    except BaseException as error:
        for folder in made:
            shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError):
            raise CheckerError(
                f"The chapter cannot be written to `{base}`: {error.strerror}. Make room or permission for it; "
                "nothing of it was kept."
            ) from error
        raise


def _build(root: Path | None, number: int) -> None:
    from dataclasses import replace

    from checker.dev.build import build_all

    book: Book = open_book(root)
    chosen = tuple(chapter for chapter in book.chapters if chapter.number == number)
    build_all(replace(book, chapters=chosen), check=False)
