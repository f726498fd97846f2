"""`check doctor`: each thing that is wrong has a line of its own with its remedy."""

from __future__ import annotations

import socket
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from checker.cli import doctor
from checker.cli.doctor import State

Check = Callable[..., Any]


class Disk(NamedTuple):
    total: int
    used: int
    free: int


def test_every_line_is_fine_or_carries_a_remedy(workspace: Path) -> None:
    found = list(doctor.diagnose(workspace))
    assert all(one.remedy for one in found if one.state is not State.FINE)
    assert any("1 chapter" in one.what for one in found)


def test_nothing_to_mend_exits_0(workspace: Path, check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "packages", lambda: iter(()))
    run = check("doctor")
    assert run.code == 0
    assert "Nothing to mend." in run.out


def test_an_old_python_is_named() -> None:
    found = doctor.python_version((3, 9))
    assert found.state is State.WRONG
    assert "3.11" in found.remedy


def test_a_missing_and_a_wrong_package_are_named_with_the_command() -> None:
    found = list(doctor.packages(lambda: ["no-such-package-at-all>=1", "pytest<1", "typer>=0.1"]))
    assert [one.state for one in found] == [State.WRONG, State.WRONG]
    assert found[0].what == "`no-such-package-at-all` is missing"
    assert "wanted <1" in found[1].what
    assert found[1].remedy == "`python -m pip install 'pytest<1'`"


def test_what_another_system_or_an_extra_needs_is_not_asked_for() -> None:
    wanted = ["no-such-package>=1; sys_platform == 'plan9'", "no-such-package>=1; extra == 'dev'"]
    assert [one.state for one in doctor.packages(lambda: wanted)] == [State.FINE]


def test_a_source_tree_without_installation_is_named() -> None:
    def missing() -> list[str]:
        raise metadata.PackageNotFoundError(doctor.DISTRIBUTION)

    (found,) = doctor.packages(missing)
    assert "not installed" in found.what


def test_a_missing_tool_is_named() -> None:
    (found,) = doctor.tools(("pytest", "no_such_tool"))
    assert found.state is State.WRONG
    assert found.what == "cannot be imported: no_such_tool"


def test_without_fork_there_is_a_remark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("os.fork", raising=False)
    assert doctor.processes().state is State.REMARK


def test_without_unix_sockets_loopback_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "AF_UNIX", raising=False)
    found = doctor.sockets()
    assert found.state is State.FINE
    assert "loopback" in found.what


def test_without_any_socket_there_is_something_to_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    assert doctor.sockets().state is State.WRONG


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checker.cli.doctor.shutil.disk_usage", lambda path: Disk(1, 1, 3 * 1024 * 1024))
    found = doctor.free_space(tmp_path, "temporary files")
    assert found.state is State.WRONG
    assert found.what.startswith("3 MB free")


def test_a_workspace_that_cannot_be_written_is_named(workspace: Path, check: Check) -> None:
    (workspace / ".workbook").write_text("a file where the folder should be")
    run = check("doctor")
    assert run.code == 1
    assert "cannot be written to" in " ".join(run.out.split())


def test_a_damaged_record_is_a_remark(workspace: Path, check: Check) -> None:
    (workspace / ".workbook").mkdir()
    (workspace / ".workbook" / "progress.json").write_text("{")
    assert "not valid JSON" in " ".join(check("doctor").out.split())


def test_a_broken_book_is_named_and_the_rest_still_looked_at(workspace: Path, check: Check) -> None:
    (workspace / "chapters" / "chapter-01-greeting" / "chapter.toml").write_text("title = 3\n")
    run = check("doctor")
    assert run.code == 1
    assert "the book cannot be used" in run.out
    assert "temporary files" in run.out


def test_no_temporary_folder_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> str:
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr("checker.cli.doctor.tempfile.gettempdir", nowhere)
    found = doctor.temporary_folder()
    assert found.state is State.WRONG
    assert "TMPDIR" in found.remedy
