"""Whether the checker's own files are still those that the grade began with.

At level P a learner's code runs as the same user and can write to them: the verdict of that run would stand on what was read
before, and the next one on what it left.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from checker.errors import CheckerError

_PACKAGE = Path(__file__).resolve().parents[1]


class OwnFiles:
    """The state of the checker and of a hidden suite at one moment."""

    def __init__(self, suite: Path) -> None:
        self._folders = (_PACKAGE, suite)
        self._before = _digest(self._folders)

    def changed(self) -> list[Path]:
        """The files that are other than they were."""
        after = _digest(self._folders)
        return sorted(
            path for path in self._before.keys() | after.keys() if self._before.get(path) != after.get(path)
        )

    def require_unchanged(self) -> None:
        """Raise `CheckerError` where anything is other than it was."""
        changed = self.changed()
        if changed:
            more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
            raise CheckerError(
                f"`{changed[0]}`{more} changed while the app ran, and it is the checker's own, so there is no verdict. If you "
                "did not do that, the app did: install the workbook again before you grade anything, and grade with "
                "`--require-isolation L`."
            )


def _digest(folders: Iterable[Path]) -> dict[Path, bytes]:
    found: dict[Path, bytes] = {}
    for folder in folders:
        for path in folder.rglob("*.py"):
            try:
                found[path] = hashlib.blake2b(path.read_bytes(), digest_size=16).digest()
            except OSError:
                found[path] = b""
    return found
