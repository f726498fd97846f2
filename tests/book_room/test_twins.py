"""Broken apps in chapter.toml: typed like the rest, and a mistake names file, key and remedy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from checker.book import open_book
from checker.book.patch import Edit, patched
from checker.errors import BookError

BROKEN = '[[twins.broken]]\nid = "open-door"\ndoes = "lets everybody in"\nnotice = "send no token"\n'


def _with(book: Path, twins: str) -> Path:
    toml = book / "chapters/chapter-01-greeting/chapter.toml"
    toml.write_text(f"{toml.read_text(encoding='utf-8')}\n{twins}", encoding="utf-8")
    return book


def test_broken_apps_are_read(mini_book: Callable[[], Path]) -> None:
    (chapter,) = open_book(_with(mini_book(), f"[twins]\nleast = 1\n\n{BROKEN}")).chapters
    assert chapter.file.twins is not None
    assert [one.id for one in chapter.file.twins.broken] == ["open-door"]
    assert not chapter.file.twins.given
    assert chapter.broken == chapter.suite / "broken"


@pytest.mark.parametrize(
    ("twins", "says"),
    [
        pytest.param(f"[twins]\nleast = 2\n\n{BROKEN}", "at `twins.least`: 2 of 1", id="more than there are"),
        pytest.param(f"[twins]\nleast = 0\n\n{BROKEN}", "at `twins.least`", id="none"),
        pytest.param(f"[twins]\nleast = 1\n\n{BROKEN}\n{BROKEN}", "`open-door` stands twice", id="twice"),
        pytest.param("[twins]\nleast = 1\nbroken = []\n", "at `twins.broken`", id="empty"),
        pytest.param(
            f"[twins]\nleast = 1\n\n{BROKEN}why = 3\n",
            "object contains unknown field `why`",
            id="unknown key",
        ),
    ],
)
def test_a_mistake_names_its_key(mini_book: Callable[[], Path], twins: str, says: str) -> None:
    book = _with(mini_book(), twins)
    with pytest.raises(BookError) as error:
        open_book(book)
    assert says in str(error.value)


def test_edits_are_made_one_after_the_other() -> None:
    app = {"main.py": b"a = 1\n"}
    edits = [Edit(path="app/main.py", find="1", replace="2"), Edit(path="app/main.py", find="2", replace="3")]
    assert patched(Path("x.toml"), edits, app) == {"main.py": b"a = 3\n"}
    assert app == {"main.py": b"a = 1\n"}


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (Edit(path="main.py", find="1", replace="2"), "at `edit[0].path`: the base has no file `main.py`"),
        (Edit(path="app/other.py", find="1", replace="2"), "has no file `app/other.py`"),
        (Edit(path="app/main.py", find="7", replace="2"), "at `edit[0].find`: the text does not occur"),
        (Edit(path="app/main.py", find="1", replace="1"), "at `edit[0].replace`: it changes nothing"),
    ],
)
def test_an_edit_that_does_not_fit_is_named(edit: Edit, says: str) -> None:
    with pytest.raises(BookError) as error:
        patched(Path("x.toml"), [edit], {"main.py": b"a = 1\n"})
    assert says in str(error.value)
