"""Which day it is."""

# region 4.6
# TODO(4.6): let the shed's clock and its time zone say which day it is, and write the fee in `fees.py`.
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import Depends


async def get_today() -> date:
    """The day, if the server stands in Greenwich and its clock is right."""
    return datetime.now(UTC).date()


Today = Annotated[date, Depends(get_today)]
# endregion
