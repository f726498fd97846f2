"""What a request that does not fit its model is answered with, and what of it is written down."""

import logging

# region 2.7
from fastapi import Request, status
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel

# endregion

log = logging.getLogger("toolshed.refusals")


class Fault(BaseModel):
    """One thing that is wrong: where, by which rule, in words. What was sent is not in it."""

    loc: list[str | int]
    type: str
    msg: str


# region 2.7
class Refusal(BaseModel):
    """The body of a 422."""

    detail: list[Fault]


async def refuse(request: Request, error: RequestValidationError) -> JSONResponse:
    """Say what is wrong, and nothing of what was sent: any part of it may hold a secret."""
    # `Fault` has no field for `input` and `ctx`, so they stay behind.
    refusal = Refusal.model_validate({"detail": error.errors()})
    for fault in refusal.detail:
        log.warning("%s %s: %s (%s)", request.method, request.url.path, fault.loc, fault.type)
    return JSONResponse(refusal.model_dump(), status.HTTP_422_UNPROCESSABLE_CONTENT)


# endregion
