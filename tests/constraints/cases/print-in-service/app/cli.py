import click


@click.group()
def cli() -> None: ...


@cli.command()
def report() -> None:
    print(count())  # silent: a command
    click.echo("done")  # silent
    table()


def table() -> None:
    print("| a | b |")  # silent: only the command runs it


def count() -> int:
    print("counting")  # expect: print-in-service
    return 1
