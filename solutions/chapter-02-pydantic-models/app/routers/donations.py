"""Donations: `/donations`."""

# region 2.4 2.5 2.8
from typing import Annotated

from fastapi import APIRouter, Body, HTTPException, Path, Response, status
from fastapi.exceptions import RequestValidationError
from pydantic import MISSING, BaseModel, TypeAdapter, ValidationError

from app.donations import Donation, DonationBase, DonationIn, DonationOut
from app.fields import Cents, Moment, Name, PastDay, Serial
from app.refusals import Fault
from app.shelf import Shelf, ShelfDep
from app.tools import Details

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
class DonationEdit(DonationBase, extra="ignore"):
    """As sent by PUT: a reply may come back as it is, and what only a reply has is passed over."""


@router.put("/{donation_id}", response_model=DonationOut, responses=NOT_FOUND)
async def replace_donation(donation_id: DonationId, body: DonationEdit, shelf: ShelfDep) -> Donation:
    """Replace everything about a donation but its number and its donor."""
    donation = donation_or_404(shelf, donation_id)
    changed = Donation.model_validate(donation.model_dump() | body.model_dump())
    shelf.replace(changed)
    return changed


# endregion


# region 2.5
class DonationPatch(BaseModel, extra="forbid"):
    """As sent by PATCH: any of these keys, and null for none of them."""

    name: Name | MISSING = MISSING
    serial: Serial | MISSING = MISSING
    value_cents: Cents | MISSING = MISSING
    bought_on: PastDay | MISSING = MISSING
    received_at: Moment | MISSING = MISSING
    tool: Details | MISSING = MISSING


@router.patch("/{donation_id}", response_model=DonationOut, responses=NOT_FOUND)
async def amend_donation(donation_id: DonationId, body: DonationPatch, shelf: ShelfDep) -> Donation:
    """Change the keys that are sent; what comes out has to keep every rule of a donation."""
    donation = donation_or_404(shelf, donation_id)
    try:
        changed = Donation.model_validate(donation.model_dump() | body.model_dump())
    except ValidationError as error:
        # Only FastAPI's own call to a model becomes a 422 by itself.
        raise RequestValidationError(
            [fault | {"loc": ("body", *fault["loc"])} for fault in error.errors()]
        ) from error
    shelf.replace(changed)
    return changed


# endregion


# region 2.8
class RefusedLine(BaseModel):
    """A line that was not taken, and why not."""

    line: int
    faults: list[Fault]


class BoxReport(BaseModel):
    """What became of a box."""

    taken: int
    refused: list[RefusedLine]


MOST_LINES = 500
_ANY_DONATION = TypeAdapter(DonationIn)


@router.post("/bulk")
async def take_box(
    lines: Annotated[bytes, Body(media_type="application/x-ndjson", max_length=2_000_000)], shelf: ShelfDep
) -> BoxReport:
    """Take in a box of tools, one JSON object a line: the good lines are stored, the others reported."""
    numbered = [(number, line) for number, line in enumerate(lines.splitlines(), start=1) if line.strip()]
    if len(numbered) > MOST_LINES:
        raise HTTPException(status.HTTP_413_CONTENT_TOO_LARGE, f"A box has at most {MOST_LINES} lines.")
    report = BoxReport(taken=0, refused=[])
    for number, line in numbered:
        try:
            shelf.add(_ANY_DONATION.validate_json(line))
        except ValidationError as error:
            faults = [Fault.model_validate(fault) for fault in error.errors()]
            report.refused.append(RefusedLine(line=number, faults=faults))
        else:
            report.taken += 1
    return report


# endregion
