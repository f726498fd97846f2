"""What may differ between two sheds: read from the environment when the app starts."""

from pathlib import Path

from pydantic import Field, PositiveInt, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Each value comes from `TOOLSHED_` and its name in capitals; only `DATABASE_URL` has a name of its own."""

    model_config = SettingsConfigDict(env_prefix="TOOLSHED_")

    jwt_key: SecretStr = Field(min_length=32)
    """Signs the tokens. There is no default: without a key the app does not start."""
    access_minutes: PositiveInt = 15
    refresh_days: PositiveInt = 14
    hash_memory_kib: int = Field(default=65536, ge=32)
    """What one hash needs, so that a machine cannot make many at a time; tests turn it down."""
    database_url: str = Field(default="sqlite+aiosqlite:///./toolshed.db", validation_alias="DATABASE_URL")
    seed_file: Path | None = None
    """JSON with the first rows; without it, an empty database gets those of `example.json`."""
    clock_offset_file: Path | None = None
