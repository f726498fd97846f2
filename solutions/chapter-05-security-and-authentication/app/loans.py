"""How a tool changes hands."""

from datetime import datetime

from fastapi import HTTPException, status
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Loan, Member, Tool
from app.schemas import LoanOrder, LoanOut


async def hand_out(order: LoanOrder, session: AsyncSession, now: datetime) -> LoanOut:
    """Take a copy from the shelf and write the loan down."""
    for table, row_id, what in ((Member, order.member_id, "member"), (Tool, order.tool_id, "tool")):
        if await session.get(table, row_id) is None:
            raise HTTPException(status.HTTP_404_NOT_FOUND, f"There is no such {what}.")
    taken = await session.scalar(
        update(Tool)
        .where(Tool.id == order.tool_id, Tool.available > 0)
        .values(available=Tool.available - 1)
        .returning(Tool.id)
    )
    if taken is None:
        raise HTTPException(status.HTTP_409_CONFLICT, "No copy of this tool is left.")
    loan = Loan(tool_id=order.tool_id, member_id=order.member_id, taken_at=now)
    session.add(loan)
    await session.flush()
    return LoanOut.model_validate(loan)
