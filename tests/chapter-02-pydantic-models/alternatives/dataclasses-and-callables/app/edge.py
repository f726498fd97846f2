"""Models at the edge of the app: what comes in, what goes out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    GetCoreSchemaHandler,
    SecretStr,
    SerializerFunctionWrapHandler,
    Tag,
    ValidationError,
    computed_field,
    field_validator,
    model_serializer,
    model_validator,
)
from pydantic.functional_validators import WrapValidator
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, core_schema

from app.money import deposit_for


class Closed(BaseModel):
    """No other keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SerialNumber:
    """Marks a text as a serial."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.read, handler(source))

    @staticmethod
    def read(text: str) -> str:
        kept = [sign for sign in text.upper() if sign not in " -"]
        digits = kept[2:]
        ten = set("0123456789")
        if kept[:2] != ["T", "S"] or len(digits) != 5 or not ten.issuperset(digits):
            raise PydanticCustomError("serial_form", "This is no serial of the shed.")
        *number, last = (int(digit) for digit in digits)
        if sum(number) % 10 != last:
            raise PydanticCustomError("serial_check_digit", "The check digit does not fit.")
        return "TS-{}-{}".format("".join(digits[:4]), last)


def whole_number(value: Any, handler: Any) -> Any:
    if type(value) is not int:
        raise PydanticCustomError("cents", "Send whole cents as a number.")
    return handler(value)


def day_as_text(value: Any, handler: Any) -> Any:
    if type(value) in (int, float, bool) or str(value).isdigit():
        raise PydanticCustomError("day", "Send a day as text.")
    day = handler(value)
    if day >= datetime.now(UTC).date() + timedelta(days=1):
        raise PydanticCustomError("day_to_come", "This day is still to come.")
    return day


def with_offset(value: Any, handler: Any) -> Any:
    moment = handler(value)
    if moment.tzinfo is None:
        raise PydanticCustomError("no_offset", "Which time zone is that?")
    return moment.astimezone(UTC)


Name = Annotated[str, Field(min_length=2, max_length=80)]
Serial = Annotated[str, SerialNumber()]
Cents = Annotated[int, Field(ge=0, le=1_000_000), WrapValidator(whole_number)]
Day = Annotated[date, WrapValidator(day_as_text)]
Moment = Annotated[datetime, WrapValidator(with_offset)]


class Hand(Closed):
    kind: Literal["hand"]
    handle: Literal["wood", "metal", "plastic"]


class Mains(Closed):
    type: Literal["mains"]
    watts: Annotated[int, Field(gt=0, lt=5001)]


class Battery(Closed):
    type: Literal["battery"]
    volts: Annotated[float, Field(gt=0, le=120)]
    amp_hours: Annotated[float, Field(gt=0, le=100)]


def which_type(value: Any) -> str | None:
    found = value.get("type") if isinstance(value, dict) else getattr(value, "type", None)
    return found if isinstance(found, str) else None


class Power(Closed):
    kind: Literal["power"]
    source: Annotated[
        Annotated[Mains, Tag("mains")] | Annotated[Battery, Tag("battery")], Discriminator(which_type)
    ]


class Ladder(Closed):
    kind: Literal["ladder"]
    rungs: Annotated[int, Field(gt=1, lt=41)]


def which_kind(value: Any) -> str | None:
    found = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return found if isinstance(found, str) else None


Tool = Annotated[
    Annotated[Hand, Tag("hand")] | Annotated[Power, Tag("power")] | Annotated[Ladder, Tag("ladder")],
    Discriminator(which_kind),
]


class DonorIn(Closed):
    name: Annotated[str, Field(min_length=2, max_length=80)]
    phone: Annotated[str, Field(min_length=5, max_length=30)]
    access_code: Annotated[SecretStr, Field(min_length=8, max_length=64)]


class Change(BaseModel):
    """What PUT replaces."""

    model_config = ConfigDict(str_strip_whitespace=True)

    name: Name
    serial: Serial
    value_cents: Cents
    bought_on: Day
    received_at: Moment
    tool: Tool

    @model_validator(mode="after")
    def in_order(self) -> Change:
        if self.bought_on > self.received_at.date():
            raise PydanticCustomError("order", "It was received before it was bought.")
        return self


class DonationIn(Change):
    model_config = ConfigDict(extra="forbid")

    donor: DonorIn


class PartOfChange(Closed):
    """What PATCH changes; `model_fields_set` says what was sent."""

    model_config = ConfigDict(str_strip_whitespace=True)

    name: Name = ""
    serial: Serial = ""
    value_cents: Cents = 0
    bought_on: Day = date.min
    received_at: Moment = datetime.min
    tool: Tool = Hand(kind="hand", handle="wood")


class DonorOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: str


class DonationOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str
    serial: str
    value_cents: int
    bought_on: date
    received_at: datetime
    tool: Tool
    donor: DonorOut

    @computed_field  # type: ignore[prop-decorator]
    @property
    def deposit_cents(self) -> int:
        return deposit_for(self.value_cents)


class LoanCheck(Closed):
    kind: Literal["hand", "power", "ladder"]
    value_cents: Annotated[int, Field(ge=0, le=1_000_000, alias="valueCents")]
    starts_on: Annotated[date, Field(alias="startsOn")]
    ends_on: Annotated[date, Field(alias="endsOn")]
    deposit_cents: Annotated[int, Field(ge=0, alias="depositCents")] = 0

    @field_validator("kind", mode="before")
    @classmethod
    def text(cls, kind: Any) -> Any:
        return kind if isinstance(kind, str) else ""

    @model_validator(mode="after")
    def rules(self) -> LoanCheck:
        broken: list[tuple[str, str]] = []
        if self.ends_on <= self.starts_on:
            broken.append(("endsOn", "A loan ends after it starts."))
        elif self.ends_on > self.starts_on + timedelta(days={"hand": 28, "power": 7, "ladder": 3}[self.kind]):
            broken.append(("endsOn", "A loan of this kind is shorter."))
        if self.deposit_cents < deposit_for(self.value_cents):
            broken.append(("depositCents", "The deposit is too low."))
        if broken:
            raise ValidationError.from_exception_data(
                "LoanCheck",
                [
                    InitErrorDetails(type=PydanticCustomError("rule", text), loc=(field,), input=None)  # type: ignore[arg-type]
                    for field, text in broken
                ],
            )
        return self

    @model_serializer(mode="wrap")
    def with_days(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        shown: dict[str, Any] = handler(self)
        return shown | {"days": (self.ends_on - self.starts_on).days}
