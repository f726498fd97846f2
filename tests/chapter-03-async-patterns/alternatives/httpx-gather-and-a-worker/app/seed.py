"""The first rows of an empty database."""

from pathlib import Path

from pydantic import BaseModel
from sqlalchemy import insert, select

from app.database import SessionMaker
from app.models import Tool

_EXAMPLE = Path(__file__).with_name("example.json")


class SeedTool(BaseModel):
    id: int
    name: str
    model: str


class Seed(BaseModel):
    """What a seed file holds."""

    tools: list[SeedTool] = []


async def fill(sessions: SessionMaker, seed_file: Path | None) -> None:
    """Write the rows of the seed file, or those of the example, into an empty database."""
    seed = Seed.model_validate_json((seed_file or _EXAMPLE).read_bytes())
    async with sessions.begin() as session:
        if await session.scalar(select(Tool.id)) is None and seed.tools:
            await session.execute(insert(Tool), [tool.model_dump() for tool in seed.tools])
