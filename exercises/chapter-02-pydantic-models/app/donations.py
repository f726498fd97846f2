"""A donation: as sent, as changed, as stored, as shown."""

# region 2.4
from typing import Self

from pydantic import BaseModel, model_validator

from app.donors import Donor, DonorIn, DonorOut
from app.fields import Cents, Moment, Name, PastDay, Serial
from app.tools import Details

# endregion


class DonationBase(BaseModel):
    """What all models of a donation share."""

    name: Name
    serial: Serial
    value_cents: Cents
    bought_on: PastDay
    received_at: Moment
    tool: Details

    @model_validator(mode="after")
    def check_order(self) -> Self:
        """Nobody gives what has not been bought yet."""
        if self.received_at.date() < self.bought_on:
            raise ValueError("`received_at` is before `bought_on`.")
        return self


class DonationIn(DonationBase, extra="forbid"):
    """As sent by POST."""

    donor: DonorIn


class Donation(DonationBase):
    """As stored."""

    id: int
    donor: Donor


class DonationOut(DonationBase):
    """As every reply shows it."""

    id: int
    donor: DonorOut

    # region 2.4
    # `deposit_cents` is missing; `deposit_for` in app/money.py knows how much it is.
    # endregion
