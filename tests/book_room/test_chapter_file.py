"""A chapter.toml with any mistake in it ends as one sentence that names file, key and remedy."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from checker.book import open_book
from checker.book.library import read_chapter_file
from checker.book.spec import read_spec_file
from checker.errors import BookError, CheckerError

ROOT = Path(__file__).parents[2]
REAL = sorted((ROOT / "chapters").glob("*/chapter.toml"))
TEXTS = {path.parent.name: path.read_bytes() for path in REAL}
SPEC = (ROOT / "chapters" / "spec.toml").read_bytes()
FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.lists(st.integers(), max_size=2),
    st.just([{}]),
    st.just({}),
    st.just({"$ref`": "x"}),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path to each value in a document."""
    found = [path] if path else []
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        found += places(one, (*path, key))
    return found


def written(value: Any) -> str:
    """A value as inline TOML; what TOML cannot say becomes text."""
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
        case dict():
            return "{" + ", ".join(f"{written(key)} = {written(one)}" for key, one in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(written, value)) + "]"
        case _:
            escaped = "".join(
                one if one.isascii() and one.isprintable() and one not in '"\\' else f"\\U{ord(one):08x}"
                for one in str(value)
            )
            return f'"{escaped}"'


def document(value: dict[str, Any]) -> bytes:
    return "\n".join(f"{written(key)} = {written(one)}" for key, one in value.items()).encode()


@st.composite
def changed_document(draw: st.DrawFn, content: bytes) -> bytes:
    """The document with one value replaced, removed, doubled or added."""
    found = tomllib.loads(content.decode())
    *above, last = draw(st.sampled_from(places(found)))
    holder: Any = found
    for key in above:
        holder = holder[key]
    match draw(st.sampled_from(["replace", "remove", "add", "double"])):
        case "remove":
            del holder[last]
        case "double" if isinstance(holder, list):
            holder.append(holder[last])
        case "add" if isinstance(holder, dict):
            holder[draw(st.text(max_size=8))] = draw(anything)
        case _:
            holder[last] = draw(anything)
    return document(found)


@st.composite
def changed_bytes(draw: st.DrawFn, content: bytes) -> bytes:
    """The file cut, or with some bytes of it replaced."""
    start = draw(st.integers(0, len(content)))
    end = draw(st.integers(start, min(len(content), start + 40)))
    return content[:start] + draw(st.binary(max_size=12)) + content[end:]


def mutations(content: bytes) -> st.SearchStrategy[bytes]:
    return st.one_of(changed_document(content), changed_bytes(content))


def refused(read: Callable[[Path], object], path: Path) -> str | None:
    """The sentence that a file is refused with; None where it is taken."""
    try:
        read(path)
    except CheckerError as error:
        assert type(error) is BookError
        return str(error)
    return None


def is_a_sentence_with_a_remedy(said: str, path: Path) -> None:
    assert said.startswith(f"`{path}`")
    assert re.search(r"at `.+?`: |is not valid TOML: |cannot be read", said, re.DOTALL), said
    assert re.search(r"[Mm]end (that|it)|copy the one|[Bb]egin it|give each task", said), said
    assert "Traceback" not in said


@pytest.mark.parametrize("name", TEXTS)
def test_the_real_ones_are_taken_as_they_are_and_as_this_test_writes_them(name: str, tmp_path: Path) -> None:
    for content in (TEXTS[name], document(tomllib.loads(TEXTS[name].decode()))):
        (tmp_path / "chapter.toml").write_bytes(content)
        assert refused(read_chapter_file, tmp_path / "chapter.toml") is None


@FUZZ
@given(content=st.sampled_from(sorted(TEXTS)).flatmap(lambda name: mutations(TEXTS[name])))
@example(content=b"\xff\xfe")
@example(content=b"")
@example(content=b"a = " + b"[" * 5000)
@example(content=b"title = 99999999999999999999999999999999999999999999")
@example(content=b"title = 1979-05-27T07:32:00Z")
def test_a_mistake_in_a_chapter_file_names_file_key_and_remedy(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "chapter.toml"
    path.write_bytes(content)
    said = refused(read_chapter_file, path)
    if said is not None:
        is_a_sentence_with_a_remedy(said, path)


@settings(FUZZ, max_examples=40)
@given(content=mutations(TEXTS["chapter-01-api-development"]))
def test_a_book_with_such_a_chapter_opens_or_is_refused(content: bytes, tmp_path: Path) -> None:
    folder = tmp_path / "chapters" / "chapter-01-api-development"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "chapter.toml").write_bytes(content)
    said = refused(lambda path: open_book(tmp_path), folder / "chapter.toml")
    if said is not None:
        is_a_sentence_with_a_remedy(said, folder / "chapter.toml")


@settings(FUZZ, max_examples=60)
@given(content=mutations(SPEC))
@example(content=b"a = " + b"[" * 5000)
def test_a_mistake_in_the_specification_names_file_and_remedy(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "spec.toml"
    path.write_bytes(content)
    said = refused(read_spec_file, path)
    if said is not None:
        assert said.startswith(f"`{path}`")
        assert re.search(r"[Mm]end|remove|give it|add it|move it|say in", said), said


@pytest.mark.parametrize("name", [b"link", b"folder"])
def test_what_is_no_readable_file_is_named(name: bytes, tmp_path: Path) -> None:
    path = tmp_path / "chapter.toml"
    path.mkdir() if name == b"folder" else path.symlink_to(path)
    said = refused(read_chapter_file, path)
    assert said is not None
    assert f"`{path}` cannot be read" in said
