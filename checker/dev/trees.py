"""The files of a chapter's trees as an author keeps them: listed, read, and free of strays."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from checker.dev.claims import Problem

CACHE_FOLDERS = frozenset(
    {
        "__pycache__",
        ".hypothesis",
        ".idea",
        ".ipynb_checkpoints",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
        ".venv",
        ".vscode",
        ".workbook",
        "venv",
    }
)
_STRAY_FILES = (
    "*.py[co]",
    "*.db",
    "*.sqlite",
    "*.sqlite3",
    "*.orig",
    "*.rej",
    "*.bak",
    "*.log",
    "*.swp",
    "*~",
    "#*#",
    ".coverage*",
    ".DS_Store",
    "Thumbs.db",
    "nohup.out",
)


def is_stray(path: Path) -> bool:
    """A file that a tool or an editor left behind; `path` is relative to the tree."""
    return any(part in CACHE_FOLDERS for part in path.parts) or any(
        fnmatch(path.name, pattern) for pattern in _STRAY_FILES
    )


def tree_files(folder: Path) -> tuple[Path, ...]:
    """The files under `folder` that an author wrote, as sorted relative paths."""
    if not folder.is_dir():
        return ()
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return tuple(sorted(path for path in found if not is_stray(path)))


def stray_files(root: Path, folder: Path) -> Iterator[Problem]:
    """Files under `folder` that would be published and should not be.

    Where the book is a git work tree, what git ignores is never published, so a cache that a tool made while
    an author tried the app is left alone.
    """
    if not folder.is_dir():
        return
    strays = sorted(
        path for path in folder.rglob("*") if path.is_file() and is_stray(path.relative_to(folder))
    )
    ignored = _ignored_by_git(root, strays)
    for path in strays:
        if path not in ignored:
            yield Problem(
                path=relative(root, path),
                what="is left over from a tool or an editor.",
                remedy="Delete it; a chapter's trees hold only what a learner needs.",
            )


def _ignored_by_git(root: Path, paths: list[Path]) -> frozenset[Path]:
    if not paths:
        return frozenset()
    try:
        finished = subprocess.run(
            ["git", "-C", str(root), "check-ignore", "--stdin", "-z"],
            input="\0".join(str(path) for path in paths),
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return frozenset()
    return frozenset(Path(name) for name in finished.stdout.split("\0") if name)


def read_text(path: Path) -> str | None:
    """The text of a file, or None where it is not UTF-8 text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def relative(root: Path, path: Path) -> str:
    """`path` as a reader of the book knows it."""
    try:
        return path.relative_to(root).as_posix()
    except ValueError:
        return str(path)
