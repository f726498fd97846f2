"""What the app owns from start to stop, and how a path operation gets at it."""

from typing import NamedTuple

import httpx2
from fastapi import Request

from app.database import SessionMaker
from app.printer import Printer
from app.settings import Settings


class Workshop(NamedTuple):
    """Opened by the lifespan, shared by all requests."""

    settings: Settings
    printer: Printer
    sessions: SessionMaker
    client: httpx2.AsyncClient
    """Speaks to the catalogue: `await workshop.client.get("/manuals/SP-1")`."""


def workshop_of(request: Request) -> Workshop:
    """What the lifespan has put into `app.state`."""
    workshop: Workshop = request.app.state.workshop
    return workshop
