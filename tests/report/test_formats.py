"""The formats are found, not listed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import checker.report
from checker.models.report import Report
from checker.models.service import ServiceReport
from checker.report import formats, render

from .services import RULES


@pytest.fixture
def fresh_search() -> Iterator[None]:
    checker.report._reporters.cache_clear()
    yield
    checker.report._reporters.cache_clear()


def test_formats_begin_with_the_default() -> None:
    assert formats()[0] == checker.report.DEFAULT == "text"
    assert {"text", "json", "html", "junit"} <= set(formats())


def test_a_new_file_is_a_new_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, examples: dict[str, Report], fresh_search: None
) -> None:
    (tmp_path / "shout.py").write_text(
        "NAME = 'shout'\ndef render(report, *, width):\n    return report.title.upper().ljust(width, '*')\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(checker.report, "__path__", [*checker.report.__path__, str(tmp_path)])
    assert "shout" in formats()
    assert render("shout", examples["passed"], width=24, colour=True) == "DEPENDENCY INJECTION****"


def test_unknown_format_is_refused_with_those_that_exist(examples: dict[str, Report]) -> None:
    with pytest.raises(LookupError, match="no report format `pdf`; choose one of text, "):
        render("pdf", examples["passed"])


def test_each_kind_of_report_has_its_formats(service: tuple[str, ServiceReport]) -> None:
    assert formats(ServiceReport) == ("text", "github", "json", "junit", "sarif")
    assert "sarif" not in formats(Report)
    with pytest.raises(LookupError, match="no report format `html`; choose one of text, github"):
        render("html", service[1])


@pytest.mark.parametrize("name", ["text", "github", "json", "junit", "sarif"])
def test_every_format_of_a_service_ends_with_one_newline(
    name: str, service: tuple[str, ServiceReport]
) -> None:
    text = render(name, service[1], rules=RULES)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@pytest.mark.parametrize("name", ["text", "json", "html", "junit"])
def test_every_format_ends_with_one_newline(name: str, example: tuple[str, Report]) -> None:
    text = render(name, example[1], width=80, colour=False, ascii=False)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
