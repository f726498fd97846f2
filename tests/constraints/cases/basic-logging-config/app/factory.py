"""The app is made by a function, for Uvicorn's `--factory`, and under the main guard."""

import logging

import uvicorn
from fastapi import FastAPI


def set_up_logging(level: int) -> None:
    logging.basicConfig(level=level)  # expect: basic-logging-config


def make_app() -> FastAPI:
    set_up_logging(logging.INFO)
    return FastAPI()


def make_whole_app() -> FastAPI:
    logging.basicConfig(level=logging.DEBUG)  # expect: basic-logging-config
    app = make_app()
    return app


def make_list() -> list[FastAPI]:
    logging.basicConfig(level=logging.DEBUG)  # silent: it gives back something else
    return list()


def for_terminal() -> None:
    logging.basicConfig()  # silent: only the main guard runs it


if __name__ == "__main__":
    for_terminal()
    print(make_list())
    uvicorn.run(make_whole_app())
