"""What may differ between two sheds: read from the environment when the app starts."""

from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Each value comes from `TOOLSHED_` and its name in capitals; only `DATABASE_URL` has a name of its own."""

    model_config = SettingsConfigDict(env_prefix="TOOLSHED_")

    database_url: str = Field(default="sqlite+aiosqlite:///./toolshed.db", validation_alias="DATABASE_URL")
    pool_size: PositiveInt = 5
    pool_timeout: PositiveFloat = 5.0
    """Seconds that a request waits for a connection before it fails."""
    seed_file: Path | None = None
    """JSON with the first rows; without it, an empty database gets those of `example.json`."""
    clock_offset_file: Path | None = None
    timezone: ZoneInfo = ZoneInfo("Europe/Madrid")
    """Where the shed stands: its calendar decides which day it is."""
    notices: dict[str, str] = Field(default_factory=dict)
    """Slug and text of each notice on the counter's board (see `plugins.py`)."""
    max_open_loans: PositiveInt = 3
    debt_limit_cents: NonNegativeInt = 2000
