"""What goes over the wire."""

from datetime import date, datetime
from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

LARGEST_ID = 9_223_372_036_854_775_807
RowId = Annotated[int, Path(ge=1, le=LARGEST_ID)]


class Problem(BaseModel):
    """The body of every refusal."""

    detail: str


class Health(BaseModel):
    status: str = "ok"


class Notice(BaseModel):
    text: str


class Row(BaseModel):
    """Reads its fields from a row of the database."""

    model_config = ConfigDict(from_attributes=True)


class ToolOut(Row):
    id: int
    name: str
    category_slug: str
    condition: str
    copies: int
    available: int


class LoanOut(Row):
    id: int
    tool_id: int
    member_id: int
    taken_at: datetime
    due_on: date
    returned_at: datetime | None
    fee_cents: int


class EventOut(Row):
    seq: int
    kind: str
    tool_id: int
    at: datetime


class ReservationOrder(BaseModel):
    model_config = ConfigDict(extra="forbid")

    tool_id: int = Field(ge=1, le=LARGEST_ID)


class ReservationOut(Row):
    id: int
    tool_id: int
    member_id: int
    status: str


class Receipt(BaseModel):
    """What a member gets for a tool that came back."""

    loan_id: int
    returned_on: date
    days_late: int
    fee_cents: int


class Slip(BaseModel):
    """A member's standing on paper, with a carbon copy for the shed."""

    greeting: str
    balance_cents: int
    trainings: list[str]
    open_loans: int
    standing: str
    slip_number: int
    copy_number: int
