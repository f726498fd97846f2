"""Donations: `/donations`."""

# region 2.4 2.5 2.8
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Response, status
from pydantic import BaseModel

from app.donations import Donation, DonationIn, DonationOut
from app.shelf import Shelf, ShelfDep

# endregion

router = APIRouter(prefix="/donations")


class Problem(BaseModel):
    """The body of a refusal."""

    detail: str


DonationId = Annotated[int, Path(ge=1)]
NOT_FOUND: dict[int | str, dict[str, type[Problem]]] = {404: {"model": Problem}}


def donation_or_404(shelf: Shelf, donation_id: int) -> Donation:
    """The donation of this number; refuses where there is none."""
    donation = shelf.get(donation_id)
    if donation is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, f"There is no donation {donation_id}.")
    return donation


@router.get("", response_model=list[DonationOut])
async def list_donations(shelf: ShelfDep) -> list[Donation]:
    """Every donation, lowest number first."""
    return shelf.all()


@router.post("", response_model=DonationOut, status_code=status.HTTP_201_CREATED)
async def create_donation(body: DonationIn, shelf: ShelfDep, response: Response) -> Donation:
    """Take a tool in."""
    donation = shelf.add(body)
    response.headers["Location"] = f"/donations/{donation.id}"
    return donation


@router.get("/{donation_id}", response_model=DonationOut, responses=NOT_FOUND)
async def read_donation(donation_id: DonationId, shelf: ShelfDep) -> Donation:
    """One donation."""
    return donation_or_404(shelf, donation_id)


# region 2.4
@router.put("/{donation_id}", response_model=DonationOut, responses=NOT_FOUND)
async def replace_donation(donation_id: DonationId, body: DonationIn, shelf: ShelfDep) -> Donation:
    """Replace everything about a donation but its number."""
    donation = donation_or_404(shelf, donation_id)
    changed = Donation.model_validate(donation.model_dump() | body.model_dump())
    shelf.replace(changed)
    return changed


# endregion


# region 2.5
# TODO(2.5): PATCH /donations/{donation_id}.


# endregion


# region 2.8
# TODO(2.8): POST /donations/bulk.


# endregion
