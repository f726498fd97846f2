"""`--exclude`: globs that leave files out, read as a person writes them in a .gitignore."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache


def excluder(patterns: Iterable[str], prefix: str = "") -> Callable[[str], bool]:
    """Whether a relative path is left out by one of the patterns.

    `migrations` is any file or folder of that name, `app/legacy/*.py` counts from the top, `**` crosses folders.
    `prefix` is where the top lies as seen from where the patterns were written; a pattern may begin with it.
    """
    found = [_compiled(pattern) for pattern in patterns]

    def is_excluded(path: str) -> bool:
        return any(one.fullmatch(path) or (prefix and one.fullmatch(prefix + path)) for one in found)

    return is_excluded


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    plain = pattern.replace("\\", "/").removeprefix("./").rstrip("/")
    anchored = "/" in plain
    body = _translated(plain.lstrip("/"))
    # What stands below a folder that matches is left out with it.
    return re.compile(f"{'' if anchored else '(?:.*/)?'}{body}(?:/.*)?", re.DOTALL)


def _translated(glob: str) -> str:
    parts: list[str] = []
    position = 0
    while position < len(glob):
        if glob.startswith("**/", position):
            parts.append("(?:.*/)?")
            position += 3
        elif glob.startswith("**", position):
            parts.append(".*")
            position += 2
        elif glob[position] == "*":
            parts.append("[^/]*")
            position += 1
        elif glob[position] == "?":
            parts.append("[^/]")
            position += 1
        elif (group := re.match(r"\[(!?)([^\]/]+)\]", glob[position:])) is not None:
            members = group[2].replace("\\", "\\\\").replace("^", "\\^").replace("[", "\\[")
            parts.append(f"[{'^/' if group[1] else ''}{members}]")
            position += len(group[0])
        else:
            parts.append(re.escape(glob[position]))
            position += 1
    return "".join(parts)
