"""What the app opens once, and how it is asked for."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from joserfc.jwk import OctKey
from sqlalchemy.ext.asyncio import AsyncSession

from app.clock import Clock
from app.database import SessionMaker
from app.passwords import PasswordService
from app.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """Everything that lives as long as the app."""

    settings: Settings
    sessions: SessionMaker
    clock: Clock
    passwords: PasswordService
    key: OctKey


async def get_resources(request: Request) -> Resources:
    resources: Resources = request.app.state.resources
    return resources


Shed = Annotated[Resources, Depends(get_resources)]


async def get_session(shed: Shed) -> AsyncIterator[AsyncSession]:
    """A session for the request; whoever writes commits."""
    async with shed.sessions() as session:
        yield session


Session = Annotated[AsyncSession, Depends(get_session)]
