"""The command's reference, read from the Typer app itself, so that it cannot fall behind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Protocol, cast

import typer

_INTRO = """\
One command, `check`. Every line below is what `check COMMAND --help` says.

| exit code | means |
|---|---|
| 0 | passed, or done what was asked |
| 1 | not passed: the graded code |
| 2 | wrong use: an unknown chapter, an option that does not exist |
| 3 | the checker's own fault; it prints one line and the file that holds the details |

With `--format json` the report alone stands on standard output; everything else goes to standard error. Colour
appears only on a terminal, and `NO_COLOR` is honoured. [The report](report.md) describes every field.

Every command takes `--help` and `--book DIR`, which uses the chapters of another folder instead of the
workbook's own.
"""


_EVERYWHERE = {"--help", "--book"}


class Parameter(Protocol):
    """What this page reads of an argument or an option; Click's objects and Typer's own both have it."""

    name: str | None
    opts: list[str]
    secondary_opts: list[str]
    required: bool
    param_type_name: str
    default: Any
    multiple: bool
    nargs: int

    def make_metavar(self, *arguments: Any) -> str: ...


class Command(Protocol):
    """What this page reads of a command or a group."""

    name: str | None
    help: str | None
    hidden: bool
    params: list[Parameter]


def command_page(app: typer.Typer, *, name: str = "check", default: str = "grade") -> str:
    """The Markdown of a reference page: every command with its usage, arguments and options.

    `default` is the command that is meant where none is named; it is shown without its name.
    """
    root = cast(Command, typer.main.get_command(app))
    lines = ["---\ntitle: The command\n---", "# The command", _INTRO.strip()]
    for path, command in _walk(root, name):
        lines.extend(_section(name if path == f"{name} {default}" else path, command))
    return "\n\n".join(lines) + "\n"


def _walk(command: Command, path: str) -> Iterator[tuple[str, Command]]:
    children = cast(dict[str, Command] | None, getattr(command, "commands", None))
    if children is None:
        yield path, command
        return
    for child_name, child in children.items():
        if not child.hidden:
            yield from _walk(child, f"{path} {child_name}")


def _section(path: str, command: Command) -> Iterator[str]:
    arguments = [one for one in command.params if one.param_type_name == "argument" and not _is_hidden(one)]
    options = [
        one
        for one in command.params
        if one.param_type_name == "option" and not _is_hidden(one) and not _EVERYWHERE & set(one.opts)
    ]
    shown = [path, *(_shown(one) for one in arguments if one.required)]
    yield f"## {' '.join(shown)}"
    usage = " ".join([path, *(_shown(one) for one in arguments), *(["[OPTIONS]"] if options else [])])
    summary, example = _texts(command.help or "")
    yield summary
    yield "\n".join(["```console", f"$ {usage}", "```"])
    if arguments or options:
        rows = [*(_row(_shown(one, plain=True), one) for one in arguments)]
        rows += [_row(_flags(one), one) for one in options]
        yield "\n".join(["| | |", "|---|---|", *rows])
    if example and example != [usage]:
        yield "For example:"
        yield "\n".join(["```console", *(f"$ {line}" for line in example), "```"])


def _is_hidden(parameter: Parameter) -> bool:
    return bool(getattr(parameter, "hidden", False))


def _shown(parameter: Parameter, *, plain: bool = False) -> str:
    word = (getattr(parameter, "metavar", None) or parameter.name or "").upper().strip("[]")
    many = "..." if parameter.nargs == -1 else ""
    return f"{word}{many}" if plain or parameter.required else f"[{word}{many}]"


def _flags(parameter: Parameter) -> str:
    names = ", ".join([*parameter.opts, *parameter.secondary_opts])
    if getattr(parameter, "is_flag", False):
        return names
    metavar = getattr(parameter, "metavar", None)
    if metavar is None:
        kind = getattr(parameter, "type", None)
        choices = getattr(kind, "choices", None)
        metavar = (
            "|".join(str(one) for one in choices) if choices else str(getattr(kind, "name", "value")).upper()
        )
    return f"{names} {metavar}"


def _row(word: str, parameter: Parameter) -> str:
    text = _one_line(str(getattr(parameter, "help", None) or ""))
    default = parameter.default
    if isinstance(default, str | int | float) and not isinstance(default, bool) and str(default):
        text = f"{text} Default: `{default}`.".strip()
    return f"| `{word.replace('|', chr(92) + '|')}` | {text.replace('|', chr(92) + '|')} |"


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _texts(text: str) -> tuple[str, list[str]]:
    """Help text as Markdown, and the examples in it: the parts that Click is told not to wrap (`\\b`)."""
    prose: list[str] = []
    examples: list[str] = []
    for part in text.split("\n\n"):
        if part.strip(" \n").startswith("\b"):
            examples.extend(line.strip() for line in part.strip(" \n\b").splitlines() if line.strip())
        elif part.strip():
            prose.append(part.strip())
    return "\n\n".join(prose), examples
