"""How long a request may take."""

import time
from typing import Annotated

from fastapi import Header

DeadlineHeader = Annotated[int | None, Header(alias="X-Deadline-Ms", gt=0, lt=60_001)]


def ends_at(limit_s: float, asked_ms: int | None) -> float:
    """The moment, by the monotonic clock, when time is up."""
    return time.monotonic() + (limit_s if asked_ms is None else min(limit_s, asked_ms / 1000))


def left(end: float) -> float:
    """Seconds until then."""
    return max(end - time.monotonic(), 0)


def travelling(end: float, asked_ms: int | None) -> dict[str, str]:
    """The header for an upstream."""
    return {} if asked_ms is None else {"x-deadline-ms": str(max(round(left(end) * 1000), 1))}
