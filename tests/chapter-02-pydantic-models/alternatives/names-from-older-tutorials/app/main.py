"""The app, in one module."""

import json
import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Body, Depends, FastAPI, HTTPException, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError

from app.config import Settings, get_settings
from app.schemas import (
    BoxReport,
    CheckedLoan,
    DeskSign,
    Donation,
    DonationIn,
    DonationOut,
    DonationPatch,
    DonationPut,
    Fault,
    LoanCheck,
    Problem,
    RefusedLine,
    SignOn,
)

logger = logging.getLogger(__name__)
Donations = dict[int, Donation]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    get_settings.cache_clear()
    get_settings()
    app.state.donations = {}
    yield


app = FastAPI(title="Intake desk", lifespan=lifespan)


def get_donations(request: Request) -> Donations:
    donations: Donations = request.app.state.donations
    return donations


Shelf = Annotated[Donations, Depends(get_donations)]
Config = Annotated[Settings, Depends(get_settings)]
Number = Annotated[int, Path(ge=1)]
NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"model": Problem}}


@app.exception_handler(RequestValidationError)
def refuse(request: Request, error: RequestValidationError) -> JSONResponse:
    detail = []
    for fault in error.errors():
        for told in ("input", "ctx", "url"):
            fault.pop(told, None)
        detail.append(fault)
        logger.error("%s refused: %s at %s", request.url.path, fault["type"], fault["loc"])
    return JSONResponse({"detail": detail}, 422)


class Health(BaseModel):
    status: str = "ok"


@app.get("/health/live")
def health() -> Health:
    return Health()


def find(shelf: Donations, number: int) -> Donation:
    if number not in shelf:
        raise HTTPException(404, "No such donation.")
    return shelf[number]


def store(shelf: Donations, values: dict[str, Any]) -> Donation:
    donation = Donation.parse_obj(values)
    shelf[donation.id] = donation
    return donation


@app.get("/donations", response_model=list[DonationOut])
def all_donations(shelf: Shelf) -> list[Donation]:
    return [shelf[number] for number in sorted(shelf)]


@app.post("/donations", response_model=DonationOut, status_code=201)
def give(donation: DonationIn, shelf: Shelf, response: Response) -> Donation:
    stored = store(shelf, {**donation.dict(), "id": len(shelf) + 1})
    response.headers["Location"] = f"/donations/{stored.id}"
    return stored


@app.get("/donations/{donation_id}", response_model=DonationOut, responses=NOT_FOUND)
def one_donation(donation_id: Number, shelf: Shelf) -> Donation:
    return find(shelf, donation_id)


@app.put("/donations/{donation_id}", response_model=DonationOut, responses=NOT_FOUND)
def put_donation(donation_id: Number, donation: DonationPut, shelf: Shelf) -> Donation:
    return store(shelf, {**find(shelf, donation_id).dict(), **donation.dict()})


@app.patch("/donations/{donation_id}", response_model=DonationOut, responses=NOT_FOUND)
def patch_donation(donation_id: Number, change: DonationPatch, shelf: Shelf) -> Donation:
    stored = find(shelf, donation_id)
    try:
        return store(shelf, {**stored.dict(), **change.dict(exclude_unset=True)})
    except ValidationError as error:
        raise RequestValidationError(
            [{**fault, "loc": ("body", *fault["loc"])} for fault in error.errors()]
        ) from None


@app.post("/donations/bulk")
def give_box(box: Annotated[bytes, Body(media_type="application/x-ndjson")], shelf: Shelf) -> BoxReport:
    lines = [line.strip() for line in box.split(b"\n")]
    if sum(1 for line in lines if line) > 500:
        raise HTTPException(413, "Too many lines.")
    report = BoxReport()
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        try:
            donation = DonationIn.parse_obj(json.loads(line))
        except ValidationError as error:
            faults = [Fault(loc=list(one["loc"]), type=one["type"], msg=one["msg"]) for one in error.errors()]
        except ValueError:
            faults = [Fault(loc=[], type="json_invalid", msg="This is not JSON.")]
        else:
            store(shelf, {**donation.dict(), "id": len(shelf) + 1})
            report.taken += 1
            continue
        report.refused.append(RefusedLine(line=number, faults=faults))
    return report


@app.post("/kiosk/sign-on", status_code=204)
def sign_on(body: SignOn, settings: Config) -> None:
    known, given = settings.kiosk_secret, body.secret
    if not secrets.compare_digest(known.get_secret_value().encode(), given.get_secret_value().encode()):
        raise HTTPException(403, "Wrong secret.")


@app.post("/kiosk/loan-checks")
def check_loan(loan: LoanCheck) -> CheckedLoan:
    return CheckedLoan(**loan.dict(by_alias=True), days=(loan.ends_on - loan.starts_on).days)


@app.get("/desk")
def desk(settings: Config) -> DeskSign:
    return DeskSign(**settings.dict(exclude={"desk", "kiosk_secret"}), **settings.desk.dict())
