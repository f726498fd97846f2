"""What writes the records that a logging library hands on."""

import json
import sys
from typing import Any

import structlog
from loguru import logger


def write_json(message: Any) -> None:
    sys.stdout.write(json.dumps(message.record["message"]) + "\n")  # silent: the sink of the logger


class Sink:
    def write(self, message: str) -> None:
        print(message, end="")  # silent: the logger's own output


def show(logger: Any, name: str, event: dict[str, Any]) -> dict[str, Any]:
    print(event)  # silent: a step of the log itself
    return event


def set_up() -> None:
    logger.add(write_json)
    logger.add(Sink())
    logger.add(lambda message: print(message, end=""))  # silent
    logger.configure(handlers=[{"sink": write_json}])
    structlog.configure(processors=[show])
    print("set up")  # expect: print-in-service
    write_more("x")


def write_more(text: str) -> None:
    sys.stdout.write(text)  # expect: print-in-service


set_up()
