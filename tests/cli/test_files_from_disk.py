"""Whatever stands in the files that `check` reads beside a submission ends as a value or as a sentence of ours."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from checker.cli.settings import Settings, find_settings
from checker.errors import CheckerError, UsageError
from checker.grade.baseline import Baseline, Entry, baseline_text, read_baseline
from checker.keeping import Record, read_record
from checker.keeping.change import complete_pending
from checker.progress import Progress, ProgressStore, Workspace, hint_opened

FUZZ = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
SHA = "0" * 64
PROGRESS = {
    "version": 1,
    "chapters": {
        "chapter-01": {
            "best_score": 50.0,
            "passed_at": None,
            "tasks": {"1.1": "2026-11-26T10:00:00"},
            "hints": {"1.1": 2},
            "attempts": 3,
            "last": {"at": "2026-11-26T10:00:00", "score": 50, "failure": {"task": "1.1"}},
        }
    },
}
RECORD = {"version": 2, "checker": "1", "files": {"exercises/a/b.py": {"sha256": SHA, "content": "1+a"}}}
JOURNAL = {
    "version": 1,
    "swaps": [{"path": "exercises/a", "source": ".workbook/change/new/exercises/a", "keep_as": ""}],
    "removals": [{"path": "exercises/b", "expect": SHA}],
    "lays": [{"path": "lessons/c", "source": ".workbook/change/new/c", "sha256": SHA, "expect": None}],
    "laid": {"exercises/a/b.py": SHA},
    "gone": ["x"],
    "content": "1",
}
BASELINE = json.loads(baseline_text([Entry(path="a.py", rule="r", key="k:1", running=True)]))
SETTINGS = ["app", "static", "env-file", "select", "ignore", "exclude", "baseline", "fail-on", "x"]

values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**30), 10**30),
        st.floats(),
        st.text(max_size=8),
        st.sampled_from(["../x", "/etc/passwd", "C:\\x", "a\0b", "", SHA, "exercises/a"]),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def changed(draw: st.DrawFn, document: dict[str, Any]) -> bytes:
    """The document with one value in it replaced or removed, cut off, with other bytes in it, or something else."""
    kind = draw(st.sampled_from(["value", "value", "cut", "bytes", "other"]))
    content = json.dumps(document).encode()
    if kind == "other":
        return json.dumps(draw(values)).encode() if draw(st.booleans()) else draw(st.binary(max_size=60))
    if kind == "cut":
        return content[: draw(st.integers(0, len(content)))]
    if kind == "bytes":
        at = draw(st.integers(0, len(content)))
        return content[:at] + draw(st.binary(max_size=6)) + content[at + draw(st.integers(0, 9)) :]
    found = json.loads(content)
    holder = found
    while True:
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        key = draw(st.sampled_from(keys))
        below = holder[key]
        if isinstance(below, dict | list) and below and draw(st.booleans()):
            holder = below
            continue
        if draw(st.booleans()):
            holder[key] = draw(values)
        else:
            del holder[key]
        return json.dumps(found).encode()


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@FUZZ
@given(content=changed(PROGRESS))
@example(content=b"\xff")
@example(content=b"[" * 100_000)
@example(content=json.dumps({"version": 10**40}).encode())
@example(content=b'{"version": 1, "chapters": {"\\ud800": {}}}')
def test_any_progress_file_is_read_and_never_overwritten_unread(content: bytes, folder: Path) -> None:
    said: list[str] = []
    state = Path(tempfile.mkdtemp(dir=folder))
    (state / "progress.json").write_bytes(content)
    store = ProgressStore(state, said.append)
    read, problem = store.read(), store.problem()
    assert isinstance(read, Progress)
    assert bool(problem) == bool(said)
    after = store.update(lambda progress: hint_opened(progress, "chapter-09", "9.1"))
    assert after.chapter("chapter-09").hints["9.1"] >= 1
    if problem is not None:
        assert any(path.read_bytes() == content for path in state.iterdir() if "progress.json" in path.name)
    else:
        assert ProgressStore(state, said.append).read() == after


@FUZZ
@given(content=changed(RECORD))
@example(content=b"\xff")
@example(content=b"[" * 100_000)
@example(content=b'{"version": 1e400, "files": {}}')
@example(content=b'{"version": ' + b"9" * 5000 + b"}")
@example(content=b'{"version": 2, "files": {"\\ud800": {"sha256": "' + SHA.encode() + b'"}}}')
def test_any_workspace_record_is_taken_or_says_nothing(content: bytes, folder: Path) -> None:
    (folder / "workspace.json").write_bytes(content)
    try:
        record, trouble = read_record(folder)
    except CheckerError as error:
        assert "newer version" in str(error)
        return
    assert trouble == "" or record == Record()
    assert all(not name.startswith(("/", "../")) and "\0" not in name for name in record.files)


@FUZZ
@given(content=changed(JOURNAL))
@example(content=b"[" * 100_000)
@example(content=b'{"version": 1, "gone": ["\\ud800"]}')
def test_any_journal_is_done_or_set_aside_and_touches_nothing_outside(content: bytes, folder: Path) -> None:
    root = Path(tempfile.mkdtemp(dir=folder))
    change = root / "own" / ".workbook" / "change"
    change.mkdir(parents=True)
    (root / "x").write_bytes(b"outside")
    (root / "own" / "exercises").mkdir()
    (root / "own" / "exercises" / "b").write_bytes(b"mine")
    (change / "journal.json").write_bytes(content)
    complete_pending(Workspace(root=root / "own"))
    assert not change.exists()
    assert (root / "x").read_bytes() == b"outside"
    assert [path.read_bytes() for path in (root / "own").rglob("b")] == [b"mine"]


@FUZZ
@given(content=changed(BASELINE))
@example(content=b"[" * 100_000)
@example(content=b"\xff")
def test_any_baseline_is_taken_or_refused_with_the_remedy(content: bytes, folder: Path) -> None:
    (folder / "base.json").write_bytes(content)
    try:
        read = read_baseline(folder / "base.json", "base.json")
    except UsageError as error:
        assert "`base.json`" in str(error)
        assert "--write-baseline" in str(error)
    else:
        assert isinstance(read, Baseline)
        assert baseline_text(read.entries)


def toml(value: Any) -> str:
    """A value in TOML; what it cannot say becomes text."""
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
        case list():
            return "[" + ", ".join(map(toml, value)) + "]"
        case dict():
            return "{" + ", ".join(f"{toml(str(key))} = {toml(one)}" for key, one in value.items()) + "}"
        case _:
            text = "".join(
                one if one.isascii() and one.isalnum() else f"\\U{ord(one):08x}" for one in str(value)
            )
            return f'"{text}"'


tables = st.dictionaries(st.sampled_from(SETTINGS) | st.text(max_size=6), values, max_size=3).map(
    lambda table: "[tool.check]\n" + "".join(f"{toml(key)} = {toml(one)}\n" for key, one in table.items())
)


@FUZZ
@given(
    content=st.one_of(
        tables.map(str.encode),
        st.binary(max_size=40).map(lambda one: b"[tool.check]\n" + one),
        values.map(lambda one: f"tool = {toml(one)}\n".encode()),
        values.map(lambda one: f"[tool]\ncheck = {toml(one)}\n".encode()),
    )
)
@example(content=b"[tool.check]\nselect = " + b"[" * 5000)
@example(content=b"[tool.check]\nfail-on = []")
@example(content=b"[tool.check]\nx = " + b"9" * 5000)
def test_any_settings_are_taken_or_refused_with_file_and_key(content: bytes, folder: Path) -> None:
    (folder / ".git").mkdir(exist_ok=True)
    (folder / "pyproject.toml").write_bytes(content)
    try:
        assert isinstance(find_settings(folder), Settings)
    except UsageError as error:
        assert "pyproject.toml`" in str(error)
        assert "Traceback" not in str(error)
