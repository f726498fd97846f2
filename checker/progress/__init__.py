"""What the learner has done: one small JSON file in the workspace, and where a workspace lies."""

from checker.progress.files import why, write_atomically
from checker.progress.record import (
    HINTS,
    Attempt,
    ChapterProgress,
    FirstFailure,
    Progress,
    graded,
    hint_opened,
    merge,
    solution_shown,
    tasks_left,
)
from checker.progress.store import ProgressStore
from checker.progress.workspace import Workspace, find_workspace

__all__ = [
    "HINTS",
    "Attempt",
    "ChapterProgress",
    "FirstFailure",
    "Progress",
    "ProgressStore",
    "Workspace",
    "find_workspace",
    "graded",
    "hint_opened",
    "merge",
    "solution_shown",
    "tasks_left",
    "why",
    "write_atomically",
]
