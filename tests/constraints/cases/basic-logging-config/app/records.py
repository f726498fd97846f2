import logging.config


def configure() -> None:
    logging.config.dictConfig({"version": 1})  # silent
