"""Everything under `/counter`."""

# region 4.5
from fastapi import APIRouter, Depends, status

from app import board, export, lending, loans, reservations, returns, slips
from app.auth import current_member
from app.schemas import Problem

router = APIRouter(
    prefix="/counter",
    dependencies=[Depends(current_member)],
    responses={status.HTTP_401_UNAUTHORIZED: {"model": Problem}},
)
# endregion

for part in (board, loans, lending, returns, reservations, slips, export):
    router.include_router(part.router)
