"""What goes over the wire."""

from datetime import date
from typing import Annotated, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

LARGEST_ID = 9_223_372_036_854_775_807
RowId = Annotated[int, Path(ge=1, le=LARGEST_ID)]


class Problem(BaseModel):
    """The body of every refusal."""

    detail: str


class Health(BaseModel):
    status: str = "ok"


class Row(BaseModel):
    """Reads its fields from a row of the database."""

    model_config = ConfigDict(from_attributes=True)


class ToolOut(Row):
    id: int
    name: str
    model: str


class LabelOut(BaseModel):
    tool_id: int
    text: str


class LoanOrder(BaseModel):
    model_config = ConfigDict(extra="forbid")

    tool_id: int = Field(ge=1, le=LARGEST_ID)
    member_id: int = Field(ge=1, le=LARGEST_ID)


class LoanOut(Row):
    id: int
    tool_id: int
    member_id: int


class ReceiptOut(BaseModel):
    loan_id: int
    status: Literal["pending", "sent", "failed"]


class Manual(BaseModel):
    """What the catalogue knows of a manual."""

    url: str
    pages: int = Field(ge=1)


class ManualOut(Manual):
    tool_id: int


class Part(BaseModel):
    """A spare part, as the catalogue describes it."""

    number: str
    name: str
    in_stock: bool


class PartList(BaseModel):
    """What the catalogue answers about spare parts."""

    parts: list[Part]


class PartsOut(PartList):
    tool_id: int


class Found(Row):
    """One recall, as a source reports it."""

    url: str
    severity: Literal["minor", "serious", "critical"]
    since: date


class FoundList(BaseModel):
    """What a source answers about a model."""

    recalls: list[Found]


class RecallOut(Found):
    source: str


class RecallsOut(BaseModel):
    tool_id: int
    recalls: list[RecallOut]
    failed: list[str] = []
    """The sources that did not answer, or not in time."""
