"""The commands of `check dev`, their options and what `--help` says."""

from __future__ import annotations

from typing import Annotated

import typer

from checker.cli.options import BookOption

dev = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@dev.callback()
def dev_root(book: BookOption = None) -> None:
    """For authors: verify, begin and build chapters."""


@dev.command("verify")
def verify_command(
    chapters: Annotated[
        list[str] | None, typer.Argument(metavar="CHAPTER", help="By default every chapter.")
    ] = None,
    mutants: Annotated[
        bool, typer.Option("--mutants", help="Measure the mutation score of the hidden suite instead.")
    ] = False,
    together: Annotated[
        bool,
        typer.Option(
            "--together",
            help="Let wrong solutions of different tasks share a grade; one by one where that is unclear.",
        ),
    ] = False,
    book: BookOption = None,
) -> None:
    """Prove that chapters keep the authors' contract.

    \b
    check dev verify
    check dev verify chapter-4 --mutants
    """
    from checker.cli.authors import verify

    raise typer.Exit(verify(book, chapters or [], mutants=mutants, together=together))


@dev.command("new")
def new_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="`chapter-05-security`, or the words alone.")],
    book: BookOption = None,
) -> None:
    """Begin a chapter with every file that it needs.

    \b
    check dev new chapter-05-security
    """
    from checker.cli.authors import new

    raise typer.Exit(new(book, name))


@dev.command("build")
def build_command(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 where a generated file is stale.")
    ] = False,
    book: BookOption = None,
) -> None:
    """Build the generated files: notebooks and task sheets.

    \b
    check dev build
    check dev build --check
    """
    from checker.cli.authors import build

    raise typer.Exit(build(book, check=check))
