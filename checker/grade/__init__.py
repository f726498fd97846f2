"""Grades one folder against one chapter: everything runs at the same time, results appear as they land."""

from checker.grade.options import GradeOptions
from checker.grade.run import grade

__all__ = ["GradeOptions", "grade"]
