"""Where the untouched starter of a chapter comes from, for `check reset`."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

from checker.book import Chapter
from checker.errors import CheckerError
from checker.keeping.content import IGNORED

_GIT_S = 30.0
_ORIGINS = ("@{upstream}", "origin/HEAD")


def lay_starter(chapter: Chapter, own: Path, into: Path) -> str:
    """Write the chapter's starter into the new folder `into`; returns where it came from, for a sentence.

    In a clone the learner works in the book's own tree, so the starter is taken from git. Raises `CheckerError`
    where it cannot be had.
    """
    if own.resolve() != chapter.starter.resolve():
        if not chapter.starter.is_dir():
            raise CheckerError(
                f"The starter of {chapter.short}, `{chapter.starter}`, is missing from this book; install it again."
            )
        shutil.copytree(chapter.starter, into, ignore=IGNORED)
        return "the book"
    return _from_git(chapter, own, into)


def _from_git(chapter: Chapter, own: Path, into: Path) -> str:
    if shutil.which("git") is None:
        raise CheckerError(_unknown(chapter, "git is not installed"))
    told = _git(own.parent, "rev-parse", "--show-toplevel")
    if told is None:
        raise CheckerError(_unknown(chapter, "this folder is no git clone"))
    top = Path(os.fsdecode(told.rstrip(b"\n"))).resolve()
    place = own.resolve().relative_to(top).as_posix()
    for commit in _commits(top):
        archive = _git(top, "archive", "--format=zip", f"{commit}:{place}")
        if archive is None:
            continue
        with zipfile.ZipFile(io.BytesIO(archive)) as content:
            content.extractall(into)  # zipfile drops leading slashes and `..`
        return f"git commit {commit[:10]}"
    raise CheckerError(_unknown(chapter, f"git does not know `{place}`"))


def _commits(top: Path) -> Iterator[str]:
    """Where the starter may still be untouched: what the learner's commits are based on, then what they are at."""
    for origin in _ORIGINS:
        base = _git(top, "merge-base", "HEAD", origin)
        if base is not None:
            yield base.decode().strip()
    head = _git(top, "rev-parse", "HEAD")
    if head is not None:
        yield head.decode().strip()


def _unknown(chapter: Chapter, why: str) -> str:
    return (
        f"Your folder of {chapter.short} is the book's own, and its starter cannot be had again: {why}. Nothing was "
        "changed. Clone the workbook with git, or work in a folder made by `check init my-workbook`."
    )


def _git(folder: Path, *arguments: str) -> bytes | None:
    """What git prints, or None where it fails."""
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            timeout=_GIT_S,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
