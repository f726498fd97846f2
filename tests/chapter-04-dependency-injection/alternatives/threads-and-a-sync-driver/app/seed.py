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
    needs_training: bool = False
    loan_days: int = 7
    late_fee_cents: int = 50


class SeedTool(BaseModel):
    id: int
    name: str
    category_slug: str
    condition: str = "good"
    value_cents: int = 5000
    copies: int = 1
    available: int = 1


class SeedMember(BaseModel):
    id: int
    name: str
    token: str
    balance_cents: int = 0
    blocked: bool = False
    trainings: list[str] = []


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


def fill(sessions: SessionMaker, seed_file: Path | None) -> None:
    """Write the rows of the seed file, or those of the example, into an empty database."""
    seed = Seed.model_validate_json((seed_file or _EXAMPLE).read_bytes())
    with sessions.begin() as session:
        if session.scalar(select(Number.name).limit(1)) is not None:
            return
        rows: list[tuple[type[Base], list[dict[str, object]]]] = [
            (Number, [{"name": "slips", "value": 0}]),
            (Category, [category.model_dump() for category in seed.categories]),
            (Tool, [tool.model_dump() for tool in seed.tools]),
            (Member, [member.model_dump(exclude={"token"}) for member in seed.members]),
            (Token, [{"token": member.token, "member_id": member.id} for member in seed.members]),
            (Loan, [loan.model_dump() for loan in seed.loans]),
        ]
        for table, values in rows:
            if values:
                session.execute(insert(table), values)
