"""What the app owns from start to stop, and how a path operation gets at it."""

from dataclasses import dataclass

import httpx
from fastapi import Request

from app.database import SessionMaker
from app.post_office import PostOffice
from app.printer import Printer
from app.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Workshop:
    """Opened by the lifespan, shared by all requests."""

    settings: Settings
    printer: Printer
    sessions: SessionMaker
    client: httpx.AsyncClient
    post_office: PostOffice


def workshop_of(request: Request) -> Workshop:
    """What the lifespan has put into its state."""
    workshop: Workshop = request.state.workshop
    return workshop
