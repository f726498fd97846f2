"""What may differ between two sheds: read from the environment when the app starts."""

# region 2.6
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    Field,
    NonNegativeInt,
    PositiveInt,
    SecretStr,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict


class Desk(BaseModel):
    """Full hours between which the desk is open."""

    opens: Annotated[int, Field(ge=0, le=23)] = 9
    closes: Annotated[int, Field(ge=1, le=24)] = 17

    @model_validator(mode="after")
    def check_order(self) -> Self:
        """A desk that never opens is a mistake."""
        if self.opens >= self.closes:
            raise ValueError("The desk opens after it has closed.")
        return self


class Settings(BaseSettings):
    """Each value comes from `TOOLSHED_` and its name in capitals; those of the desk from `TOOLSHED_DESK__OPENS` and so on."""

    # Without `hide_input_in_errors` the error about a bad secret shows it, and the server's log keeps it.
    model_config = SettingsConfigDict(
        env_prefix="TOOLSHED_", env_nested_delimiter="__", hide_input_in_errors=True
    )

    kiosk_secret: Annotated[SecretStr, Field(min_length=16)]
    timezone: ZoneInfo = ZoneInfo("Europe/Madrid")
    max_open_loans: PositiveInt = 3
    debt_limit_cents: NonNegativeInt = 2000
    desk: Desk = Desk()


# endregion
