"""Where donations are kept: in memory, one shelf for each running app."""

from itertools import count
from typing import Annotated

from fastapi import Depends, Request

from app.donations import Donation, DonationIn


class Shelf:
    """Donations by number."""

    def __init__(self) -> None:
        self._donations: dict[int, Donation] = {}
        self._numbers = count(1)

    def add(self, sent: DonationIn) -> Donation:
        """Store a new donation under the next number."""
        donation = Donation.model_validate(sent.model_dump() | {"id": next(self._numbers)})
        self._donations[donation.id] = donation
        return donation

    def get(self, donation_id: int) -> Donation | None:
        """The donation of this number, or None."""
        return self._donations.get(donation_id)

    def all(self) -> list[Donation]:
        """Every donation, lowest number first."""
        return list(self._donations.values())

    def replace(self, donation: Donation) -> None:
        """Store a donation in place of the one that has its number."""
        self._donations[donation.id] = donation


async def get_shelf(request: Request) -> Shelf:
    """The running app's shelf."""
    shelf: Shelf = request.app.state.shelf
    return shelf


ShelfDep = Annotated[Shelf, Depends(get_shelf)]
"""A parameter of this type receives the shelf; chapter 4 explains how."""
