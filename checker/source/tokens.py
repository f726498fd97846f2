"""The tokens of a text in the newest grammar, whichever Python runs."""

from __future__ import annotations

from array import array

import pytokens
from pytokens import TokenType

_BETWEEN = frozenset({TokenType.whitespace, TokenType.comment, TokenType.nl})
OPENING = frozenset({TokenType.lparen, TokenType.lbracket, TokenType.lbrace})
CLOSING = frozenset({TokenType.rparen, TokenType.rbracket, TokenType.rbrace})
CANNOT_TOKENIZE = (
    pytokens.TokenizeError,
    pytokens.NotAnIndent,
    pytokens.Underflow,
    AssertionError,
    IndexError,
)
"""What the tokenizer says where it meets something that no Python can read."""


class Tokens:
    """Kinds and offsets of a text's tokens, without what stands between them; kept small, as texts may be large.

    They end with `endmarker`, at the end of the text or at the first place that no Python can read.
    """

    def __init__(self, text: str) -> None:
        self.kinds: list[TokenType] = []
        self.starts = array("q")
        self.ends = array("q")
        self._text = text
        try:
            for token in pytokens.tokenize(text):
                if token.type is TokenType.identifier and token.start_index == token.end_index:
                    # `$` and `?` are no tokens; the tokenizer would find an empty name before them for ever.
                    self._add(TokenType.endmarker, len(text), len(text))
                    break
                if token.type not in _BETWEEN:
                    self._add(token.type, token.start_index, token.end_index)
        except CANNOT_TOKENIZE:
            # The parser comes to the same place and says what is wrong there.
            self._add(TokenType.endmarker, len(text), len(text))

    def _add(self, kind: TokenType, start: int, end: int) -> None:
        self.kinds.append(kind)
        self.starts.append(start)
        self.ends.append(end)

    def word(self, at: int) -> str:
        """The text of a token."""
        return self._text[self.starts[at] : self.ends[at]]

    def depth(self, at: int) -> int:
        """How much deeper in brackets the next token stands: 1, 0 or -1."""
        kind = self.kinds[at]
        return (kind in OPENING) - (kind in CLOSING)
