"""The commands that one runs between two edits, without the parser of options: `check list`, `check next`, `check hint 4.3`.

Typer brings Pydantic along, which takes longer than all that these commands do. Whatever has an option goes the usual way,
and means the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial


def light_command(arguments: Sequence[str]) -> Callable[[], int] | None:
    """What to do, where the arguments are one of these commands and nothing more."""
    if any(argument.startswith("-") for argument in arguments):
        return None
    match arguments:
        case ["list"]:
            from checker.cli.guide import show_list

            return partial(show_list, None)
        case ["next"]:
            from checker.cli.guide import show_next

            return partial(show_next, None)
        case ["hint", chapter, *task] if len(task) < 2:
            from checker.cli.guide import show_hint

            return partial(show_hint, None, chapter, *(task or (None,)))
    return None
