"""Takes a clean, bounded copy of the learner's folder and reads it for faults; never grades in place."""

from checker.submission.faults import find_syntax_fault, find_unread_source
from checker.submission.libraries import imported_libraries
from checker.submission.snapshot import Bounds, LeftOut, Snapshot, take_snapshot

__all__ = [
    "Bounds",
    "LeftOut",
    "Snapshot",
    "find_syntax_fault",
    "find_unread_source",
    "imported_libraries",
    "take_snapshot",
]
