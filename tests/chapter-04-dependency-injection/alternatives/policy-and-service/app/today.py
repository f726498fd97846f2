"""Which day it is."""

from datetime import date, tzinfo
from typing import Annotated

from fastapi import Depends

from app.clock import Clock
from app.dependencies import Config, ShedClock


class Calendar:
    """A clock and the place where it hangs."""

    def __init__(self, clock: Clock, zone: tzinfo) -> None:
        self._clock = clock
        self._zone = zone

    async def today(self) -> date:
        """The day there."""
        moment = await self._clock.now()
        return moment.astimezone(self._zone).date()


async def get_calendar(clock: ShedClock, settings: Config) -> Calendar:
    """The shed's calendar."""
    return Calendar(clock, settings.timezone)


async def get_today(calendar: Annotated[Calendar, Depends(get_calendar)]) -> date:
    """The day on it."""
    return await calendar.today()


Today = Annotated[date, Depends(get_today)]
