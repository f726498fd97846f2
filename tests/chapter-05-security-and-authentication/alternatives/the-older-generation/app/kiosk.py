"""Lending, by the kiosk or by members."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Security, status
from fastapi.security import APIKeyHeader
from sqlalchemy import select, update

from app.auth import member_of, not_allowed, optional_bearer, stranger
from app.dependencies import Config, ShedClock
from app.models import ApiKey, Loan, Member, Tool
from app.schemas import LoanOrder, LoanOut
from app.session import Session
from app.staff import fingerprint

router = APIRouter()
kiosk_key = APIKeyHeader(name="X-API-Key", auto_error=False)


async def may_lend(
    order: LoanOrder,
    key: Annotated[str | None, Security(kiosk_key)],
    token: Annotated[str | None, Security(optional_bearer)],
    session: Session,
    settings: Config,
) -> None:
    """Let a key or a member pass who may lend to this member."""
    if key is not None:
        known = select(ApiKey).where(ApiKey.digest == fingerprint(key, settings), ApiKey.revoked_at.is_(None))
        row = await session.scalar(known)
        if row is None:
            raise stranger("APIKey")
        if "loans:write" not in row.scopes:
            raise not_allowed("loans:write")
        return
    member = await member_of(token, session, settings) if token else None
    if member is None:
        raise stranger()
    own = "loans:own" in member.scopes and order.member_id == member.id
    if not own and "loans:write" not in member.scopes:
        raise not_allowed("loans:write")


@router.post("/loans", status_code=201, dependencies=[Depends(may_lend)])
async def lend(order: LoanOrder, session: Session, clock: ShedClock) -> LoanOut:
    """Lend a tool."""
    if await session.get(Member, order.member_id) is None or await session.get(Tool, order.tool_id) is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "Not found")
    left = update(Tool).where(Tool.id == order.tool_id, Tool.available > 0)
    if await session.scalar(left.values(available=Tool.available - 1).returning(Tool.id)) is None:
        raise HTTPException(status.HTTP_409_CONFLICT, "None left")
    loan = Loan(tool_id=order.tool_id, member_id=order.member_id, taken_at=await clock.now())
    session.add(loan)
    await session.flush()
    return LoanOut.model_validate(loan)
