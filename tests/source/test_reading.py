"""Every file is read or named as unreadable; nothing outside the service is read at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from checker.source import read_project
from checker.source import reading as reading_module
from checker.source.parse import MAX_FILE_BYTES


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        (b"def f(:\n    pass\n", 1, "not valid Python"),
        (b"x = 1\nname = '\xe9'\n", 2, "not UTF-8"),
        (b"x = 1\n\0", 2, "null bytes"),
        (b"# coding: no-such-codec\n", 1, "not UTF-8"),
        (b"x = " + b"(" * 500 + b")" * 500, None, ""),
        (b"#" * (MAX_FILE_BYTES + 1), None, "larger than 8 MB"),
        (b"x = " + b"-" * 100_000 + b"1", None, ""),
    ],
    ids=["syntax", "encoding", "null", "codec", "brackets", "size", "depth"],
)
def test_a_file_that_cannot_be_read_is_named_with_a_sentence(
    tmp_path: Path, content: bytes, line: int | None, says: str
) -> None:
    (tmp_path / "broken.py").write_bytes(content)
    (tmp_path / "fine.py").write_text("x = 1\n", encoding="utf-8")

    found = read_project(tmp_path)

    assert [m.path for m in found.modules] == ["fine.py"]
    (unreadable,) = found.unreadable
    assert unreadable.path == "broken.py"
    assert "`broken.py`" in unreadable.sentence
    assert unreadable.sentence.endswith(".")
    assert says in unreadable.sentence
    if line is not None:
        assert unreadable.line == line


def test_another_declared_encoding_is_read(tmp_path: Path) -> None:
    (tmp_path / "old.py").write_bytes(b"# -*- coding: latin-1 -*-\nname = '\xe9'\n")
    found = read_project(tmp_path)
    assert found.unreadable == ()
    assert found.modules[0].lines[1] == "name = 'é'"


def test_a_long_chain_of_operators_does_not_exhaust_the_stack(tmp_path: Path) -> None:
    (tmp_path / "long.py").write_text("x = " + " + ".join(["f()"] * 900) + "\n", encoding="utf-8")
    found = read_project(tmp_path)
    assert found.unreadable == ()
    assert len(found.modules[0].calls) == 900


@pytest.mark.parametrize(
    "folder", [".venv", "venv", "node_modules", "__pycache__", ".git", "site-packages", "odd_environment"]
)
def test_environments_and_caches_are_not_read(tmp_path: Path, folder: str) -> None:
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "x.py").write_text("x = 1\n", encoding="utf-8")
    if folder == "odd_environment":
        (tmp_path / folder / "pyvenv.cfg").write_text("", encoding="utf-8")
    assert read_project(tmp_path).modules == ()


def test_a_folder_that_cannot_be_listed_is_named(tmp_path: Path) -> None:
    (unreadable,) = read_project(tmp_path / "gone").unreadable
    assert unreadable.sentence.startswith("The folder `.` cannot be listed (No such file or directory)")


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.py").write_text("x = 1\n", encoding="utf-8")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "folder").symlink_to(outside, target_is_directory=True)
    (inside / "file.py").symlink_to(outside / "secret.py")
    assert read_project(inside).modules == ()


def test_the_number_of_files_is_bounded_and_the_rest_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_module, "MAX_FILES", 3)
    for number in range(5):
        (tmp_path / f"m{number}.py").write_text("x = 1\n", encoding="utf-8")
    found = read_project(tmp_path)
    assert len(found.modules) == 3
    assert "more than 3" in found.unreadable[0].sentence


def test_an_invalid_escape_in_learner_code_is_not_our_warning(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("pattern = '\\d'\n", encoding="utf-8")
    assert read_project(tmp_path).unreadable == ()


@pytest.mark.parametrize(
    ("path", "is_test"),
    [
        ("app/main.py", False),
        ("tests/x.py", True),
        ("app/tests/x.py", True),
        ("test_x.py", True),
        ("conftest.py", True),
        ("x_test.py", True),
        ("app/testimony.py", False),
    ],
)
def test_test_files_are_told_from_the_service(tmp_path: Path, path: str, is_test: bool) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("", encoding="utf-8")
    assert [m.is_test for m in read_project(tmp_path).modules] == [is_test]


def test_the_function_at_a_line_is_the_innermost_one(tmp_path: Path) -> None:
    text = "@decorated\ndef outer():\n    def inner():\n        return 1\n    return inner\n"
    (tmp_path / "main.py").write_text(text, encoding="utf-8")
    found = read_project(tmp_path)
    names = [f.name if (f := found.function_at("main.py", line)) else None for line in range(1, 7)]
    assert names == ["outer", "outer", "outer.inner", "outer.inner", "outer", None]
