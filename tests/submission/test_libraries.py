"""Which libraries code imports is read from its text, whatever else lies in the folder."""

from __future__ import annotations

from pathlib import Path

from checker.submission import imported_libraries


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def test_libraries_are_named_as_they_are_imported(tmp_path: Path) -> None:
    source = "import httpx as h\nfrom sqlalchemy.ext.asyncio import create_async_engine\nimport os\n"
    assert imported_libraries(write(tmp_path, {"app/main.py": source})) == (
        "httpx",
        "sqlalchemy.ext.asyncio",
    )


def test_an_import_inside_a_function_counts(tmp_path: Path) -> None:
    source = "def test_it():\n    if True:\n        from hypothesis import given\n"
    assert imported_libraries(write(tmp_path, {"tests/test_a.py": source})) == ("hypothesis",)


def test_what_lies_in_the_folder_is_no_library(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "app/main.py": "from app.models import Tool\nfrom . import models\nimport helpers, tests.parts\n",
        "app/models.py": "",
        "tests/helpers.py": "",
        "tests/parts/__init__.py": "",
    }
    assert imported_libraries(write(tmp_path, files)) == ()


def test_a_file_that_nobody_can_read_imports_nothing(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "broken.py": "import (",
        "binary.py": b"\0\xff",
        "deep.py": "x = " + "(" * 5000 + ")" * 5000,
        "good.py": "import httpx",
    }
    assert imported_libraries(write(tmp_path, files)) == ("httpx",)


def test_a_text_file_named_like_a_library_hides_nothing(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"sqlalchemy.md": "notes", "app/main.py": "import sqlalchemy\n"}
    assert imported_libraries(write(tmp_path, files)) == ("sqlalchemy",)
