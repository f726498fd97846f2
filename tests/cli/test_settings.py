"""`[tool.check]`: found in the nearest place, typed, and refused with file, key and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from checker.cli.settings import Settings, find_settings
from checker.errors import UsageError
from checker.models.service import FailOn


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "backend" / "app").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_no_file_means_no_settings(folder: Path) -> None:
    assert find_settings(folder) == Settings()


def test_every_key_is_read(folder: Path) -> None:
    (folder / "pyproject.toml").write_text(
        '[tool.check]\napp = "app.main:app"\nstatic = true\nenv-file = ".env"\nselect = ["H3"]\nignore = ["S7"]\n'
        'exclude = ["migrations/**"]\nbaseline = "base.json"\nfail-on = "hard"\n'
    )
    assert find_settings(folder) == Settings(
        folder=folder,
        app="app.main:app",
        static=True,
        env_file=".env",
        select=("H3",),
        ignore=("S7",),
        exclude=("migrations/**",),
        baseline="base.json",
        fail_on=FailOn.HARD,
    )


def test_the_nearest_table_wins_and_files_without_one_are_passed_by(folder: Path) -> None:
    (folder / "pyproject.toml").write_text('[tool.check]\nselect = ["H3"]\n')
    (folder / "backend" / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert find_settings(folder / "backend" / "app").select == ("H3",)
    (folder / "backend" / "pyproject.toml").write_text('[tool.check]\nselect = ["S5"]\n')
    assert find_settings(folder / "backend" / "app").select == ("S5",)


def test_nothing_above_the_repository_counts(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[tool.check]\nstatic = true\n")
    (folder / "backend" / ".git").mkdir()
    assert find_settings(folder / "backend") == Settings()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[tool.check]\nselct = ['H3']", "there is no setting `selct`; did you mean `select`?"),
        ("[tool.check]\nfail_on = 'all'", "did you mean `fail-on`?"),
        ("[tool.check]\nxyzzy = 1", "known are `app`, `static`"),
        ("[tool.check]\nselect = 'H3'", '`select` must be a list of texts, as `["H3"]`'),
        ("[tool.check]\nexclude = [1]", '`exclude` must be a list of texts, as `["migrations/**"]`'),
        ("[tool.check]\nstatic = 1", "`static` must be `true` or `false`"),
        ("[tool.check]\nfail-on = 'soft'", '`fail-on` must be `"all"` or `"hard"`'),
        ("[tool]\ncheck = 3", "must be a table, written `[tool.check]`"),
        ("[tool.check\n", "is not valid TOML: expected ']'"),
    ],
)
def test_a_mistake_names_file_key_and_remedy(folder: Path, text: str, says: str) -> None:
    (folder / "backend" / "pyproject.toml").write_text(text)
    with pytest.raises(UsageError) as caught:
        find_settings(folder / "backend")
    assert says in str(caught.value)
    assert "`backend/pyproject.toml`" in str(caught.value)


def test_a_file_that_is_no_text_is_named(folder: Path) -> None:
    (folder / "pyproject.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="is not UTF-8 text"):
        find_settings(folder)
