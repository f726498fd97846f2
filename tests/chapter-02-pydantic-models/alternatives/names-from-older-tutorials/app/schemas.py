"""All models of the desk."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    Field,
    SecretStr,
    field_serializer,
    field_validator,
    model_validator,
    validator,
)

MOST_CENTS = 1_000_000


class HandTool(BaseModel):
    class Config:
        extra = "forbid"

    kind: Literal["hand"]
    handle: Literal["wood", "metal", "plastic"]


class Mains(BaseModel):
    class Config:
        extra = "forbid"

    type: Literal["mains"]
    watts: int = Field(ge=1, le=5000)


class Battery(BaseModel):
    class Config:
        extra = "forbid"

    type: Literal["battery"]
    volts: float = Field(gt=0, le=120)
    amp_hours: float = Field(gt=0, le=100)


class PowerTool(BaseModel):
    class Config:
        extra = "forbid"

    kind: Literal["power"]
    source: Mains | Battery = Field(discriminator="type")


class Ladder(BaseModel):
    class Config:
        extra = "forbid"

    kind: Literal["ladder"]
    rungs: int = Field(ge=2, le=40)


Tool = Annotated[HandTool | PowerTool | Ladder, Field(discriminator="kind")]


class DonorIn(BaseModel):
    class Config:
        extra = "forbid"

    name: str = Field(min_length=2, max_length=80)
    phone: str = Field(min_length=5, max_length=30)
    access_code: SecretStr = Field(min_length=8, max_length=64)


class DonorOut(BaseModel):
    name: str


class Rules(BaseModel):
    """The fields of a donation and what has to be true of them."""

    name: str
    serial: str
    value_cents: int = Field(strict=True, ge=0, le=MOST_CENTS)
    bought_on: date
    received_at: AwareDatetime
    tool: Tool

    @validator("name")
    @classmethod
    def trimmed(cls, name: str) -> str:
        name = name.strip()
        if not 2 <= len(name) <= 80:
            raise ValueError("2 to 80 letters")
        return name

    @validator("serial")
    @classmethod
    def one_spelling(cls, serial: str) -> str:
        plain = serial.replace(" ", "").replace("-", "").upper()
        if not re.fullmatch(r"TS[0-9]{5}", plain):
            raise ValueError("not a serial")
        digits = [int(digit) for digit in plain[2:]]
        if sum(digits[:4]) % 10 != digits[4]:
            raise ValueError("the check digit is wrong")
        return f"TS-{plain[2:6]}-{plain[6]}"

    @field_validator("bought_on", mode="before")
    @classmethod
    def text_alone(cls, day: Any) -> Any:
        if not isinstance(day, str | date) or str(day).isdecimal():
            raise AssertionError("a day is text")
        return day

    @validator("bought_on")
    @classmethod
    def has_been(cls, day: date) -> date:
        assert day <= datetime.now(tz=UTC).date(), "in the future"
        return day

    @model_validator(mode="after")
    def bought_first(self) -> "Rules":
        if self.received_at.astimezone(UTC).date() < self.bought_on:
            raise ValueError("received before it was bought")
        return self


class DonationIn(Rules):
    class Config:
        extra = "forbid"

    donor: DonorIn


class Donation(Rules):
    id: int
    donor: DonorIn
    deposit_cents: int = 0

    @model_validator(mode="after")
    def reckon(self) -> "Donation":
        self.deposit_cents = deposit_for(self.value_cents)
        return self


class DonationOut(Rules):
    id: int
    donor: DonorOut
    deposit_cents: int

    @field_serializer("received_at")
    def in_utc(self, moment: datetime) -> str:
        return moment.astimezone(UTC).isoformat()


class DonationPut(Rules):
    class Config:
        extra = "ignore"


class DonationPatch(BaseModel):
    class Config:
        extra = "forbid"

    name: str | None = None
    serial: str | None = None
    value_cents: int | None = Field(None, strict=True)
    bought_on: Any = None
    received_at: AwareDatetime | None = None
    tool: Tool | None = None

    @model_validator(mode="before")
    @classmethod
    def no_null(cls, sent: Any) -> Any:
        if isinstance(sent, dict) and None in sent.values():
            raise ValueError("null is no value for any of these")
        return sent


def deposit_for(value_cents: int) -> int:
    if value_cents < 10_000:
        return 0
    tenth, rest = divmod(value_cents, 1000)
    return (tenth + (rest > 0)) * 100


class Problem(BaseModel):
    detail: str


class Fault(BaseModel):
    loc: list[str | int]
    type: str
    msg: str


class RefusedLine(BaseModel):
    line: int
    faults: list[Fault]


class BoxReport(BaseModel):
    taken: int = 0
    refused: list[RefusedLine] = []


class DeskSign(BaseModel):
    timezone: str
    max_open_loans: int
    debt_limit_cents: int
    opens: int
    closes: int


class SignOn(BaseModel):
    secret: SecretStr


class LoanCheck(BaseModel):
    class Config:
        extra = "forbid"

    kind: Literal["hand", "power", "ladder"]
    value_cents: int = Field(alias="valueCents", ge=0, le=MOST_CENTS)
    starts_on: date = Field(alias="startsOn")
    ends_on: date = Field(alias="endsOn")
    deposit_cents: int = Field(0, alias="depositCents", ge=0)

    @model_validator(mode="after")
    def all_rules(self) -> "LoanCheck":
        wrong = []
        days = (self.ends_on - self.starts_on).days
        if not 1 <= days <= {"hand": 28, "power": 7, "ladder": 3}[self.kind]:
            wrong.append("endsOn does not fit startsOn and kind")
        if self.deposit_cents < deposit_for(self.value_cents):
            wrong.append("depositCents is too low for valueCents")
        if wrong:
            raise ValueError("; ".join(wrong))
        return self


class CheckedLoan(LoanCheck):
    days: int
