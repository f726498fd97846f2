"""`.workbook/workspace.json`: what the workbook laid down, so that an update can tell it from what was edited.

Only what is known to be the workbook's own is ever replaced: a record that is missing or damaged says nothing, so
every file that differs from the book counts as edited. It holds nothing that the next update could not write anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from checker import __version__
from checker.errors import CheckerError
from checker.keeping.standing import is_inside
from checker.progress import write_atomically

FILE = "workspace.json"
VERSION = 2  # 1: the sha256 of each file; 2: with the version of the content that it came from
_LARGEST = 16 * 1024 * 1024

Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
Short = Annotated[str, Meta(max_length=200)]


class Laid(msgspec.Struct, frozen=True, kw_only=True):
    """One file as the workbook laid it down, and the version of the content that it came from."""

    sha256: Sha256
    content: Short = ""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Every file that the workbook laid down, by its name in the workspace."""

    version: int = VERSION
    checker: Short = ""
    files: dict[str, Laid] = msgspec.field(default_factory=dict)

    def sha256(self, name: str) -> str | None:
        """What was laid down at `name`; None where nothing is known of it."""
        laid = self.files.get(name)
        return laid.sha256 if laid is not None else None

    def changed(self, laid: Mapping[str, str], content: str, gone: Iterable[str]) -> Record:
        """The record after files were laid down, name by digest, and others went or became the learner's own."""
        files = {name: one for name, one in self.files.items() if name not in set(gone)}
        for name, sha256 in laid.items():
            one = self.files.get(name)
            # A file that did not change keeps the version that brought it.
            files[name] = one if one and one.sha256 == sha256 else Laid(sha256=sha256, content=content)
        return Record(checker=__version__, files=dict(sorted(files.items())))


def read_record(state: Path) -> tuple[Record, str]:
    """The record of a workspace, and what is wrong with it: empty where nothing is.

    Raises `CheckerError` where a later version of the workbook wrote it.
    """
    path = state / FILE
    try:
        if path.stat().st_size > _LARGEST:
            return Record(), "it is far larger than any such record"
        found = json.loads(path.read_bytes())
        if isinstance(found, dict) and isinstance(version := found.get("version"), int) and version > VERSION:
            raise CheckerError(
                f"`{path}` was written by a newer version of the workbook, so nothing was changed. Update this one "
                "with `pip install --upgrade fastapi-workbook`."
            )
        record = msgspec.convert(_in_today_s_shape(found), type=Record)
    except FileNotFoundError:
        return Record(), "it is missing"
    except OSError as error:
        return Record(), f"it cannot be read ({(error.strerror or str(error)).lower()})"
    except msgspec.ValidationError as error:
        return Record(), f"its content is not what it should be ({error})"
    except (ValueError, RecursionError):
        return Record(), "it is not valid JSON"
    if record.version < 1:
        return Record(), f"there is no version {record.version} of it"
    strange = next((name for name in record.files if not is_inside(name)), None)
    if strange is not None:
        return Record(), "it names a file outside of the workspace"
    return record, ""


def write_record(state: Path, record: Record) -> None:
    """Put the record in its place, whole; raises `OSError`."""
    content = msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n"
    write_atomically(state / FILE, content)


def _in_today_s_shape(found: Any) -> Any:
    if isinstance(found, dict) and found.get("version") == 1 and isinstance(found.get("files"), dict):
        files = {
            name: {"sha256": one} if isinstance(one, str) else one for name, one in found["files"].items()
        }
        return {**found, "version": VERSION, "files": files}
    return found
