"""Waiting for a tool."""

from fastapi import APIRouter, HTTPException, Request, Response, status

from app.auth import CurrentMember
from app.models import Reservation, Tool
from app.schemas import Problem, ReservationOrder, ReservationOut, RowId
from app.session import Session

router = APIRouter(
    prefix="/reservations",
    tags=["reservations"],
    responses={404: {"model": Problem}, 409: {"model": Problem}},
)


@router.post("", status_code=status.HTTP_201_CREATED)
def reserve(
    order: ReservationOrder, member: CurrentMember, session: Session, request: Request, response: Response
) -> ReservationOut:
    """Queue for a tool."""
    if session.get(Tool, order.tool_id) is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such tool.")
    reservation = Reservation(tool_id=order.tool_id, member_id=member.id)
    session.add(reservation)
    session.flush()
    response.headers["Location"] = request.url_for("read_reservation", reservation_id=reservation.id).path
    return ReservationOut.model_validate(reservation)


@router.get("/{reservation_id}")
def read_reservation(reservation_id: RowId, member: CurrentMember, session: Session) -> ReservationOut:
    """One reservation of the member's."""
    reservation = session.get(Reservation, reservation_id)
    if reservation is None or reservation.member_id != member.id:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "You have no such reservation.")
    return ReservationOut.model_validate(reservation)
