"""Imported by the service, but written for the command."""

import threading
from typing import Any

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



async def connect(url: str = "") -> str:
    """For people who import the package; nothing that serves calls it."""
    return await _sign_in(url)


async def _sign_in(url: str) -> str:
    print("signing in")  # silent: only that function leads here
    await _wait_for(url)
    return url


async def _wait_for(url: str) -> None:
    print("waiting for", url)  # silent


def show_screens(process: Any) -> None:
    _relay(process)


def _relay(process: Any) -> None:
    def read() -> None:
        for line in process.stdout:
            print(line)  # silent: the thread is started for who shows screens

    threading.Thread(target=read, daemon=True).start()


def follow(process: Any) -> None:
    def read_on() -> None:
        for line in process.stdout:
            print(line)  # expect: print-in-service

    threading.Thread(target=read_on, daemon=True).start()


class Counter:
    def __init__(self) -> None:
        self.cores = _count_cores()


def _count_cores() -> int:
    print("counting cores")  # expect: print-in-service
    return 2


COUNTERS = {"cores": Counter}
