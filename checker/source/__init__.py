"""A code base, parsed once: names resolved, calls followed, what runs on the event loop known."""

from checker.source.framework import Operation
from checker.source.model import Call, Class, Function, Module, Scope, Unreadable
from checker.source.names import Names
from checker.source.project import Project, read_project
from checker.source.values import Value, Variable

__all__ = [
    "Call",
    "Class",
    "Function",
    "Module",
    "Names",
    "Operation",
    "Project",
    "Scope",
    "Unreadable",
    "Value",
    "Variable",
    "read_project",
]
