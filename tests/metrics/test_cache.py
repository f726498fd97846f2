"""Cache folders: each belongs to one at a time, and what a killed process held is not trusted."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from checker.metrics.cache import borrow


def test_what_was_given_back_is_found_again(tmp_path: Path) -> None:
    with borrow(tmp_path / "pool", tmp_path / "other") as cache:
        (cache.path / "learnt").write_text("much")
    with borrow(tmp_path / "pool", tmp_path / "other") as cache:
        assert (cache.path / "learnt").read_text() == "much"


def test_two_at_once_have_a_folder_each_and_the_second_starts_from_the_seed(tmp_path: Path) -> None:
    pool = tmp_path / "pool"
    with borrow(pool, tmp_path / "other") as cache:
        (cache.path / "learnt").write_text("much")
    with borrow(pool, tmp_path / "other") as first:
        (first.path / "learnt").write_text("being written")
        with borrow(pool, tmp_path / "other") as second:
            assert second.path != first.path
            assert (second.path / "learnt").read_text() == "much"


def test_a_spoiled_folder_is_thrown_away(tmp_path: Path) -> None:
    with borrow(tmp_path / "pool", tmp_path / "other") as cache:
        (cache.path / "half").touch()
        cache.spoiled = True
    with borrow(tmp_path / "pool", tmp_path / "other") as cache:
        assert list(cache.path.iterdir()) == []


def test_a_folder_whose_user_raised_is_thrown_away(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), borrow(tmp_path / "pool", tmp_path / "other") as cache:
        (cache.path / "half").touch()
        raise KeyboardInterrupt
    with borrow(tmp_path / "pool", tmp_path / "other") as cache:
        assert list(cache.path.iterdir()) == []


def test_what_a_killed_process_held_is_removed_in_time(tmp_path: Path) -> None:
    old, new = tmp_path / "pool" / "busy-old", tmp_path / "pool" / "busy-new"
    for folder in (old, new):
        folder.mkdir(parents=True)
    two_hours_ago = time.time() - 7200
    os.utime(old, (two_hours_ago, two_hours_ago))
    with borrow(tmp_path / "pool", tmp_path / "other"):
        assert not old.exists()
        assert new.exists()


def test_the_pool_stays_small(tmp_path: Path) -> None:
    pool = tmp_path / "pool"
    borrowed = [borrow(pool, tmp_path / "other") for _ in range(9)]
    for one in borrowed:
        one.__enter__()
    for one in borrowed:
        one.__exit__(None, None, None)
    assert len(list(pool.iterdir())) == 5


def test_without_a_pool_there_is_still_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with borrow(tmp_path / "file" / "pool", tmp_path / "other") as cache:
        assert cache.path == tmp_path / "other"
        (cache.path / "x").touch()
