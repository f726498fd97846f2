"""From bytes to a syntax tree: the one place that decides whether a file can be read as Python.

The running Python's own parser comes first; what it refuses is tried as newer grammar. All trees are as Python 3.11 makes
them, whichever Python runs, so that nothing else has to know a newer one.
"""

from __future__ import annotations

import ast
import codecs
import io
import os
import re
import stat
import tokenize
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from checker.source.model import FlexComment, Unreadable

MAX_FILE_BYTES = 8_000_000
MAX_FILE_MARKS = 500_000
"""A tree takes up to 1.1 KB for each of these signs while it is made: about 550 MB."""
_MARKS = b",.=([{\n:+-*/%@"
FLEX = re.compile(r"#\s*check:\s*flex\s+([HS]\d+)\b[\s:,]*(?:--|—|–|-)?\s*(.*)$")
_TYPE_ALIAS = re.compile(r"\btype\s+\w+\s*[=\[]")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFile:
    """A tree with the text that it came from."""

    tree: ast.Module
    lines: tuple[str, ...]
    flexes: tuple[FlexComment, ...]
    size: int = 0
    """In bytes."""


def parse_file(path: Path, shown: str) -> ParsedFile | Unreadable:
    """Read and parse one file; `shown` is the path that a reader sees."""
    try:
        content = _read(path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return _unreadable(shown, None, f"`{shown}` cannot be opened ({reason}), so it was not read.")
    if content is None:
        return _unreadable(shown, None, f"`{shown}` is no ordinary file, so it was not read.")
    return parse_text(content, shown)


def _read(path: Path) -> bytes | None:
    """The first bytes of an ordinary file, one more than the limit where there are more; None for anything else."""
    # Without waiting: a pipe may stand where a moment ago a file was.
    flags = (
        os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    )
    descriptor = os.open(path, flags)
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        return file.read(MAX_FILE_BYTES + 1)


def parse_text(content: bytes, shown: str) -> ParsedFile | Unreadable:
    """Parse a file's bytes."""
    if len(content) > MAX_FILE_BYTES:
        limit = f"{MAX_FILE_BYTES // 1_000_000} MB"
        return _unreadable(shown, None, f"`{shown}` is larger than {limit}, so it was not read. Split it.")
    if len(content) - len(content.translate(None, _MARKS)) > MAX_FILE_MARKS:
        count = content.count(b"\n") + 1
        return _unreadable(
            shown,
            None,
            f"`{shown}` holds too much code for one file ({count} lines), so it was not read. Split it.",
        )
    text = _decoded(content, shown)
    if isinstance(text, Unreadable):
        return text
    try:
        tree = _tree(text)
    except SyntaxError as error:
        where = f"line {error.lineno}" if error.lineno else "some line"
        return _unreadable(
            shown, error.lineno, f"`{shown}` is not valid Python at {where}: {error.msg}. Mend that first."
        )
    except (RecursionError, MemoryError):
        return _unreadable(shown, None, f"`{shown}` is nested too deeply to be read. Split the expression.")
    # Not `splitlines`, which also ends a line at a form feed.
    lines = tuple(text.removesuffix("\n").split("\n")) if text else ()
    flexes = tuple(_flex_comments(text)) if "check:" in text else ()
    return ParsedFile(tree=tree, lines=lines, flexes=flexes, size=len(content))


def _decoded(content: bytes, shown: str) -> str | Unreadable:
    """The text with `\\n` at the end of its lines."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _unreadable(shown, 1, f"`{shown}` is not UTF-8 text (line 1). Save it as UTF-8.")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        text = content.decode(encoding)
        text.encode()
    except (SyntaxError, ValueError, LookupError) as error:
        line = content[: error.start].count(b"\n") + 1 if isinstance(error, UnicodeDecodeError) else 1
        return _unreadable(shown, line, f"`{shown}` is not UTF-8 text (line {line}). Save it as UTF-8.")
    text = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        return _unreadable(
            shown, line, f"`{shown}` holds null bytes, so it is not Python source. Save it as text."
        )
    return text


def _tree(text: str) -> ast.Module:
    """The tree of a text, whichever Python it is written for."""
    with warnings.catch_warnings():
        # A learner's invalid escape sequence is not the checker's warning.
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(text)
        except SyntaxError as refusal:
            return _newer_tree(text, refusal)
    if hasattr(ast, "TypeAlias") and _TYPE_ALIAS.search(text):
        from checker.source.newer_grammar import aliases_as_assignments

        aliases_as_assignments(tree)
    return tree


def _newer_tree(text: str, refusal: SyntaxError) -> ast.Module:
    # Few code bases need it, and it brings parsers of its own.
    from checker.source.newer_grammar import parse_newer

    try:
        return parse_newer(text)
    except SyntaxError as error:
        # The older parser stops at newer grammar; what no Python reads stands further down.
        raise (error if (error.lineno or 0) > (refusal.lineno or 0) else refusal) from None


def _unreadable(shown: str, line: int | None, sentence: str) -> Unreadable:
    return Unreadable(path=shown, line=line, sentence=sentence)


def _flex_comments(text: str) -> Iterator[FlexComment]:
    import pytokens

    from checker.source.tokens import CANNOT_TOKENIZE

    try:
        for token in pytokens.tokenize(text):
            if token.type is pytokens.TokenType.comment and (
                match := FLEX.search(text, token.start_index, token.end_index)
            ):
                yield FlexComment(
                    line=token.start_line, constraint=match.group(1), reason=match.group(2).strip()
                )
    except CANNOT_TOKENIZE:
        # The tree was made, so what is left over is an oddity after the last statement.
        return
