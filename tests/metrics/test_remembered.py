"""What is remembered comes back as it was; what is damaged is as if it had never been."""

from __future__ import annotations

import os
from pathlib import Path

from checker.book import BrokenApp
from checker.metrics import remembered
from checker.metrics.remembered import recall, remember
from checker.metrics.twins import Apart

APART = Apart(
    noticed=1,
    judged=2,
    survivors=(BrokenApp(id="open-door", does="lets everybody in", notice="ask without a token"),),
    problem="",
    notes=("a note",),
    detail={"noticed": ["other"], "unsteady": []},
)


def test_it_comes_back_as_it_was(tmp_path: Path) -> None:
    remember(tmp_path / "new" / "a.json", APART)
    assert recall(tmp_path / "new" / "a.json", Apart) == APART


def test_what_is_damaged_or_missing_is_nothing(tmp_path: Path) -> None:
    place = tmp_path / "a.json"
    assert recall(place, Apart) is None
    for content in (b"", b"{}", b"[1]", b"\xff", b'{"noticed": "all"}'):
        place.write_bytes(content)
        assert recall(place, Apart) is None


def test_a_folder_that_cannot_be_written_to_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    remember(tmp_path / "file" / "a.json", APART)


def test_the_oldest_are_forgotten(tmp_path: Path) -> None:
    for number in range(remembered._MOST_REMEMBERED + 3):
        place = tmp_path / f"{number}.json"
        remember(place, APART)
        os.utime(place, (number, number))
    remember(tmp_path / "last.json", APART)
    assert len(list(tmp_path.iterdir())) == remembered._MOST_REMEMBERED
    assert not (tmp_path / "0.json").exists()
