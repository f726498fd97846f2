"""Blanks the comments that switch type checking off, so that a checker sees the code as it is."""

from __future__ import annotations

import io
import re
import tokenize

# What mypy itself honours: `# type: ignore`, also behind another comment on the line, and `# mypy: option`.
_SWITCH = re.compile(r"#\s*(?:type:\s*ignore\b|mypy:)")


def blank_suppressions(source: bytes) -> tuple[bytes, int]:
    """The source with such comments cut off, every line and column where it was; and how many there were.

    Source that cannot be tokenized is returned as it is: it is not Python, and the checker says so.
    """
    if b"type:" not in source and b"mypy:" not in source:
        return source, 0
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        lines = io.StringIO(source.decode(encoding), newline="").readlines()
        comments = [
            token
            for token in tokenize.generate_tokens(iter(lines).__next__)
            if token.type == tokenize.COMMENT
        ]
    except (SyntaxError, tokenize.TokenError, UnicodeDecodeError, LookupError, RecursionError):
        return source, 0
    cut = 0
    for comment in comments:
        if found := _SWITCH.search(comment.string):
            row, column = comment.start
            line = lines[row - 1]
            end = len(line.rstrip("\r\n"))
            # Only what stands behind the comment's start goes, and nothing of the program can stand there.
            lines[row - 1] = line[: column + found.start()].rstrip() + line[end:]
            cut += 1
    return "".join(lines).encode(encoding), cut
