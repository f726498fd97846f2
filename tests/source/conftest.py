"""Projects written on the spot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from checker.source import Project, read_project


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Project]:
    """Makes a project from texts: `app__main` is `app/main.py`, `app__PACKAGE` is `app/__init__.py`."""

    def make(**files: str) -> Project:
        for name, text in files.items():
            file = tmp_path / f"{name.replace('__', '/').replace('PACKAGE', '__init__')}.py"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(dedent(text), encoding="utf-8")
        return read_project(tmp_path)

    return make
