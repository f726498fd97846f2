"""The first rows of an empty database."""

from pathlib import Path

from pydantic import BaseModel
from sqlalchemy import insert, select

from app.database import SessionMaker
from app.models import Base, Member, Tool

_EXAMPLE = Path(__file__).with_name("example.json")


class SeedMember(BaseModel):
    id: int
    name: str
    email: str
    password_hash: str
    scopes: list[str]


class SeedTool(BaseModel):
    id: int
    name: str
    available: int


class Seed(BaseModel):
    """What a seed file holds; every list may be missing."""

    members: list[SeedMember] = []
    tools: list[SeedTool] = []


async def fill(sessions: SessionMaker, seed_file: Path | None) -> None:
    """Write the rows of the seed file, or those of the example, into an empty database."""
    seed = Seed.model_validate_json((seed_file or _EXAMPLE).read_bytes())
    async with sessions.begin() as session:
        known = select(Member.id).union_all(select(Tool.id)).limit(1)
        if await session.scalar(known) is not None:
            return
        rows: list[tuple[type[Base], list[dict[str, object]]]] = [
            (Member, [member.model_dump() for member in seed.members]),
            (Tool, [tool.model_dump() for tool in seed.tools]),
        ]
        for table, values in rows:
            if values:
                await session.execute(insert(table), values)
