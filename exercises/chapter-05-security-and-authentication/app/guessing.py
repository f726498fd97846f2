"""Whoever tries passwords is asked for patience."""

# region 5.8
# TODO(5.8): ask whoever guesses passwords for patience. Both functions are called by the login already, and the table
# `guesses` in models.py is there for it.
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession


async def refuse_guesser(_session: AsyncSession, _email: str, _now: datetime) -> None:
    """Called before a password is looked at."""


async def note_guess(_session: AsyncSession, _email: str, _now: datetime) -> None:
    """Called when a password was wrong."""


# endregion
