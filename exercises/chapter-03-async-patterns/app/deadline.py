"""How long a request may take, and what is left of it."""

# region 3.8
# TODO(3.8): a caller may say how long it will wait, in `X-Deadline-Ms`. Make manuals and recalls keep to it, and tell the
#            catalogue what is left.
from typing import Annotated

from fastapi import Header

DeadlineHeader = Annotated[int | None, Header(alias="X-Deadline-Ms")]


class Deadline:
    """The moment by which everything that a request does has to be over."""

    def __init__(self, limit_s: float, asked_ms: int | None = None) -> None:
        self._limit_s = limit_s

    @property
    def left_s(self) -> float:
        """Seconds that are left."""
        return self._limit_s

    @property
    def headers(self) -> dict[str, str]:
        """What an upstream is told."""
        return {}


# endregion
