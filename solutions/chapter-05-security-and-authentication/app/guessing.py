"""Whoever tries passwords is asked for patience."""

# region 5.8
import math
from datetime import datetime, timedelta

from fastapi import HTTPException, status
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Guess

MOST_GUESSES = 5
WINDOW = timedelta(minutes=15)


async def refuse_guesser(session: AsyncSession, email: str, now: datetime) -> None:
    """429 where five passwords were wrong in a quarter of an hour, for an email that nobody has, too."""
    recent = select(Guess.at).where(Guess.email == email, Guess.at > now - WINDOW)
    latest = recent.order_by(Guess.at.desc()).limit(MOST_GUESSES).subquery()
    count, first = (await session.execute(select(func.count(), func.min(latest.c.at)))).one()
    if count >= MOST_GUESSES:
        wait = first + WINDOW - now
        raise HTTPException(
            status.HTTP_429_TOO_MANY_REQUESTS,
            "Too many wrong passwords. Try again later.",
            headers={"Retry-After": str(math.ceil(wait.total_seconds()))},
        )


async def note_guess(session: AsyncSession, email: str, now: datetime) -> None:
    """Remember a wrong password, though the request is about to be refused."""
    session.add(Guess(email=email, at=now))
    await session.commit()


# endregion
