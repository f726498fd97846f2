"""Which files are read: the service's own, whatever lies beside them; what is left out is named."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from checker.errors import UsageError
from checker.source import Project, parse, read_project
from checker.source import reading as reading_module

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")


def make(folder: Path, *names: str) -> None:
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x = 1\n", encoding="utf-8")


def paths(found: Project) -> list[str]:
    return [module.path for module in found.modules]


def sentences(found: Project) -> list[str]:
    assert all("\n" not in unreadable.sentence for unreadable in found.unreadable)
    return [unreadable.sentence for unreadable in found.unreadable]


def test_files_come_before_folders_and_both_by_name(tmp_path: Path) -> None:
    make(
        tmp_path,
        "b/y.py",
        "b/a/z.py",
        "c.py",
        "a.py",
        "b.py",
        "b/x.py",
        "notes.txt",
        "book.ipynb",
        "stub.pyi",
    )
    assert paths(read_project(tmp_path)) == ["a.py", "b.py", "c.py", "b/x.py", "b/y.py", "b/a/z.py"]


@pytest.mark.parametrize("name", ["build", "dist", "env", "venv", "htmlcov"])
def test_a_package_with_the_name_of_built_files_is_part_of_the_service(tmp_path: Path, name: str) -> None:
    make(tmp_path, f"app/{name}/__init__.py", f"app/{name}/steps.py", "app/main.py")
    found = read_project(tmp_path)
    assert paths(found) == ["app/main.py", f"app/{name}/__init__.py", f"app/{name}/steps.py"]
    assert found.unreadable == ()


def test_a_built_copy_is_not_read(tmp_path: Path) -> None:
    make(tmp_path, "app/main.py", "build/lib/app/main.py", "app.egg-info/x.py", "wheels/app-1.dist-info/x.py")
    found = read_project(tmp_path)
    assert paths(found) == ["app/main.py"]
    assert found.unreadable == ()


def test_a_folder_that_may_be_part_of_the_service_is_named_when_it_is_not_read(tmp_path: Path) -> None:
    make(tmp_path, "main.py", "build/steps.py")
    found = read_project(tmp_path)
    assert paths(found) == ["main.py"]
    assert sentences(found) == [
        "The folder `build` has no `__init__.py` and a name of built files, so nothing in it was read."
    ]


@pytest.mark.parametrize("mark", ["pyvenv.cfg", "conda-meta/history"])
def test_an_environment_of_any_name_is_not_read(tmp_path: Path, mark: str) -> None:
    make(tmp_path, "main.py", "python311/lib/x.py", f"python311/{mark}", "python311/__init__.py")
    found = read_project(tmp_path)
    assert paths(found) == ["main.py"]
    assert found.unreadable == ()


@pytest.mark.parametrize(
    ("exclude", "left"),
    [
        (["generated"], ["app/main.py", "app/models.py", "main.py"]),
        (["generated/"], ["app/main.py", "app/models.py", "main.py"]),
        (["/main.py"], ["app/main.py", "app/models.py", "app/generated/api.py", "app/generated/keep.py"]),
        (["main.py"], ["app/models.py", "app/generated/api.py", "app/generated/keep.py"]),
        (["app/**/api.py", "mod*.py"], ["app/main.py", "app/generated/keep.py", "main.py"]),
        (["app/generated/*", "!keep.py"], ["app/main.py", "app/models.py", "app/generated/keep.py", "main.py"]),
    ],
)  # fmt: skip
def test_patterns_leave_files_out_as_in_a_gitignore(
    tmp_path: Path, exclude: list[str], left: list[str]
) -> None:
    make(tmp_path, "app/main.py", "app/models.py", "app/generated/api.py", "app/generated/keep.py", "main.py")
    found = read_project(tmp_path, exclude=exclude)
    assert sorted(paths(found)) == sorted(left)
    assert found.unreadable == ()


def test_a_pattern_that_is_none_is_a_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="pattern to exclude"):
        read_project(tmp_path, exclude=["!"])


def test_one_file_can_be_read_alone(tmp_path: Path) -> None:
    make(tmp_path, "main.py", "other.py")
    found = read_project(tmp_path / "main.py")
    assert (found.folder, paths(found)) == (tmp_path, ["main.py"])


def test_a_place_without_python_says_so(tmp_path: Path) -> None:
    make(tmp_path, "notes.txt", ".venv/x.py", "node_modules/gyp/x.py")
    found = read_project(tmp_path)
    assert found.modules == ()
    assert sentences(found) == ["There is no Python file here, in no folder that belongs to a service."]


def test_a_link_out_of_the_folder_is_named_and_one_inside_is_read_once(tmp_path: Path) -> None:
    make(tmp_path, "outside/shared.py", "service/main.py", "service/app/models.py")
    service = tmp_path / "service"
    (tmp_path / "pictures").mkdir()
    (service / "loop").symlink_to(service, target_is_directory=True)
    (service / "again").symlink_to("app", target_is_directory=True)
    (service / "same.py").symlink_to("main.py")
    (service / "static").symlink_to(tmp_path / "pictures", target_is_directory=True)
    (service / "shared").symlink_to(tmp_path / "outside", target_is_directory=True)
    (service / "shared.py").symlink_to(tmp_path / "outside/shared.py")
    (service / "gone.py").symlink_to(tmp_path / "gone.py")
    (service / "self.py").symlink_to("self.py")
    found = read_project(service)
    assert paths(found) == ["main.py", "app/models.py"]
    assert [unreadable.path for unreadable in found.unreadable] == [
        "gone.py",
        "self.py",
        "shared",
        "shared.py",
    ]
    assert (
        sentences(found)[-1] == "`shared.py` is a link that leads out of the folder, so it was not followed."
    )


@posix
def test_what_is_no_ordinary_file_is_named_and_not_waited_for(tmp_path: Path) -> None:
    make(tmp_path, "main.py")
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "folder.py").mkdir()
    with socket.socket(socket.AF_UNIX) as listening:
        here = os.getcwd()
        os.chdir(tmp_path)  # a socket's path has at most 107 letters
        try:
            listening.bind("socket.py")
        finally:
            os.chdir(here)
        found = read_project(tmp_path)
    assert paths(found) == ["main.py"]
    assert sentences(found) == [
        "`pipe.py` is no ordinary file, so it was not read.",
        "`socket.py` is no ordinary file, so it was not read.",
    ]
    assert read_project(tmp_path / "pipe.py").unreadable[0].path == "pipe.py"


@posix
def test_a_pipe_that_took_the_place_of_a_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "main.py")
    found = parse.parse_file(tmp_path / "main.py", "main.py")
    assert isinstance(found, parse.Unreadable)
    assert found.sentence == "`main.py` is no ordinary file, so it was not read."


def test_a_file_that_vanished_is_named(tmp_path: Path) -> None:
    found = parse.parse_file(tmp_path / "gone.py", "gone.py")
    assert isinstance(found, parse.Unreadable)
    assert found.sentence == "`gone.py` cannot be opened (No such file or directory), so it was not read."


@posix
def test_odd_names_are_shown_in_a_way_that_can_be_written_anywhere(tmp_path: Path) -> None:
    for name in (b"new\nline.py", b"not\xfftext.py", "größe.py".encode()):
        Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name))).write_text("x = 1\n", encoding="utf-8")
    found = read_project(tmp_path)
    assert paths(found) == ["größe.py", "new\\nline.py", "not\\udcfftext.py"] or sorted(
        paths(found)
    ) == sorted(["größe.py", "new\\nline.py", "not\\udcfftext.py"])
    assert all(path.encode("utf-8") for path in paths(found))


def test_folders_may_be_nested_as_deeply_as_the_system_lets_them(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(1500):
        deep = deep / "d"
        deep.mkdir()
    make(deep, "x.py")
    found = read_project(tmp_path)
    (deep / "x.py").unlink()
    while deep != tmp_path:  # what empties temporary folders calls itself for each step
        deep.rmdir()
        deep = deep.parent
    assert len(found.modules) == 1


def test_what_is_more_than_can_be_read_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_module, "MAX_BYTES", 10)
    make(tmp_path, "a/x.py", "app/main.py", "b.py", "c.py")
    found = read_project(tmp_path)
    assert len(paths(found)) == 2
    (sentence,) = sentences(found)
    assert sentence.startswith("There are more than 0 MB of Python; 2 files, from `")
    assert sentence.endswith("on, were not read.")


def test_a_test_file_is_read_only_where_the_service_imports_it(tmp_path: Path) -> None:
    make(
        tmp_path,
        "app/main.py",
        "app/testing/data.py",
        "app/testing/more.py",
        "tests/test_app.py",
        "conftest.py",
    )
    (tmp_path / "app/main.py").write_text("from app.testing import data\n")
    (tmp_path / "app/testing/data.py").write_text("from app.testing.more import x\n")
    assert paths(read_project(tmp_path)) == ["app/main.py", "app/testing/data.py", "app/testing/more.py"]
    assert paths(read_project(tmp_path / "tests/test_app.py")) == ["test_app.py"]


@pytest.mark.parametrize(
    "content",
    [
        b"x = [\n" + b"    1,\n" * 260_000 + b"]\n",
        b"f(a=1)\n" * 200_000,
        b"x = '" + b"a" * 50_000_000 + b"'\n",
    ],
    ids=["data", "calls", "literal"],
)
def test_a_huge_file_is_named_and_not_parsed(
    tmp_path: Path, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(text: str) -> None:
        raise AssertionError("it was parsed")

    monkeypatch.setattr(parse, "_tree", refuse)
    (tmp_path / "huge.py").write_bytes(content)
    (sentence,) = sentences(read_project(tmp_path))
    assert sentence.startswith("`huge.py` ")
    assert sentence.endswith("so it was not read. Split it.")


def test_a_long_line_and_a_large_literal_are_read(tmp_path: Path) -> None:
    (tmp_path / "long.py").write_bytes(b"x = f(" + b"a, " * 20_000 + b")\n")
    (tmp_path / "literal.py").write_bytes(b"x = '" + b"a" * 5_000_000 + b"'\n")
    found = read_project(tmp_path)
    assert paths(found) == ["literal.py", "long.py"]
    assert found.unreadable == ()
