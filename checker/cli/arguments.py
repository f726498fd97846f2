"""`check chapter-4` is short for `check grade chapter-4`: where the word is put in."""

from __future__ import annotations

from collections.abc import Collection, Sequence

GRADE = "grade"
_WITH_VALUE = ("--book",)
_ALONE = ("--help", "-h", "--version")


def with_command(arguments: Sequence[str], commands: Collection[str]) -> list[str]:
    """The arguments with `grade` before the first word that is no command, so that it is read as a chapter.

    Options that belong to `check` itself may stand before it; any other option belongs to `grade`.
    """
    position = 0
    while position < len(arguments):
        word = arguments[position]
        if word in _WITH_VALUE:
            position += 2
        elif word.startswith(tuple(f"{option}=" for option in _WITH_VALUE)):
            position += 1
        elif word in _ALONE or word in commands:
            break
        else:
            return [*arguments[:position], GRADE, *arguments[position:]]
    return list(arguments)
