"""What may differ between two sheds: read from the environment when the app starts."""

from pathlib import Path

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Each value comes from `TOOLSHED_` and its name in capitals; two have names of their own."""

    model_config = SettingsConfigDict(env_prefix="TOOLSHED_")

    database_url: str = Field(default="sqlite+aiosqlite:///./toolshed.db", validation_alias="DATABASE_URL")
    catalogue_url: str = Field(default="http://127.0.0.1:9000", validation_alias="CATALOGUE_URL")
    """The upstream catalogue; `stand_in.py` plays it on your own machine."""
    pool_size: PositiveInt = 5
    seed_file: Path | None = None
    """JSON with the first rows; without it, an empty database gets those of `example.json`."""
    folder: Path = Path()
    """Where the printer keeps its files, `labels.txt` and `printer.lock`."""
    printer_seconds: NonNegativeFloat = 0.3
    """How long the printer takes for a label, and to cut the paper at the end."""
    catalogue_seconds: PositiveFloat = 1.0
    """How long an answer of the catalogue may take altogether."""
    recall_seconds: PositiveFloat = 1.5
    """How long all recall sources together may take."""
    recall_sources: list[str] = ["maker", "insurer", "state", "press", "neighbours"]
