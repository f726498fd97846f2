"""What only some kinds of tools have."""

# region 2.2
from typing import Annotated, Literal

from pydantic import BaseModel, Field


class Strict(BaseModel, extra="forbid"):
    """Refuses keys that it does not know."""


class HandTool(Strict):
    kind: Literal["hand"]
    handle: Literal["wood", "metal", "plastic"]


class Mains(Strict):
    type: Literal["mains"]
    watts: Annotated[int, Field(ge=1, le=5000)]


class Battery(Strict):
    type: Literal["battery"]
    volts: Annotated[float, Field(gt=0, le=120)]
    amp_hours: Annotated[float, Field(gt=0, le=100)]


class PowerTool(Strict):
    kind: Literal["power"]
    source: Annotated[Mains | Battery, Field(discriminator="type")]


class Ladder(Strict):
    kind: Literal["ladder"]
    rungs: Annotated[int, Field(ge=2, le=40)]


Details = Annotated[HandTool | PowerTool | Ladder, Field(discriminator="kind")]
# endregion
