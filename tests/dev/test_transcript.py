"""The README shows what `check start` prints, not what it once printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from checker.dev.transcript import read_transcript, record_transcript, tells_the_same
from checker.errors import BookError

ROOT = Path(__file__).resolve().parents[2]


def test_the_readme_shows_what_check_start_prints() -> None:
    shown = read_transcript(ROOT / "README.md")
    assert tells_the_same(shown, record_transcript(ROOT)), "run `python -m checker.dev.transcript`"


def test_the_readme_gives_the_two_commands_near_its_top() -> None:
    top = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:12]
    for command in ("pip install -e . && check start  ", "pip install -e '.[dev]' && pytest  "):
        assert [line for line in top if line.startswith(f"    {command}")], command


def test_figures_and_the_order_of_parts_make_no_difference() -> None:
    assert tells_the_same(
        "ruff: done, 0.2 s\nyour app: done, 1 s", "your app: done, 0.9 s\nruff: done, 1.1 s"
    )


def test_other_words_make_a_difference() -> None:
    assert not tells_the_same("Task sheet   README.md", "Task list   README.md")


def test_a_readme_without_the_block_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Nothing\n", encoding="utf-8")
    with pytest.raises(BookError, match="put both lines back"):
        read_transcript(tmp_path / "README.md")
