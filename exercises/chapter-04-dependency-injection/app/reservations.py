"""Waiting for a tool."""

from fastapi import APIRouter, HTTPException, Request, Response, status

from app.auth import CurrentMember
from app.models import Reservation, Tool
from app.schemas import Problem, ReservationOrder, ReservationOut, RowId
from app.session import Session

router = APIRouter(
    prefix="/reservations",
    tags=["reservations"],
    responses={status.HTTP_404_NOT_FOUND: {"model": Problem}, status.HTTP_409_CONFLICT: {"model": Problem}},
)


@router.post("", status_code=status.HTTP_201_CREATED)
async def reserve(
    order: ReservationOrder, member: CurrentMember, session: Session, request: Request, response: Response
) -> ReservationOut:
    """Queue for a tool."""
    if await session.get(Tool, order.tool_id) is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such tool.")
    reservation = Reservation(tool_id=order.tool_id, member_id=member.id)
    session.add(reservation)
    await session.flush()
    response.headers["Location"] = request.url_for("read_reservation", reservation_id=reservation.id).path
    return ReservationOut.model_validate(reservation)


@router.get("/{reservation_id}")
async def read_reservation(reservation_id: RowId, member: CurrentMember, session: Session) -> ReservationOut:
    """One reservation of the member's."""
    reservation = await session.get(Reservation, reservation_id)
    if reservation is None or reservation.member_id != member.id:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "You have no such reservation.")
    return ReservationOut.model_validate(reservation)
