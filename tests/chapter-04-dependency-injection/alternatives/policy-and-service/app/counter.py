"""Everything under `/counter`."""

from fastapi import APIRouter

from app import board, export, lending, loans, reservations, returns, slips

router = APIRouter(prefix="/counter")

for part in (board, loans, lending, returns, reservations, slips, export):
    router.include_router(part.router)
