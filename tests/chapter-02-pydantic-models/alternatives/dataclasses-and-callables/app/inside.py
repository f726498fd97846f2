"""What the app holds while it runs: plain dataclasses."""

import os
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.edge import Hand, Ladder, Power


@dataclass
class Donor:
    name: str
    phone: str
    access_code: str = field(repr=False)


@dataclass
class Donation:
    id: int
    name: str
    serial: str
    value_cents: int
    bought_on: date
    received_at: datetime
    tool: Hand | Power | Ladder
    donor: Donor


class ConfigurationError(RuntimeError):
    """The environment does not say what the app needs to know."""


@dataclass(frozen=True)
class Configuration:
    secret: str = field(repr=False)
    timezone: str
    max_open_loans: int
    debt_limit_cents: int
    opens: int
    closes: int


def number(name: str, default: int, least: int, most: int) -> int:
    text = os.environ.get(f"TOOLSHED_{name}", str(default))
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise ConfigurationError(f"TOOLSHED_{name} has to be a whole number, {least} to {most}.")
    return int(text)


def read_configuration() -> Configuration:
    secret = os.environ.get("TOOLSHED_KIOSK_SECRET")
    if secret is None or len(secret) < 16:
        raise ConfigurationError("TOOLSHED_KIOSK_SECRET has to be there, with 16 letters or more.")
    timezone = os.environ.get("TOOLSHED_TIMEZONE", "Europe/Madrid")
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ConfigurationError("TOOLSHED_TIMEZONE is no time zone.") from error
    opens, closes = number("DESK__OPENS", 9, 0, 23), number("DESK__CLOSES", 17, 1, 24)
    if opens >= closes:
        raise ConfigurationError("TOOLSHED_DESK__CLOSES has to come after TOOLSHED_DESK__OPENS.")
    return Configuration(
        secret=secret,
        timezone=timezone,
        max_open_loans=number("MAX_OPEN_LOANS", 3, 1, 10**6),
        debt_limit_cents=number("DEBT_LIMIT_CENTS", 2000, 0, 10**9),
        opens=opens,
        closes=closes,
    )
