"""The root logger with a handler that writes records for machines."""

import logging

from pythonjsonlogger.json import JsonFormatter

log = logging.getLogger()  # silent: it is configured on purpose
handler = logging.StreamHandler()
handler.setFormatter(JsonFormatter())
log.addHandler(handler)


def note(text: str) -> None:
    log.info(text)
