"""Faults that show before anything runs: each with its file and line, none of them ours."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from checker.models.report import Fault, FaultKind
from checker.submission import Snapshot, find_syntax_fault, find_unread_source, take_snapshot


def snapshot_of(tmp_path: Path, files: dict[str, bytes]) -> Snapshot:
    folder = tmp_path / "mine"
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return take_snapshot(folder, tmp_path / "copy")


def fault_of(tmp_path: Path, content: bytes) -> Fault | None:
    return find_syntax_fault(snapshot_of(tmp_path, {"app/main.py": content}))


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        pytest.param(b"x = 1\ndef f(:\n", 2, "is not valid Python: invalid syntax", id="syntax"),
        pytest.param(b"def f():\nx\n", 2, "expected an indented block", id="indentation"),
        pytest.param(b"x = 1\n\xff = 2\n", 2, r"is not UTF-8 text \(byte 0xff\)", id="not UTF-8"),
        pytest.param(b"# 1\n# 2\n# 3\nx = 'caf\xe9'\n", 4, "is not UTF-8 text", id="latin-1 below"),
        pytest.param("x = 1\n".encode("utf-16"), 1, "null byte|not UTF-8", id="UTF-16"),
        pytest.param(b"x = 1\ny = 2\0\n", 2, "holds a null byte", id="null byte"),
        pytest.param(b"# coding: klingon\n", 1, "unknown encoding", id="unknown encoding"),
        pytest.param(b"# coding: rot13\nk = 1\n", 1, "rot", id="no text encoding"),
        pytest.param(b"-" * 900_000 + b"1", None, "nested too deeply", id="deep by MemoryError"),
        pytest.param(b"a" + b".b" * 400_000, None, "nested too deeply", id="deep by RecursionError"),
        pytest.param(b"(" * 100_000, 1, "too many nested parentheses", id="parentheses"),
        pytest.param(b"x = " + b"9" * 100_000, 1, "Exceeds the limit", id="endless number"),
    ],
)
def test_names_file_and_line(tmp_path: Path, content: bytes, line: int | None, says: str) -> None:
    fault = fault_of(tmp_path, content)
    assert fault is not None
    assert (fault.kind, fault.path, fault.line) == (FaultKind.SYNTAX, "app/main.py", line)
    assert re.search(says, fault.message), fault.message
    assert fault.message.startswith("`app/main.py`")
    assert "\n" not in fault.message


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param("größe = '日本'\n".encode(), id="UTF-8"),
        pytest.param(b"\xef\xbb\xbfx = 1\n", id="byte order mark"),
        pytest.param(b"# -*- coding: latin-1 -*-\nx = 'caf\xe9'\n", id="declared latin-1"),
        pytest.param(b"x = '\\d'\n", id="an escape that warns"),
        pytest.param(b"x = 1\r\ny = 2\r\n", id="Windows line ends"),
        pytest.param(b"import nothing_like_this\nraise SystemExit\n", id="never run"),
    ],
)
def test_what_python_can_read_is_no_fault(tmp_path: Path, content: bytes) -> None:
    assert fault_of(tmp_path, content) is None


def test_the_first_of_several_in_the_order_of_names(tmp_path: Path) -> None:
    files = {"app/b.py": b"(", "app/a.py": b"x = = 1", "app/main.py": b"x = 1"}
    fault = find_syntax_fault(snapshot_of(tmp_path, files))
    assert fault is not None
    assert fault.path == "app/a.py"


def test_only_the_app_counts(tmp_path: Path) -> None:
    files = {"tests/test_a.py": b"(", "notes.py": b"(", "app/notes.md": b"(", "app/main.py": b"x = 1"}
    assert find_syntax_fault(snapshot_of(tmp_path, files)) is None


def test_a_source_file_that_is_not_in_the_copy_is_named(tmp_path: Path) -> None:
    files = {"app/main.py": b"x = 1", "app/big.py": b"#" * 1_100_000, "big.py": b"#" * 1_100_000}
    fault = find_unread_source(snapshot_of(tmp_path, files))
    assert fault is not None
    assert fault.kind is FaultKind.IMPORT
    assert fault.message == "`app/big.py` is larger than 1 MiB, so the app was graded without it."


def test_a_whole_copy_has_no_unread_source(tmp_path: Path) -> None:
    assert find_unread_source(snapshot_of(tmp_path, {"app/main.py": b"x = 1"})) is None
