"""The faults of a folder that show before anything runs, so that one root cause is not forty failed tests."""

from __future__ import annotations

import ast
import io
import tokenize
import warnings
from pathlib import Path

from checker.models.report import Fault, FaultKind
from checker.submission.snapshot import Snapshot, shown


def find_syntax_fault(snapshot: Snapshot, *, under: str = "app") -> Fault | None:
    """The first file of `under` that Python cannot read, with the line; None where all of them can be."""
    for name in snapshot.python_files_in(under):
        fault = _read(snapshot.folder, name)
        if fault is not None:
            return fault
    return None


def find_unread_source(snapshot: Snapshot, *, under: str = "app") -> Fault | None:
    """The first Python file of `under` that is not in the copy: the likely cause where an import fails."""
    for left in snapshot.left_out:
        if left.path.startswith(f"{under}/") and left.path.endswith(".py"):
            return Fault(
                kind=FaultKind.IMPORT,
                message=f"`{left.path}` {left.reason}, so the app was graded without it.",
                path=left.path,
            )
    return None


def _read(folder: Path, name: str) -> Fault | None:
    try:
        source = (folder / name).read_bytes()
    except OSError as error:
        return _fault(name, None, f"cannot be read ({(error.strerror or 'unknown reason').lower()})")
    if b"\0" in source:
        line = source[: source.index(b"\0")].count(b"\n") + 1
        return _fault(name, line, "holds a null byte, which no Python file may; save it again as UTF-8 text")
    return _undecodable(name, source) or _unparsable(name, source)


def _undecodable(name: str, source: bytes) -> Fault | None:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    except SyntaxError as error:
        # Either the first two lines are no UTF-8, or they name an encoding that Python does not know.
        try:
            source.decode()
        except UnicodeDecodeError as wrong:
            return _not_utf8(name, source, wrong)
        return _fault(
            name, 1, f"cannot be decoded ({error.msg}); save it as UTF-8 without an encoding comment"
        )
    try:
        source.decode(encoding)
    except UnicodeDecodeError as wrong:
        return _not_utf8(name, source, wrong)
    except LookupError:
        return _fault(name, 1, f"names `{encoding}`, which is no text encoding; save it as UTF-8")
    return None


def _not_utf8(name: str, source: bytes, wrong: UnicodeDecodeError) -> Fault:
    line = source[: wrong.start].count(b"\n") + 1
    return _fault(
        name,
        line,
        f"is not {wrong.encoding.upper()} text (byte 0x{source[wrong.start]:02x}); save it as UTF-8 in your editor",
    )


def _unparsable(name: str, source: bytes) -> Fault | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(source, filename=name)
    except SyntaxError as error:
        text = (error.msg or "invalid syntax").rstrip(".")
        return _fault(name, error.lineno, f"is not valid Python: {text}")
    except (RecursionError, MemoryError):
        return _fault(
            name, None, "is nested too deeply for Python to read; break the expression into smaller ones"
        )
    except ValueError as error:
        return _fault(name, None, f"is not valid Python: {error}")
    return None


def _fault(name: str, line: int | None, what: str) -> Fault:
    place = f"`{shown(name)}`, line {line}," if line else f"`{shown(name)}`"
    return Fault(
        kind=FaultKind.SYNTAX,
        message=f"{place} {what}. Nothing else can be graded before Python can read this file.",
        path=shown(name),
        line=line,
    )
