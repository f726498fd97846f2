"""Results that are dear and come out the same while nothing that they rest on changes, one small file each."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TypeVar

import msgspec

_MOST_REMEMBERED = 300
_T = TypeVar("_T")


def recall(place: Path, kind: type[_T]) -> _T | None:
    """What was remembered at `place`; None where there is nothing, or nothing of that kind."""
    try:
        found = msgspec.json.decode(place.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError):
        return None
    with contextlib.suppress(OSError):
        os.utime(place)
    return found


def remember(place: Path, value: object) -> None:
    """Keep `value` at `place`, whole or not at all, and no more than the newest few hundred beside it."""
    with contextlib.suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        fresh = place.with_suffix(f".{os.getpid()}.new")
        fresh.write_bytes(msgspec.json.encode(value))
        fresh.replace(place)
        kept = sorted(place.parent.glob(f"*{place.suffix}"), key=lambda path: path.stat().st_mtime)
        for old in kept[:-_MOST_REMEMBERED]:
            old.unlink()
