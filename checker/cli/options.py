"""Options and arguments that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def _inherited(context: typer.Context, value: Path | None) -> Path | None:
    """`check --book DIR list` is the same as `check list --book DIR`."""
    if value is None and context.parent is not None:
        above = context.parent.params.get("book")
        return above if isinstance(above, Path) else None
    return value


BookOption = Annotated[
    Path | None,
    typer.Option(
        "--book",
        metavar="DIR",
        callback=_inherited,
        help="Use the chapters in DIR, a folder with `chapters`, `exercises`, `solutions` and `suites`.",
    ),
]
ChapterArgument = Annotated[
    str, typer.Argument(metavar="CHAPTER", help="`chapter-4`, `4` or the chapter's name in words.")
]
