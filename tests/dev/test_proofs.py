"""Wrong solutions are laid out as folders, and a file that cannot be is a sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from checker.dev.proofs import lay_out, read_alternative, read_wrong, wrong_paths
from checker.errors import BookError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.dev.conftest import MiniBook

WRONG = """
why = "A mistake that people make."
caught_by = ["1.1-by-name"]
base = "{base}"

[[edit]]
path = "{path}"
find = '''{find}'''
replace = '''{replace}'''
"""


@pytest.fixture
def wrong_of(mini: MiniBook) -> Callable[..., Path]:
    def write(
        *,
        base: str = "solution",
        path: str = "app/main.py",
        find: str = "Hang the door.",
        replace: str = "Hang it.",
    ) -> Path:
        file = mini.proofs / "wrong" / "1.1-mine.toml"
        file.write_text(WRONG.format(base=base, path=path, find=find, replace=replace), encoding="utf-8")
        return file

    return write


def test_the_edit_is_made_and_nothing_else(
    mini: MiniBook, wrong_of: Callable[..., Path], tmp_path: Path
) -> None:
    before = mini.reference.read_text()
    folder = lay_out(mini.chapter, read_wrong(wrong_of()), tmp_path / "wrong")
    assert (folder / "app/main.py").read_text() == before.replace("Hang the door.", "Hang it.")
    assert (folder / "tests").is_dir()
    assert mini.reference.read_text() == before


def test_a_base_may_be_an_alternative(mini: MiniBook, wrong_of: Callable[..., Path], tmp_path: Path) -> None:
    text = (mini.proofs / "alternatives/router/app/routes.py").read_text().splitlines()[0]
    wrong = read_wrong(wrong_of(base="router", path="app/routes.py", find=text, replace='"""Mine."""'))
    folder = lay_out(mini.chapter, wrong, tmp_path / "wrong")
    assert (folder / "app/routes.py").read_text().startswith('"""Mine."""')


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"find": "no such text"}, "does not occur in `app/main.py`"),
        ({"find": "door"}, "times in `app/main.py`"),
        ({"path": "app/gone.py"}, "the base has no file `app/gone.py`"),
        ({"path": "../../../../book/chapters/chapter-01-greeting/lesson.md"}, "the base has no file"),
        ({"base": "gone"}, "there is no alternative `gone`"),
        ({"base": "../../../solutions"}, "there is no alternative"),
        ({"replace": "Hang the door."}, "it changes nothing"),
    ],
    ids=["absent", "several times", "no file", "outside", "no base", "base outside", "no change"],
)
def test_an_edit_that_does_not_fit_is_a_sentence(
    mini: MiniBook, wrong_of: Callable[..., Path], tmp_path: Path, change: dict[str, str], said: str
) -> None:
    wrong = read_wrong(wrong_of(**change))
    with pytest.raises(BookError) as caught:
        lay_out(mini.chapter, wrong, tmp_path / "wrong")
    assert said in str(caught.value)
    assert "1.1-mine.toml" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("why = 1", "at `why`: expected `str`"),
        ('why = "long enough"', "object missing required field `caught_by`"),
        ("why = ", "is not valid TOML"),
        ("\xff", "is not valid TOML"),
        ('why = "long enough"\ncaught_by = []\nedit = []', "at `edit`"),
    ],
    ids=["type", "missing", "broken", "bytes", "no edit"],
)
def test_a_wrong_solution_that_cannot_be_read_names_file_key_and_remedy(
    mini: MiniBook, text: str, said: str
) -> None:
    path = mini.proofs / "wrong" / "1.1-mine.toml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(BookError) as caught:
        read_wrong(path)
    assert said in str(caught.value)
    assert "1.1-mine.toml" in str(caught.value)


def test_a_file_that_is_not_named_after_a_task_is_refused(mini: MiniBook) -> None:
    path = next(iter(wrong_paths(mini.chapter)))
    other = path.rename(path.with_name("mistake.toml"))
    with pytest.raises(BookError, match="not named after its task"):
        read_wrong(other)


def test_an_alternative_says_why_it_is_there(mini: MiniBook) -> None:
    alternative = read_alternative(mini.proofs / "alternatives/router")
    assert alternative.file.why
    assert alternative.file.stretch
