import logging
import logging as events
from logging import getLogger, warning
from typing import Annotated

import structlog
import records
from fastapi import Depends, FastAPI

app = FastAPI()
log = logging.getLogger(__name__)
named = getLogger("app.loans")
root = logging.getLogger()  # expect: root-logger-in-service
configured = logging.getLogger()  # expect: root-logger-in-service
configured.addHandler(logging.StreamHandler())
level_only = getLogger()  # silent: nothing is logged through it
level_only.setLevel(logging.INFO)
structured = structlog.get_logger()


@app.get("/a")
async def through_root() -> None:
    logging.info("a")  # expect: root-logger-in-service
    events.error("b")  # expect: root-logger-in-service
    warning("c")  # expect: root-logger-in-service
    logging.getLogger().info("d")  # expect: root-logger-in-service
    root.info("e")  # silent: reported where it is made
    configured.info("f")  # silent

    def helper() -> None:
        logging.exception("g")  # expect: root-logger-in-service
        own = logging.getLogger(None)  # expect: root-logger-in-service
        own.warning("h")

    helper()


class Store:
    log = logging.getLogger()  # expect: root-logger-in-service
    named = logging.getLogger("store")

    def __init__(self) -> None:
        self.own = logging.getLogger()  # expect: root-logger-in-service
        self.quiet = logging.getLogger()  # silent: only its level is set
        self.quiet.setLevel(logging.INFO)

    def take(self) -> None:
        self.log.info("a")
        self.named.info("b")  # silent
        self.own.info("c")


def logger_of(name: str | None = None) -> logging.Logger:
    made = logging.getLogger(name)
    made.setLevel(logging.INFO)
    return made


def own_logger(name: str | None = None) -> logging.Logger:
    name = name or "shed"
    return logging.getLogger(name)


nameless = logger_of()  # expect: root-logger-in-service
with_name = logger_of(__name__)
by_word = logger_of(name="shed")
never_used = logger_of()  # silent: nothing is logged through it
own = own_logger()  # silent: it has a name of its own


def root_logger() -> logging.Logger:
    return logging.getLogger()  # expect: root-logger-in-service


def set_up() -> logging.Logger:
    return logging.getLogger()  # silent: whoever asks gives it a handler


def injected() -> logging.Logger:
    return logging.getLogger()  # expect: root-logger-in-service


@app.get("/c")
async def through_getter(log: Annotated[logging.Logger, Depends(injected)]) -> None:
    Store().take()
    found = root_logger()
    found.info("a")
    logging.root.info("b")  # expect: root-logger-in-service
    set_up().addHandler(logging.StreamHandler())
    log.info("c")


@app.get("/b")
async def through_named() -> None:
    log.info("a")  # silent
    nameless.info("a")  # silent: reported where it is made
    with_name.info("a")
    by_word.info("a")
    own.info("a")
    records.note("a")
    named.info("b")  # silent
    structured.info("c", tool_id=1)  # silent
    logging.getLogger("uvicorn.access").info("d")  # silent
    logging.captureWarnings(True)  # silent
    logging.getLogger().setLevel(logging.DEBUG)  # silent

    def info(text: str) -> None: ...

    info("e")  # silent: another function


if __name__ == "__main__":
    logging.info("main guard")  # silent
