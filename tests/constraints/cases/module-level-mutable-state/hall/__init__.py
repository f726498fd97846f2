"""Takes the object out of the module that is called like it."""

from .visitors import Visitors, visitors

__all__ = ["Visitors", "visitors"]
