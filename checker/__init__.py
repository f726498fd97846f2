"""The package behind the command `check`: it grades a learner's FastAPI app and any real service."""

__version__ = "0.1.0"
