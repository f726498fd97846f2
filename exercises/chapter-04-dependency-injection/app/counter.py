"""Everything under `/counter`."""

# region 4.5
from fastapi import APIRouter

from app import board, export, lending, loans, reservations, returns, slips

router = APIRouter(prefix="/counter")
# endregion

for part in (board, loans, lending, returns, reservations, slips, export):
    router.include_router(part.router)
