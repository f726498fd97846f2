"""A workspace is found from anywhere inside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from checker.errors import UsageError
from checker.progress import find_workspace


@pytest.fixture
def exercises(tmp_path: Path) -> Path:
    folder = tmp_path / "work" / "exercises" / "chapter-01-greeting" / "app"
    folder.mkdir(parents=True)
    return folder


def test_it_is_found_from_below(exercises: Path, tmp_path: Path) -> None:
    found = find_workspace(exercises)
    assert found is not None
    assert found.root == tmp_path / "work"
    assert found.folder("chapter-01-greeting") == exercises.parent


def test_the_state_folder_alone_makes_one(tmp_path: Path) -> None:
    (tmp_path / "empty" / ".workbook").mkdir(parents=True)
    found = find_workspace(tmp_path / "empty")
    assert found is not None
    assert found.root == tmp_path / "empty"


def test_a_folder_of_other_exercises_is_none(tmp_path: Path) -> None:
    (tmp_path / "exercises" / "squats").mkdir(parents=True)
    assert find_workspace(tmp_path / "exercises") is None


def test_a_deleted_current_folder_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> Path:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(Path, "cwd", gone)
    with pytest.raises(UsageError, match="does not exist any more"):
        find_workspace()
