"""The app and its routes."""

import hmac
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, Response, status
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, SecretStr, TypeAdapter, ValidationError

from app.edge import Change, DonationIn, DonationOut, LoanCheck, PartOfChange
from app.inside import Configuration, Donation, Donor, read_configuration

log = logging.getLogger("intake")
router = APIRouter()


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    yield {"configuration": read_configuration(), "shelf": {}}


def the_shelf(request: Request) -> dict[int, Donation]:
    return cast("dict[int, Donation]", request.state.shelf)


def the_configuration(request: Request) -> Configuration:
    return cast("Configuration", request.state.configuration)


Shelf = Annotated[dict[int, Donation], Depends(the_shelf)]
Config = Annotated[Configuration, Depends(the_configuration)]


def wanted(donation_id: int, shelf: Shelf) -> Donation:
    if donation_id not in shelf:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such donation.")
    return shelf[donation_id]


Wanted = Annotated[Donation, Depends(wanted)]


def keep(shelf: dict[int, Donation], sent: DonationIn) -> Donation:
    donor = Donor(sent.donor.name, sent.donor.phone, sent.donor.access_code.get_secret_value())
    values = {name: getattr(sent, name) for name in Change.model_fields}
    donation = Donation(id=max(shelf, default=0) + 1, donor=donor, **values)
    shelf[donation.id] = donation
    return donation


def change(donation: Donation, to: Change) -> Donation:
    for name in Change.model_fields:
        setattr(donation, name, getattr(to, name))
    return donation


class Live(BaseModel):
    alive: bool = True


@router.get("/health/live")
async def live() -> Live:
    return Live()


@router.post("/donations", status_code=status.HTTP_201_CREATED)
async def give(sent: DonationIn, shelf: Shelf, response: Response) -> DonationOut:
    donation = keep(shelf, sent)
    response.headers["Location"] = f"/donations/{donation.id}"
    return DonationOut.model_validate(donation)


@router.get("/donations")
async def donations(shelf: Shelf) -> list[DonationOut]:
    return TypeAdapter(list[DonationOut]).validate_python(list(shelf.values()), from_attributes=True)


@router.get("/donations/{donation_id}", response_model=DonationOut)
async def donation(found: Wanted) -> Donation:
    return found


@router.put("/donations/{donation_id}", response_model=DonationOut)
async def put(found: Wanted, to: Change) -> Donation:
    return change(found, to)


@router.patch("/donations/{donation_id}", response_model=DonationOut)
async def patch(found: Wanted, part: PartOfChange) -> Donation:
    values = {name: getattr(found, name) for name in Change.model_fields}
    values |= {name: getattr(part, name) for name in part.model_fields_set}
    try:
        return change(found, Change.model_validate(values))
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error


class Line(BaseModel):
    line: int
    faults: list[dict[str, str | list[str | int]]]


class Report(BaseModel):
    taken: int
    refused: list[Line]


def told(faults: list[Any]) -> list[dict[str, Any]]:
    return [{"loc": list(fault["loc"]), "type": fault["type"], "msg": fault["msg"]} for fault in faults]


@router.post(
    "/donations/bulk",
    openapi_extra={"requestBody": {"content": {"application/x-ndjson": {"schema": {"type": "string"}}}}},
)
async def give_box(request: Request, shelf: Shelf) -> Report:
    lines = (await request.body()).split(b"\n")
    if len([line for line in lines if line.strip()]) > 500:
        raise HTTPException(status.HTTP_413_CONTENT_TOO_LARGE, "A box has 500 lines.")
    report = Report(taken=0, refused=[])
    for index, line in enumerate(lines):
        if line.strip():
            try:
                keep(shelf, DonationIn.model_validate_json(line))
                report.taken += 1
            except ValidationError as error:
                report.refused.append(Line(line=index + 1, faults=told(error.errors())))
    return report


class SignOn(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    secret: SecretStr


@router.post("/kiosk/sign-on", status_code=status.HTTP_204_NO_CONTENT)
async def sign_on(body: SignOn, configuration: Config) -> None:
    given = body.secret.get_secret_value().encode()
    if not hmac.compare_digest(given, configuration.secret.encode()):
        raise HTTPException(status.HTTP_403_FORBIDDEN, "Not the secret.")


@router.post("/kiosk/loan-checks")
async def check_loan(loan: LoanCheck) -> LoanCheck:
    return loan


class Desk(BaseModel):
    timezone: str
    max_open_loans: int
    debt_limit_cents: int
    opens: int
    closes: int


@router.get("/desk", response_model=Desk)
async def desk(configuration: Config) -> Configuration:
    return configuration


app = FastAPI(lifespan=lifespan)
app.include_router(router)


@app.exception_handler(RequestValidationError)
async def refuse(request: Request, error: RequestValidationError) -> JSONResponse:
    detail = told(list(error.errors()))
    log.warning(json.dumps({"path": request.url.path, "faults": detail}))
    return JSONResponse({"detail": detail}, status.HTTP_422_UNPROCESSABLE_CONTENT)
