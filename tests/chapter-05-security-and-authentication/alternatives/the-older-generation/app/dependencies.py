"""What the lifespan opened, handed to whoever asks for it: settings, clock, sessions, passwords."""

from typing import Annotated

from fastapi import Depends, Request
from passlib.context import CryptContext

from app.clock import Clock
from app.database import SessionMaker
from app.settings import Settings


async def get_settings(request: Request) -> Settings:
    """The settings as they were read at start."""
    settings: Settings = request.app.state.settings
    return settings


async def get_clock(request: Request) -> Clock:
    """The shed's clock: `await clock.now()`."""
    clock: Clock = request.app.state.clock
    return clock


async def get_sessions(request: Request) -> SessionMaker:
    """The session factory: `sessions()` makes a session, and whoever makes one closes it."""
    sessions: SessionMaker = request.app.state.sessions
    return sessions


async def get_passwords(request: Request) -> CryptContext:
    """Makes new hashes, and compares passwords with them; only ever in a thread."""
    passwords: CryptContext = request.app.state.passwords
    return passwords


Config = Annotated[Settings, Depends(get_settings)]
ShedClock = Annotated[Clock, Depends(get_clock)]
Sessions = Annotated[SessionMaker, Depends(get_sessions)]
Passwords = Annotated[CryptContext, Depends(get_passwords)]
