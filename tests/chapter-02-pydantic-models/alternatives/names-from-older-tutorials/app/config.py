"""Settings, from the environment."""

from functools import lru_cache
from zoneinfo import available_timezones

from pydantic import BaseModel, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings


class DeskHours(BaseModel):
    opens: int = Field(9, ge=0, le=23)
    closes: int = Field(17, ge=1, le=24)

    @model_validator(mode="after")
    def in_order(self) -> "DeskHours":
        if self.closes <= self.opens:
            raise ValueError("closes before it opens")
        return self


class Settings(BaseSettings):
    class Config:
        env_prefix = "TOOLSHED_"
        env_nested_delimiter = "__"
        hide_input_in_errors = True

    kiosk_secret: SecretStr = Field(min_length=16)
    timezone: str = "Europe/Madrid"
    max_open_loans: int = Field(3, ge=1)
    debt_limit_cents: int = Field(2000, ge=0)
    desk: DeskHours = Field(default_factory=DeskHours)

    @field_validator("timezone")
    @classmethod
    def known(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError("no such time zone")
        return name


@lru_cache
def get_settings() -> Settings:
    """Read once; the lifespan calls it first."""
    return Settings()
