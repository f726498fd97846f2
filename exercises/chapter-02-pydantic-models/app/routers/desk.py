"""What hangs on the desk's door."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from app.settings import Settings

router = APIRouter()


async def get_settings(request: Request) -> Settings:
    """The running app's settings."""
    settings: Settings = request.app.state.settings
    return settings


SettingsDep = Annotated[Settings, Depends(get_settings)]


class DeskSign(BaseModel):
    """What visitors may know of the settings."""

    timezone: str
    max_open_loans: int
    debt_limit_cents: int
    opens: int
    closes: int


@router.get("/desk")
async def read_desk(settings: SettingsDep) -> DeskSign:
    """When the desk is open, and the limits of lending."""
    return DeskSign(
        timezone=str(settings.timezone),
        max_open_loans=settings.max_open_loans,
        debt_limit_cents=settings.debt_limit_cents,
        opens=settings.desk.opens,
        closes=settings.desk.closes,
    )
