"""Imported by the service, but written for the command."""

from sqlalchemy import event


class Report:
    def show(self) -> None:
        print("| a | b |")  # silent: only the command shows reports
        self._foot()

    def _foot(self) -> None:
        print("| - | - |")  # silent

    def count(self) -> int:
        print("counted")  # expect: print-in-service
        return 2


def only_for_tests() -> None:
    print("nothing that serves calls it")  # silent


def describe(report: Report) -> None:
    print("| a |")  # silent: the client beside the service shows it
    _line()


def _line() -> None:
    print("| - |")  # silent


def keep(line: str) -> None:
    print("lost", line)  # silent: a handler of logging keeps its lines here


@event.listens_for(Report, "load")
def loaded(report: Report) -> None:
    print("loaded")  # expect: print-in-service


def print_logo() -> None:
    print("/-\\")  # silent: drawn once at the start

