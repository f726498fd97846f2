"""The commands, their options and what `--help` says; each hands over to the module that does the work.

Those modules are imported inside the commands, so that `check --help` and `check list` start quickly.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from checker import __version__
from checker.cli.author_commands import dev
from checker.cli.options import BookOption, ChapterArgument

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def command_names() -> tuple[str, ...]:
    """The names of all commands, as one types them after `check`."""
    named = [one.name for one in app.registered_commands] + [one.name for one in app.registered_groups]
    return tuple(name for name in named if name)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"check {__version__}")
        raise typer.Exit


@app.callback()
def root(
    book: BookOption = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Grade your way through the FastAPI workbook.

    \b
    check start              the first two minutes
    check chapter-1          grade chapter 1, as often as you like
    check watch              grade each time you save
    check hint chapter-1     one hint more for the task you are at
    check next               what to do next
    check app .              the constraints on a service of your own

    Exit codes: 0 passed, 1 not passed, 2 wrong use, 3 the checker's own fault.
    """


@app.command("start")
def start_command(book: BookOption = None) -> None:
    """Begin here: the first grade, and how to go on.

    \b
    check start
    """
    from checker.cli.start import start

    raise typer.Exit(start(book))


@app.command("grade")
def grade_command(
    chapter: ChapterArgument,
    path: Annotated[
        Path | None,
        typer.Argument(metavar="PATH", help="The folder to grade; by default the workspace's own."),
    ] = None,
    task: Annotated[
        str | None, typer.Option("--task", metavar="ID", help="Only this task, as `4.3`.")
    ] = None,
    solution: Annotated[bool, typer.Option("--solution", help="Grade the reference solution.")] = False,
    format: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="`text`, `json`, `html` or `junit`.")
    ] = "text",
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Write the report into FILE.")
    ] = None,
    no_load: Annotated[bool, typer.Option("--no-load", help="Leave out the load test (M4, M5).")] = False,
    seed: Annotated[
        int | None,
        typer.Option("--seed", metavar="N", min=0, max=2**63 - 1, help="Repeat a run's random data."),
    ] = None,
    require_isolation: Annotated[
        str | None,
        typer.Option(
            "--require-isolation",
            metavar="L|H",
            help="Refuse to grade where the submission cannot be kept in so well.",
        ),
    ] = None,
    book: BookOption = None,
) -> None:
    """Grade a chapter; `check chapter-4` is short for it.

    \b
    check chapter-4
    check chapter-4 --task 4.3 --no-load
    check chapter-4 --format html --output report.html
    check chapter-4 submissions/ada --require-isolation L
    """
    from checker.cli.grading import Wanted, grade_chapter

    wanted = Wanted(
        chapter=chapter,
        path=path,
        task=task,
        solution=solution,
        format=format,
        output=output,
        load=not no_load,
        seed=seed,
        require_isolation=require_isolation,
    )
    raise typer.Exit(grade_chapter(book, wanted, commands=command_names()))


@app.command("app")
def app_command(
    path: Annotated[
        Path,
        typer.Argument(metavar="PATH", help="The service's folder, or one file of it. Default: here."),
    ] = Path(),
    target: Annotated[
        str | None,
        typer.Option("--app", metavar="MODULE:ATTR", help="The app to run, as `app.main:app`."),
    ] = None,
    static: Annotated[
        bool | None,
        typer.Option("--static/--no-static", help="Read the source alone; run nothing.", show_default=False),
    ] = None,
    env_file: Annotated[
        Path | None,
        typer.Option("--env-file", metavar="FILE", help="Variables for the app, as in a `.env` file."),
    ] = None,
    select: Annotated[
        list[str] | None,
        typer.Option("--select", metavar="NAMES", help="Only these: `H3,S5`, `H` for all hard, or rules."),
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option("--ignore", metavar="NAMES", help="All but these; names as above.")
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option("--exclude", metavar="GLOB", help="Leave out files and folders; may be repeated."),
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option("--baseline", metavar="FILE", help="Findings that are known already and do not count."),
    ] = None,
    write_baseline: Annotated[
        bool, typer.Option("--write-baseline", help="Put today's findings into the baseline.")
    ] = False,
    fail_on: Annotated[
        str | None,
        typer.Option("--fail-on", metavar="WHAT", help="`all` (as usual), or `hard`: what exits with 1."),
    ] = None,
    format: Annotated[
        str,
        typer.Option("--format", metavar="FORMAT", help="`text`, `json`, `sarif`, `github` or `junit`."),
    ] = "text",
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Write the report into FILE.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Show every finding in full.")] = False,
    book: BookOption = None,
) -> None:
    """Check a FastAPI service of your own against the constraints.

    The source is always read; the app runs too, in a sandbox, where it can be imported. Settings of the same
    names stand in `[tool.check]` of a pyproject.toml.

    \b
    check app .
    check app . --app app.main:app --env-file .env.test
    check app backend --static --select H --format sarif --output check.sarif
    check app . --baseline check-baseline.json --write-baseline

    Exit codes: 0 passed, 1 findings, 2 wrong use, 3 the checker's own fault.
    """
    from checker.cli.service import Wanted, check_app

    wanted = Wanted(
        path=path,
        app=target,
        static=static,
        env_file=env_file,
        select=select or None,
        ignore=ignore or None,
        exclude=exclude or None,
        baseline=baseline,
        write_baseline=write_baseline,
        fail_on=fail_on,
        format=format,
        output=output,
        everything=everything,
    )
    raise typer.Exit(check_app(wanted))


@app.command("watch")
def watch_command(
    chapter: Annotated[
        str | None,
        typer.Argument(metavar="CHAPTER", help="By default the first chapter that is not passed."),
    ] = None,
    poll: Annotated[
        bool, typer.Option("--poll", help="Look at the files instead of waiting for events.")
    ] = False,
    book: BookOption = None,
) -> None:
    """Grade each time you save, the first failure first.

    It goes on with the next task when one passes, and with the next chapter. Ctrl-C ends it.

    \b
    check watch
    check watch chapter-4
    check watch chapter-4 --poll     on a network drive that sends no events
    """
    from checker.cli.watch import watch

    raise typer.Exit(watch(book, chapter, looking=poll))


@app.command("list")
def list_command(book: BookOption = None) -> None:
    """Show all chapters and how far you are.

    \b
    check list
    """
    from checker.cli.guide import show_list

    raise typer.Exit(show_list(book))


@app.command("next")
def next_command(book: BookOption = None) -> None:
    """Say which task comes next and what to type.

    \b
    check next
    """
    from checker.cli.guide import show_next

    raise typer.Exit(show_next(book))


@app.command("hint")
def hint_command(
    chapter: ChapterArgument,
    task: Annotated[
        str | None,
        typer.Argument(metavar="TASK", help="`4.3`; by default the first task that does not pass yet."),
    ] = None,
    book: BookOption = None,
) -> None:
    """Open one hint more for a task.

    The first gives the idea, the second the place, the third part of the code.

    \b
    check hint chapter-4
    check hint chapter-4 4.3
    """
    from checker.cli.guide import show_hint

    raise typer.Exit(show_hint(book, chapter, task))


@app.command("explain")
def explain_command(
    name: Annotated[
        str,
        typer.Argument(metavar="ID", help="A constraint, metric, rule, task or id of the specification."),
    ],
    book: BookOption = None,
) -> None:
    """Explain a constraint, metric, rule, task or topic.

    \b
    check explain H3
    check explain M4
    check explain blocking-sleep-in-async
    check explain 2.4.1
    check explain 4.3
    """
    from checker.cli.explain import explain

    raise typer.Exit(explain(book, name))


@app.command("solution")
def solution_command(
    chapter: ChapterArgument,
    task: Annotated[
        str | None, typer.Option("--task", metavar="ID", help="Only this task, as `4.3`.")
    ] = None,
    give_up: Annotated[
        bool, typer.Option("--give-up", help="Show it although the chapter is not passed.")
    ] = False,
    book: BookOption = None,
) -> None:
    """Compare your files with the reference solution.

    For a chapter that you have passed, or with `--give-up`. Nothing of yours is changed.

    \b
    check solution chapter-4
    check solution chapter-4 --task 4.3 --give-up
    """
    from checker.cli.solution import show_solution

    raise typer.Exit(show_solution(book, chapter, task, give_up=give_up))


@app.command("reset")
def reset_command(chapter: ChapterArgument, book: BookOption = None) -> None:
    """Begin a chapter again; yours is kept as a backup.

    \b
    check reset chapter-4
    """
    from checker.cli.backups import reset

    raise typer.Exit(reset(book, chapter))


@app.command("restore")
def restore_command(
    backup: Annotated[
        str | None, typer.Argument(metavar="BACKUP", help="Its name; without one, all are shown.")
    ] = None,
    book: BookOption = None,
) -> None:
    """Bring back what `reset` or `update --take` has put aside.

    It comes back byte for byte. What stands in its place then becomes a backup itself.

    \b
    check restore
    check restore chapter-04-dependency-injection/2026-11-26-173000
    """
    from checker.cli.backups import restore

    raise typer.Exit(restore(book, backup))


@app.command("init")
def init_command(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A new or empty folder, or a workspace to complete.")
    ],
    book: BookOption = None,
) -> None:
    """Make a workspace of your own: starters and lessons.

    \b
    check init my-workbook
    """
    from checker.cli.folders import init

    raise typer.Exit(init(book, folder))


@app.command("update")
def update_command(
    take: Annotated[
        list[Path] | None,
        typer.Option(
            "--take",
            metavar="FILE",
            help="Take the book's version of this file or folder; yours becomes a backup. May be repeated.",
        ),
    ] = None,
    book: BookOption = None,
) -> None:
    """Bring a workspace to the content of the installed package.

    A file that you have edited or deleted stays as it is; those that the book has another version of are named.

    \b
    check update
    check update --take exercises/chapter-04-dependency-injection/app/deps.py
    """
    from checker.cli.folders import update

    raise typer.Exit(update(book, take or []))


@app.command("doctor")
def doctor_command(book: BookOption = None) -> None:
    """Say what this machine lacks, and how to mend it.

    \b
    check doctor
    """
    from checker.cli.doctor import doctor

    raise typer.Exit(doctor(book))


app.add_typer(dev, name="dev")
