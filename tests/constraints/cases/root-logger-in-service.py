import logging
import logging as events
from logging import getLogger, warning

import structlog
from fastapi import FastAPI

app = FastAPI()
log = logging.getLogger(__name__)
named = getLogger("app.loans")
root = logging.getLogger()  # expect: root-logger-in-service
configured = logging.getLogger()  # silent: it is given its own handler
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


@app.get("/b")
async def through_named() -> None:
    log.info("a")  # silent
    named.info("b")  # silent
    structured.info("c", tool_id=1)  # silent
    logging.getLogger("uvicorn.access").info("d")  # silent
    logging.captureWarnings(True)  # silent
    logging.getLogger().setLevel(logging.DEBUG)  # silent

    def info(text: str) -> None: ...

    info("e")  # silent: another function


if __name__ == "__main__":
    logging.info("main guard")  # silent
