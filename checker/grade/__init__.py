"""Grades one folder against one chapter: everything runs at the same time, results appear as they land."""

from checker.grade.options import GradeOptions
from checker.grade.ready import Ready
from checker.grade.run import grade, grade_ready
from checker.grade.stop import GradeStopped, Stop

__all__ = ["GradeOptions", "GradeStopped", "Ready", "Stop", "grade", "grade_ready"]
