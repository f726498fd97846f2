"""Which day it is."""

# region 4.6
from datetime import date
from typing import Annotated

from fastapi import Depends

from app.dependencies import Config, ShedClock


async def get_today(clock: ShedClock, settings: Config) -> date:
    """The day on the shed's calendar."""
    return (await clock.now()).astimezone(settings.timezone).date()


Today = Annotated[date, Depends(get_today)]
# endregion
