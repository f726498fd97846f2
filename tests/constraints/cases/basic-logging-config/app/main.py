import logging
from logging import basicConfig as set_up

from fastapi import FastAPI
from rich.logging import RichHandler

from app import bridged, records

logging.basicConfig(level=logging.INFO)  # expect: basic-logging-config
set_up(handlers=[logging.StreamHandler()])  # expect: basic-logging-config
logging.basicConfig(handlers=[bridged.Bridge()])  # silent: another kind of handler
terminal = RichHandler(rich_tracebacks=True)
terminal.setFormatter(logging.Formatter("%(message)s"))
logging.basicConfig(handlers=[terminal])  # expect: basic-logging-config
machine = logging.StreamHandler()
machine.setFormatter(bridged.Json())
logging.basicConfig(handlers=[machine])  # silent: records for machines
several: list[logging.Handler] = []
try:
    from rich.console import Console

    several.append(RichHandler(console=Console(stderr=True)))
except ImportError:
    several.append(logging.StreamHandler())
logging.basicConfig(level="INFO", handlers=several)  # expect: basic-logging-config
mixed = [logging.StreamHandler()]
mixed.append(bridged.Bridge())
logging.basicConfig(handlers=mixed)  # silent: one is of another kind
filled = []
filled.extend(bridged.handlers())
logging.basicConfig(handlers=filled)  # silent: they are not known
app = FastAPI()


def configure() -> None:
    def inner() -> None:
        logging.basicConfig(format="%(message)s")  # expect: basic-logging-config

    inner()


def by_hand() -> None:
    logging.basicConfig()  # silent: only the main guard runs it


configure()
records.configure()

if __name__ == "__main__":
    logging.basicConfig(level=logging.DEBUG)  # silent
    by_hand()
