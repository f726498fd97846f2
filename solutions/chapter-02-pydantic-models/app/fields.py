"""Types that carry their own rules: the models are made of them."""

# region 2.1 2.4
import re
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    StringConstraints,
)

# endregion


# region 2.1
def canonical_serial(text: str) -> str:
    """The serial as the shed writes it, whatever its case, spaces and hyphens."""
    found = re.fullmatch("TS([0-9]{4})([0-9])", re.sub(r"[\s-]", "", text).upper())
    if found is None:
        raise ValueError("A serial is TS, four digits and a check digit, such as TS-0043-7.")
    number, check_digit = found.groups()
    if sum(int(digit) for digit in number) % 10 != int(check_digit):
        raise ValueError("The last digit of the serial does not fit the others.")
    return f"TS-{number}-{check_digit}"


def read_day(value: object) -> date:
    """A day as text, read here: Pydantic would take a number, and digits too, for seconds since 1970."""
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        return date.fromisoformat(value)
    raise ValueError("Send the day as text, such as 2024-05-31.")


def refuse_future(day: date) -> date:
    """The future depends on when one asks, so no constraint can say it."""
    if day > datetime.now(UTC).date():
        raise ValueError("This day has not come yet.")
    return day


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=80)]
Serial = Annotated[str, AfterValidator(canonical_serial)]
Cents = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
PastDay = Annotated[date, BeforeValidator(read_day), AfterValidator(refuse_future)]
# endregion


# region 2.4
def to_utc(moment: datetime) -> datetime:
    """The same moment, as every reply shows it."""
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(to_utc)]
# endregion
