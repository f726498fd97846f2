"""What other projects copy: the pre-commit hook, and the settings as the pages describe them."""

from __future__ import annotations

import dataclasses
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from checker.cli.settings import Settings
from checker.models.service import BaselineUse, JudgedConstraint, ServiceFinding, ServiceReport

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "service.md").read_text(encoding="utf-8")


def test_the_hook_runs_the_command_on_the_whole_service(
    check: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert (hook["id"], hook["language"], hook["pass_filenames"]) == ("check-fastapi", "python", False)
    program, *arguments = [*shlex.split(hook["entry"]), *hook["args"]]
    assert program == "check"
    (tmp_path / "main.py").write_text(
        "import time\nfrom fastapi import FastAPI\napp = FastAPI()\n\n\n"
        "@app.get('/')\nasync def home() -> str:\n    time.sleep(1)\n    return ''\n"
    )
    monkeypatch.chdir(tmp_path)
    run = check(*arguments, book=None)
    assert run.code == 1
    assert "main.py:8" in run.out


def table(heading: str) -> set[str]:
    """The names in the first column of the table under a heading."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    cells = re.findall(r"^\| (`[^|]+`) \|", section, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`([\w-]+)`", cell)}


def test_every_setting_stands_on_the_page() -> None:
    names = {field.name.replace("_", "-") for field in dataclasses.fields(Settings)} - {"folder"}
    assert table("Settings") == names


@pytest.mark.parametrize("kind", [ServiceReport, JudgedConstraint, BaselineUse])
def test_every_field_stands_on_the_page(kind: type[Any]) -> None:
    assert table(kind.__name__) == {field.name for field in dataclasses.fields(kind)}


def test_the_fields_of_a_finding_that_are_new_stand_on_the_page() -> None:
    inherited = {field.name for field in dataclasses.fields(ServiceFinding.__mro__[1])}
    assert table("ServiceFinding") == {field.name for field in dataclasses.fields(ServiceFinding)} - inherited
