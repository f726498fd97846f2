"""The transcript in the README: what `check start` really prints, recorded by running it.

`python -m checker.dev.transcript` records it anew; a test says when it no longer holds.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from checker.errors import BookError

_BLOCK = re.compile(r"(?<=<!-- transcript -->\n).*?(?=\n<!-- /transcript -->)", re.DOTALL)
_PARTS = ("checker", "chapters", "exercises", "solutions")
_FILES = ("mkdocs.yml", "pyproject.toml")
_WIDTH = "80"
_LIMIT_S = 180


def read_transcript(readme: Path) -> str:
    """The recorded block of a README; raises `BookError` where it has none."""
    try:
        found = _BLOCK.search(readme.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BookError(f"`{readme}` cannot be read: {error}. The transcript stands in it.") from error
    if found is None:
        raise BookError(
            f"`{readme}` has no block between `<!-- transcript -->` and `<!-- /transcript -->`; put both lines back."
        )
    return found[0]


def record_transcript(root: Path) -> str:
    """Run `check start` in a copy of the project, as after cloning it, and give its output as a fenced block."""
    with tempfile.TemporaryDirectory(prefix="check-transcript-") as folder:
        clone = Path(folder) / "fastapi-workbook"
        for part in _PARTS:
            shutil.copytree(
                root / part, clone / part, ignore=shutil.ignore_patterns("__pycache__", ".*_cache")
            )
        for file in _FILES:
            shutil.copy(root / file, clone / file)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        ran = subprocess.run(
            [sys.executable, "-m", "checker.cli", "start"],
            cwd=clone,
            env=environment | {"COLUMNS": _WIDTH, "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            timeout=_LIMIT_S,
            check=False,
        )
    if ran.returncode != 0:
        raise BookError(f"`check start` ended with {ran.returncode}: {ran.stdout[-2000:]}")
    lines = (line.rstrip() for line in ran.stdout.strip().splitlines())
    return "\n".join(["```console", "$ check start", *lines, "```"])


def tells_the_same(one: str, other: str) -> bool:
    """Whether two transcripts differ only in what differs from run to run: figures, and what came first."""
    return _steady(one) == _steady(other)


def _steady(transcript: str) -> list[str]:
    lines = (line for line in transcript.splitlines() if not line.startswith("first failure:"))
    return sorted(re.sub(r"\d+(?:\.\d+)?", "0", line) for line in lines)


def main() -> int:
    """Record the transcript into the README of the clone."""
    readme = Path(__file__).resolve().parents[2] / "README.md"
    old = read_transcript(readme)
    new = record_transcript(readme.parent)
    if not tells_the_same(old, new):
        text = readme.read_text(encoding="utf-8")
        readme.write_text(_BLOCK.sub(lambda _: new, text), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
