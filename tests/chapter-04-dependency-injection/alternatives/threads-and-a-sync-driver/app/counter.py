"""Everything under `/counter`."""

from fastapi import APIRouter, Security

from app import board, export, lending, loans, reservations, returns, slips
from app.auth import current_member

router = APIRouter(prefix="/counter", dependencies=[Security(current_member)])

for part in (board, loans, lending, returns, reservations, slips, export):
    router.include_router(part.router)
