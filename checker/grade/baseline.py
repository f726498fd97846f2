"""The baseline: findings that were there when `check app` was adopted, so that only new ones fail.

A finding is known by its rule, its path, the text of its line without its spaces, and its number among those that
are equal in all of that. So it stays known when lines move, and is new when its own line changes. The text itself
is hashed: a secret that stands on the line is not copied into a second file.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from checker import __version__
from checker.errors import UsageError
from checker.models.report import Evidence, Finding
from checker.source import Project

FORMAT = "check-baseline"
VERSION = 1  # 1: rule, path, key, and `running` where only the running app shows the finding
_LARGEST = 64 * 1024 * 1024


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One finding that is known."""

    path: str
    rule: str
    key: str
    running: bool = False

    @property
    def identity(self) -> tuple[str, str, str]:
        """What makes two entries the same."""
        return self.path, self.rule, self.key


class _File(msgspec.Struct, frozen=True, kw_only=True):
    format: str
    version: Annotated[int, Meta(ge=1)]
    findings: tuple[Entry, ...]
    checker: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The entries of one file; `shown` is its name as it was given."""

    shown: str
    entries: tuple[Entry, ...]

    @property
    def identities(self) -> frozenset[tuple[str, str, str]]:
        """What the baseline knows, for many questions."""
        return frozenset(entry.identity for entry in self.entries)


def finding_keys(findings: Sequence[Finding], project: Project) -> list[str]:
    """The key of each finding, in their order: `hash:number`."""
    seen: Counter[str] = Counter()
    keys: list[str] = []
    for finding in findings:
        module = project.module_at(finding.path) if finding.path is not None else None
        in_file = module is not None and finding.line is not None and 0 < finding.line <= len(module.lines)
        # A finding without a line is known by what it says.
        text = module.lines[finding.line - 1] if module and finding.line and in_file else finding.message
        parts = (finding.rule, finding.path or "", "".join(text.split()))
        digest = hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:16]
        seen[digest] += 1
        keys.append(f"{digest}:{seen[digest]}")
    return keys


def entry_of(finding: Finding, key: str) -> Entry:
    """What a baseline remembers of a finding."""
    return Entry(
        path=finding.path or "", rule=finding.rule, key=key, running=finding.evidence is Evidence.RUNTIME
    )


def read_baseline(path: Path, shown: str) -> Baseline:
    """The baseline in a file; raises `UsageError` where there is none or the file is something else."""
    try:
        if path.stat().st_size > _LARGEST:
            raise UsageError(
                f"The baseline `{shown}` is larger than 64 MB, so it is not one that `check` wrote."
            )
        content = path.read_bytes()
    except FileNotFoundError:
        raise UsageError(
            f"There is no baseline `{shown}`; make it with `--baseline {shown} --write-baseline`."
        ) from None
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise UsageError(f"The baseline `{shown}` cannot be read: {reason}.") from error
    again = f"Write it anew with `--baseline {shown} --write-baseline`."
    try:
        found = msgspec.json.decode(content, type=_File)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise UsageError(
            f"`{shown}` is not a baseline of `check app`: it is damaged, or another tool's. {again}"
        ) from None
    if found.format != FORMAT:
        raise UsageError(f"`{shown}` is a file of another kind (`{found.format[:40]}`), no baseline. {again}")
    if found.version > VERSION:
        raise UsageError(
            f"The baseline `{shown}` was written by a later version of `check` ({found.checker[:40]}); update this one. "
            f"Or: {again}"
        )
    return Baseline(shown=shown, entries=found.findings)


def baseline_text(entries: Iterable[Entry]) -> str:
    """The file: one finding a line and sorted, so that a merge has little to do."""
    lines = [
        "    " + json.dumps(msgspec.to_builtins(entry), ensure_ascii=False)
        for entry in sorted(set(entries), key=lambda entry: entry.identity)
    ]
    head = f'{{\n  "format": "{FORMAT}",\n  "version": {VERSION},\n  "checker": "{__version__}",\n  "findings": ['
    return head + ("\n" + ",\n".join(lines) + "\n  " if lines else "") + "]\n}\n"


def stale_entries(
    baseline: Baseline, current: Iterable[Entry], was_looked_at: Callable[[Entry], bool]
) -> tuple[Entry, ...]:
    """Entries whose finding is gone; what was not looked at in this run is not called gone."""
    alive = {entry.identity for entry in current}
    return tuple(e for e in baseline.entries if e.identity not in alive and was_looked_at(e))
