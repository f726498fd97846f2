"""Lending: at the kiosk with its key, elsewhere with one's own token."""

# region 5.5
from fastapi import APIRouter, status

from app.callers import CurrentCaller
from app.dependencies import ShedClock
from app.loans import hand_out
from app.schemas import LoanOrder, LoanOut, Problem
from app.session import Session

router = APIRouter(tags=["lending"])


@router.post(
    "/loans",
    status_code=status.HTTP_201_CREATED,
    responses={
        status.HTTP_401_UNAUTHORIZED: {"model": Problem},
        status.HTTP_403_FORBIDDEN: {"model": Problem},
        status.HTTP_404_NOT_FOUND: {"model": Problem},
        status.HTTP_409_CONFLICT: {"model": Problem},
    },
)
async def lend(order: LoanOrder, _caller: CurrentCaller, session: Session, clock: ShedClock) -> LoanOut:
    """Lend a tool to a member."""
    return await hand_out(order, session, await clock.now())


# endregion
