"""From bytes to a syntax tree: the one place that decides whether a file can be read as Python.

A newer grammar than the running Python's would be added to `parse_file`; nothing else knows how a tree is made.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from dataclasses import dataclass
from pathlib import Path

from checker.source.model import FlexComment, Unreadable

MAX_FILE_BYTES = 2_000_000
FLEX = re.compile(r"#\s*check:\s*flex\s+([HS]\d+)\b[\s:,]*(?:--|—|–|-)?\s*(.*)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFile:
    """A tree with the text that it came from."""

    tree: ast.Module
    lines: tuple[str, ...]
    flexes: tuple[FlexComment, ...]


def parse_file(path: Path, shown: str) -> ParsedFile | Unreadable:
    """Read and parse one file; `shown` is the path that a reader sees."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            limit = f"{MAX_FILE_BYTES // 1_000_000} MB"
            return _unreadable(
                shown, None, f"`{shown}` is larger than {limit}, so it was not read. Split it."
            )
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return _unreadable(shown, None, f"`{shown}` cannot be opened ({reason}). Check its permissions.")
    return parse_text(content, shown)


def parse_text(content: bytes, shown: str) -> ParsedFile | Unreadable:
    """Parse a file's bytes."""
    if b"\0" in content:
        line = content[: content.index(b"\0")].count(b"\n") + 1
        return _unreadable(
            shown, line, f"`{shown}` holds null bytes, so it is not Python source. Save it as text."
        )
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        text = content.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        line = content[: error.start].count(b"\n") + 1 if isinstance(error, UnicodeDecodeError) else 1
        return _unreadable(shown, line, f"`{shown}` is not UTF-8 text (line {line}). Save it as UTF-8.")
    try:
        with warnings.catch_warnings():
            # A learner's invalid escape sequence is not the checker's warning.
            warnings.simplefilter("ignore")
            tree = ast.parse(content, filename=shown)
    except SyntaxError as error:
        where = f"line {error.lineno}" if error.lineno else "some line"
        return _unreadable(
            shown, error.lineno, f"`{shown}` is not valid Python at {where}: {error.msg}. Mend that first."
        )
    except (RecursionError, MemoryError, ValueError):
        return _unreadable(shown, None, f"`{shown}` is nested too deeply to be read. Split the expression.")
    lines = tuple(text.splitlines())
    return ParsedFile(tree=tree, lines=lines, flexes=_flex_comments(text) if "check:" in text else ())


def _unreadable(shown: str, line: int | None, sentence: str) -> Unreadable:
    return Unreadable(path=shown, line=line, sentence=sentence)


def _flex_comments(text: str) -> tuple[FlexComment, ...]:
    found: list[FlexComment] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT and (match := FLEX.search(token.string)):
                reason = match.group(2).strip()
                found.append(FlexComment(line=token.start[0], constraint=match.group(1), reason=reason))
    except (tokenize.TokenError, SyntaxError):
        # The tree was made, so what is left over is an oddity after the last statement.
        return tuple(found)
    return tuple(found)
