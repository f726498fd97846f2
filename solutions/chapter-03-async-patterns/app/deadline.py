"""How long a request may take, and what is left of it."""

# region 3.8
import asyncio
from typing import Annotated

from fastapi import Header

DeadlineHeader = Annotated[
    int | None,
    Header(alias="X-Deadline-Ms", ge=1, le=60_000, description="Milliseconds that the caller will wait."),
]


class Deadline:
    """The moment by which everything that a request does has to be over."""

    def __init__(self, limit_s: float, asked_ms: int | None = None) -> None:
        self._travels = asked_ms is not None
        seconds = limit_s if asked_ms is None else min(limit_s, asked_ms / 1000)
        self._at = asyncio.get_running_loop().time() + seconds

    @property
    def left_s(self) -> float:
        """Seconds that are left, and never less than none."""
        return max(0.0, self._at - asyncio.get_running_loop().time())

    @property
    def headers(self) -> dict[str, str]:
        """Tells an upstream what is left, if the caller spoke of a deadline at all."""
        return {"X-Deadline-Ms": str(int(self.left_s * 1000))} if self._travels else {}


# endregion
