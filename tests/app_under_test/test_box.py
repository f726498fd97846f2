"""Boxes of runs that were killed go; boxes in use and other people's folders stay."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from checker.app_under_test.box import make_box, remove_box

LONG_AGO = time.time() - 7 * 3600


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def age(box: Path) -> None:
    for path in (box, *box.iterdir()):
        os.utime(path, (LONG_AGO, LONG_AGO))


def test_a_box_that_a_killed_run_left_is_removed_by_the_next(temporary: Path) -> None:
    left = make_box()
    (left / "work").mkdir()
    (left / "work").chmod(0o500)
    age(left)
    fresh = make_box()
    assert sorted(temporary.iterdir()) == [fresh]


def test_a_box_in_use_stays(temporary: Path) -> None:
    first = make_box()
    make_box()
    assert first.is_dir()


def test_folders_of_others_stay(temporary: Path) -> None:
    other = temporary / "check-list-for-holidays"
    other.mkdir()
    (other / "list.txt").touch()
    age(other)
    remove_box(make_box())
    assert other.is_dir()
