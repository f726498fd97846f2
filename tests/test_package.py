"""Away from a clone: the built wheel holds the content, and a workspace made from it can be worked in."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "--no-build-isolation",
            "-w",
            folder,
            ROOT,
        ],
        check=True,
        timeout=300,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter that has the wheel and this environment's libraries, but not the clone."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, symlinks=sys.platform != "win32")
    inside = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
    (site,) = (
        [folder / "Lib" / "site-packages"]
        if sys.platform == "win32"
        else folder.glob("lib/python*/site-packages")
    )
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    # Entries of a .pth file are not searched for .pth files themselves: the clone stays out.
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / inside


def check(python: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, "-m", "checker.cli", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=180,
        check=False,
    )


def test_the_wheel_holds_lessons_starters_references_and_suites(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for chapter in sorted(path.name for path in (ROOT / "chapters").glob("chapter-*")):
        content = "checker/_content"
        number = chapter.split("-")[1]
        assert f"{content}/chapters/{chapter}/chapter.toml" in names
        assert f"{content}/chapters/{chapter}/lesson.ipynb" in names
        assert f"{content}/exercises/{chapter}/README.md" in names
        assert any(name.startswith(f"{content}/solutions/{chapter}/app/") for name in names)
        assert any(name.startswith(f"checker/suites/chapter_{number}/test_") for name in names)
    assert "checker/suites/chapter_04/broken/over_http.py" in names
    assert any(
        name.startswith("checker/suites/chapter_04/broken/") and name.endswith(".toml") for name in names
    )
    assert not [name for name in names if "__pycache__" in name or name.startswith("tests/")]


def test_a_workspace_from_the_wheel_can_be_started_in(python: Path, tmp_path: Path) -> None:
    made = check(python, "init", "my-workbook", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    started = check(python, "start", cwd=tmp_path / "my-workbook")
    assert started.returncode == 0, started.stdout + started.stderr
    assert "check hint chapter-1" in started.stdout
    assert "Traceback" not in started.stdout + started.stderr
    installed = check(python, "--version", cwd=tmp_path)
    assert installed.returncode == 0


def test_a_grade_from_the_wheel_uses_the_wheels_own_content(python: Path, tmp_path: Path) -> None:
    finished = subprocess.run(
        [python, "-c", "import checker.book; print(checker.book.open_book().root)"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert Path(finished.stdout.strip()).name == "_content"
