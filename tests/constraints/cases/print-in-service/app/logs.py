import argparse
import logging
import logging.config
import sys

from app import reports


class Terminal(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        print(self.format(record))  # silent: this is the log

    def flush(self) -> None:
        reports.keep("x")


def configure(level: str) -> None:
    if not hasattr(logging, level):
        print("no such level", file=sys.stderr)  # silent: logging is not set up yet
        print("no such level")  # expect: print-in-service
    logging.config.dictConfig({"version": 1})


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--version", action="store_true")
    found, _ = parser.parse_known_args(arguments)
    if found.version:
        print("1.0")  # silent: an answer on the command line
    return found


configure("INFO")
