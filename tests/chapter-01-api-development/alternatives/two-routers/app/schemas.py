"""One base, and what each direction adds to it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Slug = Annotated[str, StringConstraints(pattern=r"\A[a-z][a-z0-9\-]*\z", min_length=2, max_length=40)]


class ToolBase(BaseModel):
    name: Annotated[str, StringConstraints(min_length=2, max_length=80)] = Field(examples=["Block plane"])
    category: Slug = Field(examples=["planes"])
    description: Annotated[str, StringConstraints(max_length=500)] | None = None
    condition: Literal["new", "good", "worn", "broken"] = "good"
    value_cents: int = Field(ge=0, le=10**6, examples=[3100])
    copies: int = Field(1, ge=1, le=50)


class ToolBody(ToolBase):
    model_config = ConfigDict(extra="forbid")

    supplier_email: Annotated[str, StringConstraints(max_length=254)] | None = None
    purchase_note: Annotated[str, StringConstraints(max_length=500)] | None = None


class ToolChanges(BaseModel):
    """Which keys are to change; whether they may have these values, `ToolBody` decides."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = None
    category: str | None = None
    description: str | None = None
    condition: str | None = None
    value_cents: int | None = None
    copies: int | None = None
    supplier_email: str | None = None
    purchase_note: str | None = None


class ToolOut(ToolBase):
    id: int
    available: bool


class ToolForStaff(ToolOut):
    supplier_email: str | None
    purchase_note: str | None


class LoanRow(BaseModel):
    id: int
    due_on: date
    returned_at: datetime | None


class ToolRow(ToolBody):
    model_config = ConfigDict(extra="ignore")

    id: int
    loans: list[LoanRow] = Field(default_factory=list)

    def out(self) -> list[LoanRow]:
        return [loan for loan in self.loans if loan.returned_at is None]

    def public(self) -> ToolOut:
        return ToolOut(available=len(self.out()) < self.copies, **self.model_dump())

    def for_staff(self) -> ToolForStaff:
        return ToolForStaff(available=len(self.out()) < self.copies, **self.model_dump())


class Refusal(BaseModel):
    detail: str


class CategoryOut(BaseModel):
    slug: str
    tools: int
    latest: ToolOut


class Alive(BaseModel):
    status: str
