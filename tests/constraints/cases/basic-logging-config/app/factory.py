"""The app is made by a function, for Uvicorn's `--factory`, and under the main guard."""

import logging

import uvicorn
from fastapi import FastAPI


def set_up_logging(level: int) -> None:
    logging.basicConfig(level=level)  # expect: basic-logging-config


def make_app() -> FastAPI:
    set_up_logging(logging.INFO)
    return FastAPI()


def for_terminal() -> None:
    logging.basicConfig()  # silent: only the main guard runs it


if __name__ == "__main__":
    for_terminal()
    uvicorn.run(make_app())
