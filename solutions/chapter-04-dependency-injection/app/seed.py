"""The first rows of an empty database."""

from datetime import date, datetime
from pathlib import Path

from pydantic import AwareDatetime, BaseModel
from sqlalchemy import insert, select

from app.database import SessionMaker
from app.models import Base, Category, Loan, Member, Number, Token, Tool

_EXAMPLE = Path(__file__).with_name("example.json")


class SeedCategory(BaseModel):
    slug: str
    name: str
    needs_training: bool
    loan_days: int
    late_fee_cents: int


class SeedTool(BaseModel):
    id: int
    name: str
    category_slug: str
    condition: str
    value_cents: int
    copies: int
    available: int


class SeedMember(BaseModel):
    id: int
    name: str
    token: str
    balance_cents: int
    blocked: bool
    trainings: list[str]


class SeedLoan(BaseModel):
    id: int
    tool_id: int
    member_id: int
    taken_at: AwareDatetime
    due_on: date
    returned_at: datetime | None = None


class Seed(BaseModel):
    """What a seed file holds; every list may be missing."""

    categories: list[SeedCategory] = []
    tools: list[SeedTool] = []
    members: list[SeedMember] = []
    loans: list[SeedLoan] = []


async def fill(sessions: SessionMaker, seed_file: Path | None) -> None:
    """Write the rows of the seed file, or those of the example, into an empty database."""
    seed = Seed.model_validate_json((seed_file or _EXAMPLE).read_bytes())
    async with sessions.begin() as session:
        if await session.scalar(select(Number.name)) is not None:
            return
        rows: list[tuple[type[Base], list[dict[str, object]]]] = [
            (Number, [{"name": "slips"}]),
            (Category, [category.model_dump() for category in seed.categories]),
            (Tool, [tool.model_dump() for tool in seed.tools]),
            (Member, [member.model_dump(exclude={"token"}) for member in seed.members]),
            (Token, [{"token": member.token, "member_id": member.id} for member in seed.members]),
            (Loan, [loan.model_dump() for loan in seed.loans]),
        ]
        for table, values in rows:
            if values:
                await session.execute(insert(table), values)
