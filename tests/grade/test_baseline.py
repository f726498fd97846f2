"""A baseline knows findings again: when lines move, not when they change."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from checker.errors import UsageError
from checker.grade.baseline import (
    VERSION,
    Baseline,
    Entry,
    baseline_text,
    finding_keys,
    read_baseline,
    stale_entries,
)
from checker.models.report import Finding
from checker.source import Project, read_project


def finding(
    line: int | None, *, path: str | None = "main.py", rule: str = "a-rule", message: str = "No."
) -> Finding:
    return Finding(
        rule=rule, constraint="H1", path=path, line=line, column=0, message=message, help="", docs=""
    )


@pytest.fixture
def project(tmp_path: Path) -> Callable[[str], Project]:
    def make(text: str) -> Project:
        (tmp_path / "main.py").write_text(text)
        return read_project(tmp_path)

    return make


def test_a_key_survives_lines_above_and_other_indentation(project: Callable[[str], Project]) -> None:
    before = finding_keys([finding(1)], project("sleep(1)\n"))
    after = finding_keys([finding(4)], project("import x\n\nif x:\n    sleep( 1 )\n"))
    assert before == after


def test_a_key_changes_with_the_line_the_rule_and_the_path(project: Callable[[str], Project]) -> None:
    read = project("sleep(1)\nsleep(2)\n")
    keys = finding_keys(
        [finding(1), finding(2), finding(1, rule="b-rule"), finding(1, path="other.py")], read
    )
    assert len(set(keys)) == 4


def test_equal_lines_are_counted(project: Callable[[str], Project]) -> None:
    read = project("sleep(1)\nsleep(1)\n")
    first, second = finding_keys([finding(1), finding(2)], read)
    assert first.endswith(":1")
    assert second.endswith(":2")
    assert first[:-2] == second[:-2]


def test_a_finding_without_a_place_is_known_by_what_it_says(project: Callable[[str], Project]) -> None:
    read = project("")
    nowhere = finding_keys([finding(None, path=None), finding(None, path=None, message="Other.")], read)
    assert len(set(nowhere)) == 2
    assert finding_keys([finding(99)], read) == finding_keys([finding(98)], read)


def test_the_text_of_a_line_is_not_in_the_file(project: Callable[[str], Project]) -> None:
    (key,) = finding_keys([finding(1)], project("password = 'hunter2'\n"))
    text = baseline_text([Entry(path="main.py", rule="a-rule", key=key)])
    assert "hunter2" not in text


def test_a_file_is_sorted_one_finding_a_line_and_read_back(tmp_path: Path) -> None:
    entries = (
        Entry(path="b.py", rule="r", key="2:1"),
        Entry(path="a.py", rule="r", key="1:1", running=True),
        Entry(path="b.py", rule="r", key="2:1"),
    )
    file = tmp_path / "check-baseline.json"
    file.write_text(baseline_text(entries), encoding="utf-8")
    read = read_baseline(file, "check-baseline.json")
    assert read.entries == (entries[1], entries[0])
    lines = file.read_text().splitlines()
    assert [line for line in lines if '"path"' in line] == [
        '    {"path": "a.py", "rule": "r", "key": "1:1", "running": true},',
        '    {"path": "b.py", "rule": "r", "key": "2:1"}',
    ]
    assert json.loads(baseline_text([]))["findings"] == []


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is not a baseline"),
        (b"\xff\xfe", "is not a baseline"),
        (b"[" * 100_000, "is not a baseline"),
        (b'{"version": 1, "findings": []}', "is not a baseline"),
        (b'{"format": "other", "version": 1, "findings": []}', "another kind"),
        (b'{"format": "check-baseline", "version": 1, "findings": [{"path": 1}]}', "is not a baseline"),
        (
            f'{{"format": "check-baseline", "version": {VERSION + 1}, "findings": [], "checker": "9.0"}}'.encode(),
            "later version of `check` (9.0)",
        ),
    ],
    ids=["empty", "bytes", "deep", "no-format", "foreign", "wrong-type", "later"],
)
def test_what_is_no_baseline_is_refused_with_the_remedy(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "base.json"
    file.write_bytes(content)
    with pytest.raises(UsageError) as caught:
        read_baseline(file, "base.json")
    assert says in str(caught.value)
    assert "--write-baseline" in str(caught.value)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no baseline `x\.json`; make it with"):
        read_baseline(tmp_path / "x.json", "x.json")
    with pytest.raises(UsageError, match="cannot be read"):
        read_baseline(tmp_path, ".")


def test_only_what_was_looked_at_can_be_stale() -> None:
    seen, gone, elsewhere = (Entry(path=f"{n}.py", rule="r", key="1:1") for n in "abc")
    baseline = Baseline(shown="b.json", entries=(seen, gone, elsewhere))
    assert stale_entries(baseline, [seen], lambda entry: entry is not elsewhere) == (gone,)
