"""The time at the counter."""

from datetime import date, datetime
from typing import Annotated

from fastapi import Depends

from app.dependencies import Config, ShedClock


async def get_now(clock: ShedClock, settings: Config) -> datetime:
    """The moment, as the shed's wall clock shows it."""
    return (await clock.now()).astimezone(settings.timezone)


Now = Annotated[datetime, Depends(get_now)]


def get_today(now: Now) -> date:
    """The date on the wall."""
    return now.date()


Today = Annotated[date, Depends(get_today)]
