"""Lines of a fixed width with hanging indents and styles: what the text report is set with."""

from __future__ import annotations

import re
from io import StringIO

from rich.console import Console
from rich.text import Text

from checker.report._plain import clean

_CODE = re.compile(r"`[^`\n]+`")
_CODE_STYLE = "cyan"
# Stands for a space inside a short piece of code until lines are broken: a command is copied whole.
_UNBROKEN = "\ue000"
_LONGEST_UNBROKEN = 36
_NARROWEST = 40
_LEAST_ROOM = 10
# Longer lines are harder to read, however wide the terminal is.
_WIDEST = 110
_SYMBOLS = str.maketrans(
    {
        "✓": "+",
        "✗": "x",
        "·": "-",
        "–": "-",
        "—": "-",
        "…": "...",
        "‘": "'",
        "’": "'",
        "“": '"',
        "”": '"',
        "→": "->",
        "×": "x",
        "≥": ">=",
        "≤": "<=",
    }
)


class Page:
    """Collects lines; `text()` gives them, coloured or not, with the same words."""

    def __init__(self, *, width: int, ascii: bool) -> None:
        self.width = min(max(width, _NARROWEST), _WIDEST)
        self._ascii = ascii
        self._lines: list[Text] = []
        self._file = StringIO()

    def __len__(self) -> int:
        return len(self._lines)

    def extend(self, other: Page) -> None:
        """Take over the lines of another page of the same width."""
        self._lines += other._lines

    def cut(self, most: int) -> None:
        """Keep no more lines than that; the last of them then says that there were more."""
        if len(self._lines) > max(most, 1):
            self._lines = [*self._lines[: max(most - 1, 0)], Text(self._in_charset("  …"), "bright_black")]

    def blank(self) -> None:
        """One empty line, never two in a row."""
        if self._lines and self._lines[-1].plain:
            self._lines.append(Text())

    def heading(self, words: str) -> None:
        """The first line of a section, with room above it."""
        self.blank()
        self.add(words, style="bold")

    def add(
        self,
        body: str,
        *,
        label: str = "",
        indent: int = 0,
        column: int = 0,
        right: str = "",
        style: str = "",
        label_style: str = "",
        right_style: str = "",
    ) -> None:
        """A paragraph, wrapped to the width.

        `label` stands before its first line, `right` at that line's end; the text begins `column` columns after
        the label does. Code in backticks is coloured.
        """
        lead = Text(" " * indent) + Text(self._in_charset(label), label_style)
        lead.truncate(self.width // 2, overflow="ellipsis" if not self._ascii else "crop")
        lead.append(" " * max(indent + column - lead.cell_len, 1 if label else 0))
        end = Text(self._in_charset(right), right_style)
        end.truncate(
            max(self.width - lead.cell_len - 2 - _LEAST_ROOM, 0),
            overflow="ellipsis" if not self._ascii else "crop",
        )
        room = self.width - lead.cell_len - (end.cell_len + 2 if right else 0)
        for number, line in enumerate(self._wrap(self._styled(body, style), max(room, _LEAST_ROOM))):
            if number:
                self._lines.append(Text(" " * lead.cell_len) + line)
            elif right:
                gap = self.width - lead.cell_len - line.cell_len - end.cell_len
                self._lines.append(lead + line + Text(" " * max(gap, 1)) + end)
            else:
                self._lines.append(lead + line)

    def raw(self, words: str, *, label: str, column: int, indent: int, style: str = "") -> None:
        """Words that are never broken, below their label where they do not fit beside it.

        A broken address cannot be followed.
        """
        lead = Text(" " * indent) + Text(self._in_charset(label), "bold")
        body = Text(self._in_charset(words), style)
        if indent + column + body.cell_len > self.width:
            self._lines += [lead, Text(" " * indent) + body]
        else:
            self._lines.append(lead + Text(" " * (indent + column - lead.cell_len)) + body)

    def text(self, *, colour: bool) -> str:
        """All lines, ending with a newline; without `colour` there is no control character but newlines."""
        console = self._console(colour)
        for line in self._lines:
            line.rstrip()
            console.print(line, no_wrap=True, overflow="ignore", crop=False)
        return "\n".join(line.rstrip() for line in self._file.getvalue().split("\n")).rstrip("\n") + "\n"

    def _console(self, colour: bool) -> Console:
        # Everything is stated, so that no variable of the environment changes what is written.
        return Console(
            file=self._file,
            width=self.width,
            height=100,
            color_system="standard" if colour else None,
            force_terminal=colour,
            no_color=not colour,
            legacy_windows=False,
            markup=False,
            emoji=False,
            highlight=False,
            _environ={},
        )

    def _wrap(self, words: Text, width: int) -> list[Text]:
        lines = list(words.wrap(self._console(False), width, overflow="fold")) or [Text()]
        for line in lines:
            line.plain = line.plain.replace(_UNBROKEN, " ")
        return lines

    def _styled(self, words: str, style: str) -> Text:
        words = self._in_charset(words)
        styled = Text(_CODE.sub(_hold_together, words), style)
        if not style:
            for found in _CODE.finditer(words):
                styled.stylize(_CODE_STYLE, *found.span())
        return styled

    def _in_charset(self, words: str) -> str:
        # The last gate: whatever a section forgot to clean, no control character reaches the page.
        words = clean(words).replace("\n", " ")
        if not self._ascii or words.isascii():
            return words
        return words.translate(_SYMBOLS).encode("ascii", "backslashreplace").decode()


def _hold_together(code: re.Match[str]) -> str:
    return code[0] if len(code[0]) > _LONGEST_UNBROKEN else code[0].replace(" ", _UNBROKEN)
